"""The calendar is what RFC 5545 asks for, the same each time, and covers the days of the plan."""

import re
from datetime import date

from microrelief.pathway.calendar import plan_calendar
from microrelief.pathway.judge import judge
from microrelief.pathway.rulebook import read_rulebook
from microrelief.pathway.table import plan_text
from tests.spec.preparation import BASE

PLAN = judge("preparation", {**BASE, "uses": ["retinoid", "facial_or_peel"], "shaves": True}, read_rulebook())


def _unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def test_lines_end_with_cr_lf_and_hold_at_most_75_octets():
    text = plan_calendar(PLAN)
    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("\n") == text.count("\r\n")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_each_step_is_one_event_with_its_own_identifier():
    lines = _unfolded(plan_calendar(PLAN))
    uids = [line for line in lines if line.startswith("UID:")]
    assert (
        len(uids)
        == len(set(uids))
        == lines.count("BEGIN:VEVENT")
        == lines.count("END:VEVENT")
        == len(PLAN.steps)
    )
    for name in ("DTSTAMP", "DTSTART", "DTEND", "SUMMARY"):
        assert sum(line.startswith(name) for line in lines) == len(PLAN.steps)


def test_the_end_is_the_day_after_the_last_day():
    lines = _unfolded(plan_calendar(PLAN))
    at = next(at for at, line in enumerate(lines) if line.startswith("SUMMARY:Stop retinoid"))
    event = lines[at - 4 : at]
    assert "DTSTART;VALUE=DATE:20270102" in event
    assert "DTEND;VALUE=DATE:20270105" in event


def test_commas_are_escaped():
    lines = _unfolded(plan_calendar(PLAN))
    sun = next(line for line in lines if line.startswith("DESCRIPTION:Keep out of the sun"))
    assert "sunbeds\\, wear" in sun
    assert not re.search(r"[^\\][,;]", sun)


def test_the_same_plan_is_the_same_file_and_stamped_with_its_own_day():
    assert plan_calendar(PLAN) == plan_calendar(PLAN)
    assert "DTSTAMP:20261201T000000Z" in plan_calendar(PLAN)


def test_contact_points_follow_the_session():
    days = {step.on for step in PLAN.steps if step.rule.id == "recovery.contact_points"}
    assert days == {date(2027, 1, 6), date(2027, 1, 12), date(2027, 2, 2)}


def test_the_printed_plan_has_a_box_for_every_step():
    assert plan_text(PLAN, "Your plan").count("[ ]") == len(PLAN.steps)
