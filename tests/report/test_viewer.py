# ruff: noqa: E501  sentences and selectors read best on one line
"""The page in a real browser: the five modes, the keys, one zoom for all, no network, no overflow."""

from pathlib import Path

import pytest

from microrelief.report.page import page_html
from tests.report.test_page import ATTACK

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MODES = {"s": "side", "d": "slider", "o": "overlay", "f": "flicker", "x": "difference"}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(found, refused, tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    (place / "found.html").write_text(page_html(found), "utf-8")
    (place / "refused.html").write_text(page_html(refused), "utf-8")
    return place


@pytest.fixture
def visit(browser, folder):
    """Opens a page; at the end nothing may have been fetched and nothing may have gone wrong in it."""
    contexts, troubles = [], []

    def opened(name="found.html", width=1280, height=900, **settings):
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(("data:", "file:")) else troubles.append(asked.url),
        )
        page.goto((folder / name).as_uri())
        page.wait_for_selector("#viewer.on")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def state(page):
    return page.evaluate("({...document.getElementById('viewer').dataset})")


def test_keys_walk_the_modes_and_the_zoom_stays(visit):
    page = visit()
    page.locator(".stage").focus()
    fitted = float(state(page)["zoom"])
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    zoomed = state(page)
    assert float(zoomed["zoom"]) == pytest.approx(fitted * 1.25**4, rel=0.01)
    for key, mode in MODES.items():
        page.keyboard.press(key)
        now = state(page)
        assert now["mode"] == mode
        assert [now[name] for name in ("x", "y", "zoom", "otherZoom")] == [
            zoomed[name] for name in ("x", "y", "zoom", "otherZoom")
        ]
        moved = page.evaluate("[...document.querySelectorAll('.pane-a .world')].map(w => w.style.transform)")
        assert len(set(moved)) == 1, "the layers of a pane lie on each other"
    page.keyboard.press("s")
    both = page.evaluate("[...document.querySelectorAll('.pane .world')].map(w => w.style.transform)")
    assert len(set(both)) == 1, "both panes show the same place"
    page.keyboard.press("0")
    assert float(state(page)["zoom"]) == pytest.approx(fitted, rel=0.01)


def test_layers_one_key_apart(visit):
    page = visit()
    shown = "[...document.querySelectorAll('.pane-b .slot-after img')].filter(i => i.offsetParent).map(i => i.dataset.layer)"
    before = "[...document.querySelectorAll('.pane-a .slot-before img')].filter(i => i.offsetParent).map(i => i.dataset.layer)"
    for key, after_layer, before_layer in (
        ("1", "original", "original"),
        ("2", "aligned", "aligned"),
        ("3", "matched", "aligned"),
    ):
        page.keyboard.press(key)
        assert page.evaluate(shown) == [after_layer]
        assert page.evaluate(before) == [before_layer]


def test_slider_by_keyboard_clips_and_never_resizes(visit):
    page = visit()
    page.keyboard.press("d")
    size = page.evaluate(
        "(() => { const b = document.querySelector('.pane-a .slot-after img').getBoundingClientRect(); return [b.width, b.height]; })()"
    )
    divider = page.locator("#divider")
    divider.focus()
    clip = "document.querySelector('.pane-a .slot-after').style.clipPath"
    seen = {page.evaluate(clip)}
    for key, value in (("ArrowRight", "51"), ("Home", "0"), ("End", "100"), ("PageDown", "90")):
        page.keyboard.press(key)
        assert divider.input_value() == value
        seen.add(page.evaluate(clip))
    assert len(seen) == 5
    assert divider.get_attribute("aria-valuetext").replace("\u202f", " ") == "90 % before, 10 % after"
    assert size == page.evaluate(
        "(() => { const b = document.querySelector('.pane-a .slot-after img').getBoundingClientRect(); return [b.width, b.height]; })()"
    )


