"""Each scale at its steps, and what it refuses."""

import pytest

from microrelief.errors import FactsError
from microrelief.pathway.instruments import NAMES, describe, ecca, goodman_baron_quantitative, score

NONE = {item.name: 0 for item in goodman_baron_quantitative.ITEMS}


@pytest.mark.parametrize(("lesions", "points"), [(0, 0), (1, 3), (10, 3), (11, 6), (20, 6), (21, 9)], ids=str)
def test_goodman_baron_quantitative_steps_at_10_and_20(lesions: int, points: int):
    assert score("goodman_baron_quantitative", {**NONE, "linear_or_troughed": lesions}).value == points


@pytest.mark.parametrize(("area", "points"), [(0, 0), (0.5, 6), (4.9, 6), (5, 12), (20, 12), (20.1, 18)])
def test_goodman_baron_keloidal_area(area: float, points: int):
    assert score("goodman_baron_quantitative", {**NONE, "keloidal_area_cm2": area}).value == points


@pytest.mark.parametrize(("scars", "points"), [(0, 0), (4, 25), (5, 50), (20, 50), (21, 75)])
def test_ecca_steps_at_5_and_20(scars: int, points: int):
    counts = {item.name: 0 for item in ecca.ITEMS}
    assert score("ecca", {**counts, "m_rolling": scars}).value == points


@pytest.mark.parametrize(
    ("scars", "contour", "obvious", "flat", "grade"),
    [
        (False, False, False, False, 0),
        (True, False, False, False, 1),
        (True, True, False, False, 2),
        (True, True, True, True, 3),
        (True, True, True, False, 4),
    ],
)
def test_goodman_baron_qualitative(scars: bool, contour: bool, obvious: bool, flat: bool, grade: int):
    seen = {"scars": scars, "contour": contour, "obvious_at_50_cm": obvious, "flat_when_stretched": flat}
    assert score("goodman_baron_qualitative", seen).value == grade


def test_scar_s_adds_three_sites():
    assert score("scar_s", {"face": 5, "chest": 5, "back": 5}).value == 15


@pytest.mark.parametrize(
    ("percent", "band"), [(0, 0), (24.9, 0), (25, 1), (49, 1), (50, 2), (75, 3), (100, 3)]
)
def test_quartile_satisfaction(percent: float, band: int):
    assert score("quartile_satisfaction", {"improvement_percent": percent}).value == band


@pytest.mark.parametrize(
    ("points", "words"), [(1, "no effect"), (2, "small"), (6, "moderate"), (11, "very"), (21, "extremely")]
)
def test_dlqi_bands_with_the_clinic_s_own_licence(points: int, words: str):
    answers = {f"item_{at}": 3 if at <= points // 3 else 0 for at in range(1, 11)}
    answers["item_10"] += points % 3 if points // 3 < 10 else 0
    scored = score("dlqi", {"licence": "clinic 12", **answers})
    assert scored.value == points
    assert words in scored.says
    assert any("Finlay" in caution for caution in scored.cautions)


@pytest.mark.parametrize(
    ("name", "answers", "says"),
    [
        ("ecca", {"v_icepick": 3}, "ecca.u_boxcar: is not answered, and a partial answer is not scored"),
        ("ecca", {"v_icepik": 3}, "ecca.v_icepik: is no item of it"),
        ("pain", {"pain": 11}, "pain.pain: 11 is not accepted; give a whole number from 0 to 10"),
        ("pain", {"pain": 3.5}, "3.5 is not accepted"),
        ("pain", {"pain": True}, "True is not accepted"),
        ("pain", {"pain": "unknown"}, "is not answered"),
        ("scar_s", {"face": 2, "chest": 0}, "scar_s.back: is not answered"),
        ("gais", {"grade": 3, "one_is_best": False}, "turn the grade"),
        (
            "goodman_baron_qualitative",
            {"scars": False, "contour": True, "obvious_at_50_cm": False, "flat_when_stretched": False},
            "false contradicts a contour",
        ),
        ("posas_observer", {f"item_{at}": 1 for at in range(1, 7)}, "posas_observer.licence: is missing"),
        ("face_q", {"licence": "x", "rasch_score": 101}, "101 is not accepted"),
        ("scars", {}, "is no scale here; accepted are goodman_baron_qualitative"),
    ],
)
def test_what_is_refused(name: str, answers: dict[str, object], says: str):
    with pytest.raises(FactsError) as told:
        score(name, answers)
    assert says in str(told.value)


def test_every_scale_describes_itself_and_no_licensed_text_is_there():
    for name in NAMES:
        assert describe(name).startswith("# ")
    assert "Item 1 of your licensed form" in describe("dlqi")
