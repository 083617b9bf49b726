"""The sums that the sources publish, and the figures derived from them, come out of the code and the book."""

from datetime import date
from math import pi

import pytest

from microrelief.pathway.claims import smallest_detectable_change, upper_95_percent_of_none
from microrelief.pathway.course import published_series
from microrelief.pathway.instruments import ecca, goodman_baron_quantitative, score
from microrelief.pathway.judge import judge
from microrelief.pathway.numbing import grams_for, lidocaine_mg
from microrelief.pathway.rulebook import read_rulebook
from microrelief.pathway.session import pen_punctures_per_cm2, roller_punctures_per_cm2
from tests.spec import session

RULES = read_rulebook().on(date(2026, 11, 22))


def test_goodman_baron_quantitative_reaches_84_as_the_paper_adds_it_up():
    most = {item.name: 1000 for item in goodman_baron_quantitative.ITEMS}
    assert score("goodman_baron_quantitative", most).value == 2 * 3 + 3 * 6 + 4 * 9 + 6 + 18 == 84


def test_ecca_reaches_540_and_its_atrophic_rows_180():
    scored = score("ecca", {item.name: 1000 for item in ecca.ITEMS})
    assert scored.value == 180 * 3 == 540
    assert scored.parts["of which V, U and M"] == (15 + 20 + 25) * 3 == 180


def test_emla_60_grams_600_cm2_5_hours_and_the_whole_face_is_the_limit():
    emla = RULES["numbing.product_lidocaine_prilocaine"]
    assert (emla.number("max_grams"), emla.number("max_area_cm2"), emla.number("max_minutes") / 60) == (
        60,
        600,
        5,
    )
    assert grams_for(400, emla.number("grams_per_10_cm2")) == 60


def test_a_percent_is_ten_milligrams_in_a_gram():
    assert lidocaine_mg(60, 2.5) == 1500


def test_roller_makes_15_holes_a_pass_and_229_in_15():
    assert roller_punctures_per_cm2(1, 192, 2, 2) == pytest.approx(15.3, abs=0.05)
    assert roller_punctures_per_cm2(15, 192, 2, 2) == pytest.approx(229, abs=0.5)
    assert roller_punctures_per_cm2(1, 192, 2, 2) == pytest.approx(192 / (pi * 2 * 2))


def test_the_finding_shows_the_roller_s_sum():
    facts = {**session.BASE, "device": "roller", "zones": session.zone("cheek", 1.5, 15)}
    found = next(
        one for one in judge("session", facts, read_rulebook()).findings if one.rule.id == "session.density"
    )
    assert found.arithmetic == ("cheek: 15 x 192 / (pi x 2 cm x 2 cm) = 229 punctures/cm2",)


def test_pen_makes_about_1020_holes_a_pass():
    assert pen_punctures_per_cm2(1, 14, 7000 / 60, 2, 0.8) == pytest.approx(1020, abs=2)


@pytest.mark.parametrize(
    ("error_percent", "published"),
    [(5.7, 15.8), (7.3, 20.2), (3.4, 9.4)],
    ids=["3D volume, between raters", "3D volume, within a rater", "texture score"],
)
def test_smallest_detectable_changes(error_percent: float, published: float):
    assert smallest_detectable_change(error_percent) == pytest.approx(published, abs=0.05)


def test_a_texture_percentile_must_change_by_about_25_percent():
    assert (
        smallest_detectable_change(8)
        < RULES["claims.percentile"].number("percentile_detectable")
        < smallest_detectable_change(11)
    )


def test_the_borrowed_limits_are_the_rounded_sums():
    proxy = RULES["claims.proxy_detectable"]
    assert proxy.number("volume_from") == round(smallest_detectable_change(5.7))
    assert proxy.number("volume_to") == round(smallest_detectable_change(7.3))


def test_no_dark_mark_in_22_people_still_allows_15_percent():
    assert upper_95_percent_of_none(22) == pytest.approx(15, abs=0.5)
    laser = next(row.harm for row in published_series() if row.source == "cachafeiro2016")
    assert f"{100 * 3 / 22:.1f} percent with the laser" in laser


def test_shares_of_dark_marks_and_tracks_with_a_roller():
    marks, tracks = RULES["suitability.dark_skin"], RULES["session.roller"]
    assert round(100 * marks.number("marks_seen") / marks.number("patients")) == 17
    assert round(100 * tracks.number("tracks_seen") / tracks.number("patients")) == 7


def test_gain_over_the_untreated_side_is_three_points():
    rule = RULES["course.expectation"]
    assert rule.number("treated_fell") - rule.number("control_fell") == pytest.approx(rule.number("gain"))


@pytest.mark.parametrize(
    ("source", "before", "after", "less"), [("dogra2014", 11.73, 6.5, 45), ("minh2019", 36.5, 16.4, 55)]
)
def test_series_percentages_follow_from_their_scores(source: str, before: float, after: float, less: int):
    result = next(row.result for row in published_series() if row.source == source)
    assert round(100 * (before - after) / before) == less
    assert f"{before:g} to {after:g}" in result
    assert f"{less} percent less" in result
