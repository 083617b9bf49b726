# ruff: noqa: E501  sentences and selectors read best on one line
"""The page is one safe file that says what was found, and nothing that was not."""

import base64
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from microrelief.report import layers
from microrelief.report.page import page_html
from microrelief.report.picture import WIDTH, pair_picture
from tests.report import changes

ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


class Elements(HTMLParser):
    """Collects elements and what they carry."""

    def __init__(self, text):
        super().__init__()
        self.found, self.depth = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def words(html):
    text = re.sub(r"<(script|style)>.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def test_nothing_is_fetched_and_only_our_script_may_run(found):
    html = page_html(found)
    elements = Elements(html).found
    for tag, attributes in elements:
        for name in ("src", "href", "srcset", "data", "action"):
            value = attributes.get(name) or ""
            assert value.startswith(("data:", "#")) or not value, (tag, name, value[:60])
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (
            tag,
            attributes,
        )
    policy = next(
        a["content"] for t, a in elements if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        inside = re.search(rf"<{kind}>(.*?)</{kind}>", html, re.DOTALL).group(1)
        told = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{told}'" in policy


@pytest.mark.parametrize("refuse", [False, True])
def test_hostile_text_stays_text(found, refuse):
    facts = replace(
        changes.BEFORE_FACTS,
        make=ATTACK,
        model=ATTACK,
        lens=ATTACK,
        software=ATTACK,
        taken_at=ATTACK,
        colour_profile=ATTACK,
    )
    check = replace(changes.CHECKS[1], name=ATTACK, unit=ATTACK, says=ATTACK)
    change = changes.refused(found) if refuse else found
    change = replace(
        change,
        before=replace(change.before, path=Path(f"{ATTACK.replace('/', '')}\udcff\u202e.jpg"), facts=facts),
        comparability=replace(change.comparability, checks=(*change.comparability.checks, check)),
        relief=replace(change.relief, basis=ATTACK, flags=(ATTACK,)),
        seconds={ATTACK: 1.0},
        map_units=dict.fromkeys(("relief", "redness", "pigment"), ATTACK),
        zones={ATTACK: change.zones["nose"]},
        version=ATTACK,
    )
    html = page_html(change)
    html.encode("utf-8")
    elements = Elements(html).found
    assert sum(tag == "script" for tag, _ in elements) == 1
    assert not [
        attributes for tag, attributes in elements if "onerror" in attributes or attributes.get("src") == "x"
    ]
    assert "49" not in words(html).split("SHA-256")[0].partition(ATTACK[:8])[2][:10]
    assert "\u202e" not in html


def test_the_verdict_stands_first_and_each_number_has_its_interval(found):
    text = words(page_html(found)).replace("\u202f", " ")
    assert text.index("Scars read shallower.") < text.index("Look for yourself")
    assert "Scars read 31 % shallower (95 % interval 24 to 38 % shallower)" in text
    for number, interval in (("−31 %", "−38 to −24 %"), ("−4 %", "−15 to +8 %"), ("+18 %", "+6 to +30 %")):
        assert number in text
        assert interval in text
    for zone in ("Right cheek", "Left jaw", "Forehead"):
        assert zone in text


def test_a_refused_pair_leads_with_why_and_claims_no_number(refused):
    html = page_html(refused)
    text = words(html).replace("\u202f", " ")
    assert "Not comparable: these two photographs" in text
    assert text.index("The light comes from the other side.") < text.index("Look for yourself")
    assert "Put the lamp back on the mark" in text
    before_meaning = text.split("What these numbers mean")[0]
    assert "%" not in before_meaning.replace("± 3 %", ""), "a percentage in a refused report"
    assert "data-map" not in html.split("<script>")[0]
    assert html.count("<img ") == 5, "the photographs can still be looked at"


def test_no_change_is_said_as_plainly_as_a_change(unchanged):
    html = page_html(unchanged)
    assert "<h1>Relief, redness and pigment: no change we can measure.</h1>" in html


def test_every_check_is_in_the_audit(found):
    text = words(page_html(found))
    for check in found.comparability.checks:
        assert check.says in text


def test_a_pair_without_anything_valid_still_makes_a_page(refused):
    points = np.full_like(refused.pair.landmarks, np.nan)
    pair = replace(
        refused.pair,
        landmarks=points,
        before_map=np.full_like(refused.pair.before_map, np.nan),
        after_linear=np.full_like(refused.pair.after_linear, np.nan),
        zones={},
    )
    change = replace(refused, pair=pair, zones={}, maps={}, map_units={}, seconds={})
    assert "Not comparable" in page_html(change)
    assert pair_picture(change).size[0] == WIDTH


def test_comparable_pair_with_blank_maps_and_zones_still_makes_a_page(found):
    blank = {key: np.full_like(values, np.nan) for key, values in found.maps.items()}
    change = replace(found, maps=blank, pair=replace(found.pair, landmarks=np.full((478, 2), np.nan)))
    html = page_html(change)
    assert "Where it changed" not in html
    assert "nan" not in words(html.split("<script>")[0])


def test_original_layer_shows_the_untouched_photograph(found):
    """A grid that shows the photograph enlarged twice and moved: the original layer must find the same place again."""
    photo = found.before
    rows, columns = 200, 160
    row, column = np.mgrid[:rows, :columns].astype(np.float32)
    sampled = np.stack([row * 0.5 + 90, column * 0.5 + 100], axis=2)
    frame = layers.Frame(columns, rows, 0.2, 1.0)
    seen = layers.original(photo, sampled, frame)
    expected = cv2.remap(photo.srgb, sampled[..., 1], sampled[..., 0], cv2.INTER_LINEAR)
    assert np.abs(seen[5:-5, 5:-5].astype(int) - expected[5:-5, 5:-5]).mean() < 2.5


def test_original_layer_of_a_turned_photograph_is_not_turned_back(found):
    rows, columns = 200, 160
    row, column = np.mgrid[:rows, :columns].astype(np.float32)
    turn = np.radians(20)
    sampled = np.stack(
        [
            180 + (row - 100) * np.cos(turn) - (column - 80) * np.sin(turn),
            150 + (row - 100) * np.sin(turn) + (column - 80) * np.cos(turn),
        ],
        axis=2,
    )
    seen = layers.original(found.before, sampled.astype(np.float32), layers.Frame(columns, rows, 0.2, 1.0))
    straight = found.before.srgb[80:280, 70:230]
    assert np.abs(seen.astype(int) - straight).mean() < 6


def test_sixteen_bit_photographs_are_shown_alike(found):
    wide = replace(found.before, srgb=(found.before.srgb.astype(np.uint16) << 8))
    frame = layers.shown_frame(found, 300)
    eight, sixteen = (layers.original(photo, found.pair.before_map, frame) for photo in (found.before, wide))
    assert np.abs(eight.astype(int) - sixteen).max() <= 1


def test_colour_match_undoes_a_change_of_white_balance(found):
    tinted = found.pair.before_linear * np.array([0.8, 1.0, 1.25], np.float32)
    change = replace(found, pair=replace(found.pair, after_linear=tinted))
    np.testing.assert_allclose(layers.colour_gains(change), (1.25, 1.0, 0.8), rtol=0.01)


def test_map_colours_run_from_blue_over_light_to_orange_and_darken_alike():
    colours = layers.diverging_colours().astype(float)
    light = colours @ (0.2126, 0.7152, 0.0722)
    middle = len(colours) // 2
    assert colours[0, 2] > colours[0, 0] + 60
    assert colours[-1, 0] > colours[-1, 2] + 60
    assert (np.diff(light[: middle + 1]) >= -0.5).all()
    assert (np.diff(light[middle:]) <= 0.5).all()
    assert np.abs(light - light[::-1]).max() < 30


def test_unmeasured_skin_is_hatched_and_the_background_is_left_clear(found):
    drawn = layers.drawn_layers(found)
    overlay = np.asarray(Image.open(io.BytesIO(drawn.maps[0].overlay)).convert("RGBA"))
    assert overlay[0, 0, 3] == 0
    frame_rows = overlay.shape[0] / found.pair.valid.shape[0]
    hole = np.argwhere(
        layers._face_mask(found, layers.shown_frame(found, layers.MAP_LONG_SIDE))
        & ~cv2.dilate(
            cv2.resize(found.pair.valid.astype(np.uint8), overlay.shape[1::-1]), np.ones((5, 5), np.uint8)
        ).astype(bool)
    )
    assert frame_rows > 0
    assert set(np.unique(overlay[hole[:, 0], hole[:, 1], 3])) == {70, 150}


def test_pair_picture_is_bounded_and_says_the_same(found, refused):
    for change in (found, refused):
        picture = pair_picture(change)
        assert picture.mode == "RGB"
        assert 1600 <= picture.width <= 2400
        assert picture.height <= 2400


def test_page_stays_small(found):
    assert len(page_html(found).encode()) < 6e6


def test_a_grainy_photograph_does_not_swell_the_page():
    grain = np.random.default_rng(5).normal(128, 30, (1600, 1333, 3)).clip(0, 255).astype(np.uint8)
    clean = np.full((1600, 1333, 3), 128, np.uint8)
    assert len(layers.jpeg(grain)) < 1.1e6
    assert Image.open(io.BytesIO(layers.jpeg(clean))).size == (1333, 1600)
