"""Bad facts: one message naming the field, the value and what is accepted; unknown is not no."""

from datetime import date, datetime
from typing import ClassVar

import pytest

from microrelief.errors import FactsError
from microrelief.pathway.facts import UNKNOWN, example_file, questions
from microrelief.pathway.finding import Decision, decide
from microrelief.pathway.judge import JUDGES, judge
from microrelief.pathway.rulebook import read_rulebook
from tests.spec import claims, course, numbing, preparation, recovery, session, suitability

BOOK = read_rulebook()
DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("chapter", "given", "says"),
    [
        (
            suitability,
            {"age_years": 208},
            "age_years: 208 is not accepted; give a number of years from 0 to 120",
        ),
        (suitability, {"age": 30}, "age: 30 has no unit; the unit is part of the name: age_years"),
        (session, {"device_evidence_cap": 2}, "the unit is part of the name: device_evidence_cap_mm"),
        (suitability, {"fitzpatrik": "II"}, "did you mean fitzpatrick?"),
        (suitability, {"fitzpatrick": "VII"}, "give one of I, II, III, IV, V, VI"),
        (suitability, {"fitzpatrick_entered_by": "unknown"}, "entered by a person"),
        (suitability, {"pregnant_or_nursing": "no"}, 'give true, false or "unknown"'),
        (suitability, {"pregnant_or_nursing": 0}, 'give true, false or "unknown"'),
        (suitability, {"sunburnt_on": date(2026, 12, 2)}, "lies after the day of the visit, 2026-12-01"),
        (suitability, {"sunburnt_on": "last week"}, 'give a date such as 2026-11-22, or "never"'),
        (suitability, {"sunburnt_on": datetime(2026, 11, 2, 3, 4)}, "give a date"),
        (
            suitability,
            {"born_on": date(2000, 1, 1)},
            "age_years: 30 contradicts born_on 2000-01-01, which makes 26",
        ),
        (
            suitability,
            {"born_on": date(1996, 5, 1), "peel_on": date(1990, 1, 1)},
            "peel_on: 1990-01-01 lies before the birth",
        ),
        (suitability, {"isotretinoin_stopped_on": date(2026, 1, 1)}, "contradicts isotretinoin = 'never'"),
        (
            suitability,
            {"infection_in_field": True, "infection_cleared_on": DAY},
            "cannot be there and have cleared today",
        ),
        (preparation, {"session_on": date(2026, 11, 30)}, "lies before the day of the plan"),
        (preparation, {"uses": ["retinoid", "retinoid"]}, "give a list from retinoid"),
        (preparation, {"last_used": [{"product": "waxing", "on": date(2026, 11, 30)}]}, "contradicts uses"),
        (preparation, {"last_used": [{"product": "waxing"}]}, "last_used[1].on: is missing"),
        (numbing, {"grams": 0}, "grams: 0 is not accepted; give a number of grams from 0.1 to 500"),
        (numbing, {"grams": "45"}, "grams: '45' is not accepted"),
        (numbing, {"grams": 10**400}, "grams: a number of very many digits is not accepted"),
        (numbing, {"batch": "A\nB"}, "batch: 'A\\nB' is not accepted; give text"),
        (numbing, {"batch": ["x" * 500]}, "... is not accepted; give text"),
        (numbing, {"two\nlines": 1}, "is not a field here (value 1)"),
        (numbing, {7: 1}, "7: is not a field here"),
        (numbing, {"grams": float("nan")}, "grams: nan is not accepted"),
        (numbing, {"applied_at": "10:00", "removed_at": "09:00"}, "removed_at: lies before applied_at"),
        (
            numbing,
            {"applied_at": "09:00", "removed_at": "10:00"},
            "minutes_on: 90 contradicts the two times, which make 60",
        ),
        (numbing, {"product": "none"}, "grams: is given though product = 'none'"),
        (
            session,
            {"cartridge_made_on": DAY, "cartridge_expires_on": date(2026, 1, 1)},
            "lies before the day it was made",
        ),
        (session, {"device_evidence_cap_mm": 2}, "device_evidence_file: is missing"),
        (session, {"zones": []}, "zones: [] is not accepted; give a list of tables"),
        (session, {"zones": [{"zone": "cheek"}]}, "zones[1].needle_length_mm: is missing"),
        (session, {"drum_width_cm": 2}, "does not belong to a pen"),
        (
            recovery,
            {"visit_on": date(2026, 11, 30)},
            "session_on: 2026-12-01 lies after the day of the visit, 2026-11-30",
        ),
        (recovery, {"hours_since_session": 200}, "contradicts the two dates"),
        (course, {"sessions_without_detectable_change": 1}, "is more than sessions_done, 0"),
        (claims, {"after_on": date(2026, 1, 1)}, "does not lie after before_on"),
        (
            claims,
            {"score_after": 85},
            "score_after: 85 is outside goodman_baron_quantitative, which goes from 0 to 84",
        ),
    ],
)
def test_bad_facts_are_one_sentence(chapter, given, says):
    with pytest.raises(FactsError) as told:
        judge(chapter.STAGE, {**chapter.BASE, **given}, BOOK)
    assert says in str(told.value)
    assert "\n" not in str(told.value)


