"""Whether it is too early to call photographs a result."""

from datetime import date, timedelta

import pytest

from microrelief.errors import FactsError
from microrelief.pathway.course import judge_moment
from microrelief.pathway.rulebook import read_rulebook

LAST = date(2027, 3, 2)


@pytest.mark.parametrize(("days", "level"), [(0, "caution"), (83, "caution"), (84, "ok"), (400, "ok")])
def test_before_the_review_it_is_too_early(days, level):
    finding = judge_moment(LAST, LAST + timedelta(days=days), read_rulebook())
    assert finding.level == level
    assert finding.rule.id == "course.review"
    if level == "caution":
        assert f"{days} days after the last session" in finding.says
        assert finding.earliest == LAST + timedelta(days=84)


def test_photographs_before_the_session_are_refused():
    with pytest.raises(FactsError, match="before the last session"):
        judge_moment(LAST, LAST - timedelta(days=1), read_rulebook())