def test_drag_wheel_and_buttons_do_the_same(visit):
    page = visit()
    page.locator(".stage").scroll_into_view_if_needed()
    box = page.locator(".pane-a").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(100)
    wheel = float(state(page)["zoom"])
    x = float(state(page)["x"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 60, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    assert float(state(page)["x"]) > x
    page.get_by_role("button", name="Move left").click()
    assert float(state(page)["x"]) == pytest.approx(x, abs=0.5), "a button undoes a drag of the same length"
    page.get_by_role("button", name="Zoom out").click()
    assert float(state(page)["zoom"]) < wheel


def test_unlinked_panes_move_alone_and_link_again(visit):
    page = visit()
    page.keyboard.press("l")
    page.locator(".stage").focus()
    page.keyboard.press("+")
    now = state(page)
    assert now["zoom"] != now["otherZoom"]
    page.keyboard.press("l")
    now = state(page)
    assert now["zoom"] == now["otherZoom"]


def test_pixel_lock_puts_whole_pixels_on_the_screen(visit):
    page = visit(device_scale_factor=2)
    page.keyboard.press("p")
    for _ in range(2):
        assert (float(state(page)["zoom"]) * 2) % 1 == 0
        page.keyboard.press("+")


def test_ruler_follows_the_zoom(visit, found):
    page = visit()
    for _ in range(3):
        width = page.evaluate("document.querySelector('.pane-a .ruler-bar').getBoundingClientRect().width")
        millimetres = float(page.locator(".pane-a .ruler-text").inner_text().split()[0])
        assert width == pytest.approx(
            millimetres / found.pair.mm_per_pixel * float(state(page)["zoom"]), rel=0.02
        )
        for _ in range(3):
            page.keyboard.press("+")


def test_flicker_stands_still_when_less_motion_is_asked_for(visit):
    page = visit(reduced_motion="reduce")
    page.keyboard.press("f")
    assert page.locator("#flicker-play").is_disabled()
    first = state(page)["shown"]
    page.wait_for_timeout(1300)
    assert state(page)["shown"] == first
    page.get_by_role("button", name="Show the other").click()
    assert state(page)["shown"] != first


def test_flicker_never_flashes_more_than_three_times_a_second(visit):
    page = visit()
    page.keyboard.press("f")
    page.select_option("#flicker-every", "500")
    page.evaluate(
        "window.changes = 0; new MutationObserver(seen => window.changes += seen.length)"
        ".observe(document.getElementById('viewer'), {attributeFilter: ['data-shown']})"
    )
    page.wait_for_timeout(2200)
    assert 2 <= page.evaluate("window.changes") <= 12, (
        "two changes make a flash; at most three flashes a second"
    )


def test_swap_turns_the_order(visit):
    page = visit()
    left = "document.querySelector('.pane-a').getBoundingClientRect().left < document.querySelector('.pane-b').getBoundingClientRect().left"
    assert page.evaluate(left)
    page.keyboard.press("w")
    assert not page.evaluate(left)


def test_letter_keys_can_be_switched_off(visit):
    page = visit()
    page.keyboard.press("h")
    page.locator("#keys-on").uncheck()
    page.keyboard.press("d")
    assert state(page)["mode"] == "side"


@pytest.mark.parametrize("name", ["found.html", "refused.html"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_overflows_and_targets_are_large(visit, name, width):
    page = visit(name, width=width, height=780)
    for key in MODES:
        page.keyboard.press(key)
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), key
    small = page.evaluate(
        "[...document.querySelectorAll('button, select, input[type=range]')].filter(e => e.offsetParent)"
        ".map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, b]) => b.height < 43.5 || b.width < 43.5).map(([t]) => t)"
    )
    assert small == []


def test_strip_stays_in_sight_and_never_hides_the_focus(visit):
    page = visit(width=390, height=780, reduced_motion="reduce")
    page.locator("footer").scroll_into_view_if_needed()
    strip = page.locator(".strip").bounding_box()
    assert strip["y"] == pytest.approx(0, abs=1)
    assert strip["height"] < 780 * 0.25
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        focused = page.evaluate(
            "(() => { const b = document.activeElement.getBoundingClientRect(); return [b.bottom, document.activeElement.className]; })()"
        )
        if focused[1] != "skip":
            assert focused[0] > strip["height"]


def test_without_the_script_the_pair_stands_side_by_side(browser, folder):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.goto((folder / "found.html").as_uri())
    boxes = [page.locator(f".pane-{side} img[data-layer=aligned]").bounding_box() for side in "ab"]
    assert boxes[0]["width"] > 300
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[1]["x"] > boxes[0]["x"]
    assert not page.locator("#divider").is_visible()
    context.close()


def test_hostile_names_do_not_run(visit, folder, found):
    from dataclasses import replace

    from tests.report import changes

    facts = replace(changes.BEFORE_FACTS, model=ATTACK, software=ATTACK)
    (folder / "hostile.html").write_text(
        page_html(replace(found, before=replace(found.before, facts=facts))), "utf-8"
    )
    page = visit("hostile.html")
    page.wait_for_timeout(200)
    assert page.locator("td", has_text="<script>alert(1)").count() > 0