def test_the_day_is_never_read_from_a_clock():
    with pytest.raises(FactsError, match="visit_on: is missing"):
        judge("suitability", {}, BOOK)


def test_unknown_cannot_be_used_as_no():
    with pytest.raises(TypeError, match="neither yes nor no"):
        bool(UNKNOWN)


@pytest.mark.parametrize(
    "chapter", [suitability, numbing, session, recovery, claims], ids=lambda chapter: chapter.STAGE
)
def test_leaving_any_answer_out_is_asked_for_and_never_milder(chapter):
    required = {name for name, question in questions(chapter.STAGE).items() if question.required}
    silent = []
    for name in chapter.BASE.keys() - required:
        facts = {other: value for other, value in chapter.BASE.items() if other != name}
        try:
            outcome = judge(chapter.STAGE, facts, BOOK)
        except FactsError:  # the remaining facts contradict each other without it
            continue
        if outcome.complete:
            silent.append(name)
    assert sorted(silent) == sorted(ASKED_ONLY_WHERE_IT_MATTERS[chapter.STAGE])


# answers that change nothing in the plain case: at 30 no label matters, on a calm day 3 nothing is late
ASKED_ONLY_WHERE_IT_MATTERS = {
    "suitability": ["under_us_label"],
    "numbing": [],
    "session": ["cartridges_used_earlier"],
    "recovery": ["bruise", "device", "flaking", "needle_length_mm", "swelling"],
    "claims": ["before_on", "detectable_from", "measure", "testimonial"],
}


def test_facts_files_to_fill_in_name_every_question():
    for stage in JUDGES:
        text = example_file(stage)
        assert all(f"# {name} = " in text or f"[[{name}]]" in text for name in questions(stage))


def test_an_unanswered_file_is_the_same_as_unknown():
    left_out = judge("suitability", {"visit_on": DAY}, BOOK)
    said = judge("suitability", {"visit_on": DAY, "herpes_history": "unknown", "wound_in_field": None}, BOOK)
    assert left_out == said


class TestDecision:
    facts: ClassVar[dict[str, object]] = {**suitability.BASE, "isotretinoin": "now"}

    def test_a_disputed_exclusion_may_be_set_aside_with_a_reason_on_record(self):
        decision = {
            "does": "treat",
            "by": "Dr Berg",
            "why": "dose of 5 mg, discussed",
            "overrides": {"suitability.isotretinoin_now": "Spring 2017; consent signed"},
        }
        outcome = judge("suitability", {**self.facts, "decision": decision}, BOOK)
        assert outcome.verdict == "exclude"
        assert outcome.decision == Decision(
            "treat", "Dr Berg", DAY, "dose of 5 mg, discussed", decision["overrides"]
        )

    @pytest.mark.parametrize(
        ("decision", "says"),
        [
            ({"does": "treat"}, "decision.by: is missing"),
            ({"does": "treat", "by": "Dr Berg"}, "decision.why: is missing"),
            (
                {"does": "treat", "by": "Dr Berg", "why": "yes"},
                "lacks a reason for setting aside suitability.isotretinoin_now",
            ),
            ({"does": "wait", "by": "Dr Berg"}, "give one of treat, refer, defer, do not treat"),
            (
                {"does": "treat", "by": "Dr Berg", "why": "y", "overrides": {"x": "y"}},
                "'x' is no finding here",
            ),
            ("treat", "must be a table"),
        ],
    )
    def test_a_decision_without_who_or_why_is_refused(self, decision, says):
        with pytest.raises(FactsError) as told:
            judge("suitability", {**self.facts, "decision": decision}, BOOK)
        assert says in str(told.value)

    def test_open_questions_are_set_aside_one_by_one(self):
        facts = {**suitability.BASE, "keloid_tendency": "unknown"}
        outcome = judge("suitability", facts, BOOK)
        with pytest.raises(FactsError, match=r"suitability\.keloid \(ask\)"):
            decide(outcome, Decision("treat", "Dr Berg", DAY, "known from childhood"))

    def test_agreeing_needs_no_reason(self):
        outcome = judge(
            "suitability", {**self.facts, "decision": {"does": "do not treat", "by": "Dr Berg"}}, BOOK
        )
        assert outcome.decision is not None
