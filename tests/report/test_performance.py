"""The record of right and wrong answers in the report: only what the card says."""

import json
import re
from pathlib import Path

from microrelief.report.performance import performance_drawing, performance_sentences, read_performance

CARD = Path(__file__).parents[2] / "docs" / "performance-card.md"


def test_the_report_and_the_card_say_the_same() -> None:
    figures, card = read_performance(), CARD.read_text(encoding="utf-8")
    improved = re.search(r"same skin called improved \| (\d+) of (\d+)", card)
    assert improved is not None
    assert [int(n) for n in improved.groups()] == [
        figures["same_skin_called_improved"],
        figures["same_skin_pairs"],
    ]
    for change, (hits, trials) in figures["found"].items():
        assert f"| true {change} % found | {hits} of {trials} |" in card


def test_every_figure_of_the_drawing_is_also_in_words() -> None:
    drawing = str(performance_drawing())
    for hits, trials in read_performance()["found"].values():
        assert drawing.count(f"{hits} of {trials}") >= 2
    assert "<script" not in drawing


def test_the_sentences_name_the_bound_and_the_limits() -> None:
    said = " ".join(performance_sentences())
    assert f"at most {read_performance()['same_skin_upper_percent']} %" in said
    assert "not patients" in said
    json.dumps(said)
