"""Every page of the access table, with real records, in a real browser: axe finds nothing, nothing is
wider than the screen, the browser complains of nothing. `MICRORELIEF_WIDTHS=390,1280` walks both widths.
"""

import os
from pathlib import Path

import pytest

from tests.functional.keys import Keys
from tests.functional.opened import SCREENS, Opened, opened, why_not
from tests.functional.staged import AFTER

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = [int(width) for width in os.environ.get("MICRORELIEF_WIDTHS", "390").split(",")]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}
GRAVE = ("serious", "critical", "moderate")
RUN = """async (rules) => (await axe.run(document, {resultTypes: ["violations"], ...rules})).violations
  .map((one) => [one.impact, one.id, ...one.nodes.slice(0, 3).map((node) => node.html.slice(0, 140))])"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if says := why_not():
        pytest.skip(says)
    with opened(tmp_path_factory.mktemp("staged")) as found:
        yield found


def axe() -> str:
    """The script itself: it is evaluated over the debugging protocol, which no policy of the page forbids."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(clinic: Opened, width: int):
    page, script = clinic.page, axe()
    clinic.measured()
    page.set_viewport_size({"width": width, "height": SCREENS[width]})
    found, seen = [], 0
    for name, place in clinic.pages():
        if not clinic.open(place):
            continue
        seen += 1
        page.evaluate(script)
        found += [f"{name}: {' '.join(one)}" for one in page.evaluate(RUN, RULES) if one[0] in GRAVE]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name}: wider than {width}")
    assert not found, "\n".join(found)
    assert seen >= 50


def test_two_sets_are_compared_and_looked_at_by_keyboard_alone(clinic: Opened):
    page, keys = clinic.page, Keys(clinic.page)
    clinic.open(clinic.places["patient"][0])
    for nth in (0, 1):
        keys.to(f"#spine li:nth-child({nth + 1} of li:has([name=set])) [name=set]")
        keys.press("Space")
    keys.to("#spine form button", back=True)
    keys.press("Enter")
    page.wait_for_selector(".viewer.on", timeout=240_000)
    for mode in ("slider", "overlay", "flicker", "difference", "side"):
        keys.to(f"button[data-mode={mode}]", back=mode == "side")
        keys.press("Enter")
        assert page.get_attribute("#viewer", "data-mode") == mode
    keys.go("nav a[href$='/summary/']")
    assert "Your skin in two photographs" in page.inner_text("main")
    assert not keys.faults, "\n".join(keys.faults)


def test_a_consent_is_withdrawn_with_one_press_of_a_key(clinic: Opened):
    page, keys = clinic.page, Keys(clinic.page)
    clinic.open(clinic.places["consents"][0])
    given = page.locator(".tag.good:has-text('given')").count()
    keys.go("form[action$='/withdraw/'] button")
    assert page.locator(".tag.good:has-text('given')").count() == given - 1
    assert not keys.faults, "\n".join(keys.faults)


def test_a_photograph_of_another_patient_is_asked_about_before_it_stays(clinic: Opened):
    page = clinic.page
    clinic.open(clinic.places["capture"][1])
    page.set_input_files("#file", str(AFTER))
    page.wait_for_selector("#asks:has-text('is filed under patient 000001')")
    page.click("#asks button:has-text('Take it out')")
    page.wait_for_selector(
        "#asks:not(:has-text('is filed under'))", state="attached"
    )  # nothing is left to show


def test_the_browser_complained_of_nothing(clinic: Opened):
    assert clinic.troubles == []
