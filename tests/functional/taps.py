"""`python -m tests.functional.taps`: how many taps and seconds the clinic's most frequent steps take.

A script taps faster than a hand, and a laden computer answers slower than an idle one. So three numbers stand
side by side: what must be tapped and typed; what the pages took; and that with hands, by the keystroke-level
model (Card, Moran and Newell 1980: 1.1 s to point, 0.28 s a key), which leaves reading and thinking out.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.functional import first_story as story
from tests.functional.conftest import Browser, open_clinic
from tests.web.conftest import AFTER
from tests.web.test_capture_browser import y4m

POINT_SECONDS, KEY_SECONDS = 1.1, 0.28
PAINTED = """() => performance.getEntriesByName("first-contentful-paint")[0].startTime / 1000"""


@dataclass(frozen=True)
class Step:
    """One frequent step, and what is to be met."""

    name: str
    target: str
    taps: int
    typed: int
    seconds: float
    met: Callable[["Step"], bool]

    @property
    def by_hand(self) -> float:
        """Seconds with hands, and without reading."""
        return self.seconds + self.taps * POINT_SECONDS + self.typed * KEY_SECONDS

    def __str__(self) -> str:
        return (
            f"| {self.name} | {self.target} | {self.taps} | {self.typed} | {self.seconds:.1f} | "
            f"{self.by_hand:.0f} | {'met' if self.met(self) else 'missed'} |"
        )


def measured(anna: Browser, name: str, target: str, met: Callable[[Step], bool]) -> Step:
    typed = anna.typed
    taps, seconds = anna.count()
    return Step(name, target, taps, typed, seconds, met)


def steps(anna: Browser) -> list[Step]:
    """Anna's course, with the frequent steps counted."""
    prepare(anna)
    patient = anna.page.url
    return [find(anna), *photographs(anna, patient), session(anna, patient), *later(anna, patient)]


def prepare(anna: Browser) -> None:
    story.new_patient(anna)
    story.consult(anna)
    story.decide(anna)
    story.plan(anna)
    anna.press("Agree")
    anna.sees("Agreed on")
    anna.press("Sign: Treatment")
    story.sign_consent(anna)
    anna.sees("Written down.")
    anna.tap(".who h1 a")
    anna.page.wait_for_selector("#spine")


def find(anna: Browser) -> Step:
    anna.go("/today/")
    anna.count()
    anna.fill("q", "som")
    anna.tap("form[role=search] button")
    anna.page.wait_for_selector("#spine")
    return measured(anna, "find a patient", "at most 2 actions", lambda one: one.taps <= 2)


def photographs(anna: Browser, patient: str) -> list[Step]:
    page = anna.page
    page.goto(patient)
    anna.count()
    anna.press("Take photographs")
    page.wait_for_selector("#live.on")
    anna.tap("#shutter:not([disabled])")
    page.wait_for_selector('[data-view="front"] .step-state:has-text("kept")')
    first = measured(anna, "first photograph", "at most 10 s", lambda one: one.by_hand <= 10)
    for view in ("left_45", "right_45", "left_90", "right_90"):
        page.wait_for_selector(f'[data-view="{view}"][aria-current="step"]')
        anna.tap("#shutter:not([disabled])")
    page.wait_for_selector('[data-view="close_up"][aria-current="step"]')
    anna.tap("#done:not([disabled])")
    page.wait_for_url("**/sets/**")
    rest = measured(anna, "", "", lambda _: True)
    whole = Step(
        "set of five views", "at most 90 s", first.taps + rest.taps, 0, first.seconds + rest.seconds,
        lambda one: one.by_hand <= 90,
    )  # fmt: skip
    return [first, whole]


def session(anna: Browser, patient: str) -> Step:
    """The second session, copied from the first."""
    anna.page.goto(patient)
    anna.press("Session")
    anna.tap("[name=rest][value=since]")
    anna.answer("kept_to_sheet", "yes")
    anna.answer("photos_before_numbing", "yes")
    story.numb(anna)
    story.device(anna)
    story.cartridge(anna)
    anna.page.wait_for_selector("#blocks .note.good", timeout=90_000)
    anna.press("Begin needling")
    story.needle(anna)
    story.end(anna)
    anna.page.wait_for_selector("#missing .note.good", timeout=90_000)
    anna.press("Sign as")
    anna.sees("Session 1")
    anna.later(28)
    anna.page.goto(patient)
    anna.count()
    anna.press("Session")
    anna.press("Copy last session")
    anna.tap("[name=rest][value=since]")
    story.as_before(anna)
    anna.page.wait_for_selector("#blocks .note.good", timeout=90_000)
    anna.press("Begin needling")
    story.end(anna)
    anna.page.wait_for_selector("#missing .note.good", timeout=90_000)
    anna.press("Sign as")
    anna.sees("Session 2")
    return measured(anna, "session, copied forward", "at most 60 s", lambda one: one.by_hand <= 60)


def later(anna: Browser, patient: str) -> list[Step]:
    """The second set, its comparison, and a consent that is withdrawn."""
    page = anna.page
    y4m(AFTER, anna.camera)
    anna.later(128)
    page.goto(patient)
    story.photograph(anna)
    page.goto(patient)
    page.locator("#spine a:has-text('Compared with')").click()
    page.wait_for_selector(".viewer.on", timeout=240_000)
    page.goto(patient)
    anna.count()
    anna.tap("#spine a:has-text('Compared with')")
    page.wait_for_selector(".viewer.on")
    painted = page.evaluate(PAINTED)
    opened = measured(
        anna, f"compare from the timeline (first paint {painted:.1f} s)", "1 click, first paint at most 2 s",
        lambda one: one.taps <= 1 and painted <= 2,
    )  # fmt: skip
    page.goto(f"{patient}consents/")
    anna.count()
    anna.tap("button.danger:has-text('Withdraw')")
    page.wait_for_selector(".tag:has-text('withdrawn')")
    return [opened, measured(anna, "withdraw a consent", "1 click", lambda one: one.taps <= 1)]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        anna, chromium = open_clinic(playwright, Path(folder))
        try:
            found = steps(anna)
        finally:
            chromium.close()
            anna.server.stop()
    print("| Step | Target | Taps | Keys | Pages, s | With hands, s | |\n|---|---|---|---|---|---|---|")
    print("\n".join(map(str, found)))
    return 0 if all(one.met(one) for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
