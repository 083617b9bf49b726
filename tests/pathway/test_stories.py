"""The worked stories and the how-to run, and print what they say."""

from pathlib import Path

import pytest

from tests.pathway.stories import STORIES, told_again


@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.stem)
def test_the_page_prints_what_it_says(page: Path):
    text = page.read_text(encoding="utf-8")
    assert "$ microrelief pathway" in text
    assert told_again(page) == text


def test_the_three_stories_end_as_they_are_told():
    straight, deferred, red_flag = (page.read_text(encoding="utf-8") for page in STORIES[:3])
    assert "suitability, judged for 2026-12-01: caution\n" in straight
    assert "claims, judged for 2027-06-10: ok\n" in straight
    assert "defer until 2026-12-09" in deferred
    assert "preparation, judged for 2027-01-04: move to 2027-01-07 or later" in deferred
    assert "recovery, judged for 2027-01-09: same day" in red_flag
