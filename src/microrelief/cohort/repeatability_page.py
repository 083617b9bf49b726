"""A Retest becomes what people read: a screen of text, the same as a page, and a plot of every repeat."""

import io
import textwrap

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure  # without pyplot: no window system and no global state is touched

from microrelief.cohort.repeatability_file import percentages
from microrelief.cohort.retest import Retest
from microrelief.imaging.change.repeatability import ADVISED_PAIRS, SCALES, Scatter, off_scale
from microrelief.report import wording

PLOT = "repeatability.png"
PAGE = "repeatability.md"
COLUMNS, INDENT = 96, 18


def repeatability_text(retest: Retest) -> str:
    """One screen for the terminal."""
    lines = [f"{retest.understood} {_answered(retest)}"]
    for measure in SCALES:
        title = wording.measure(measure).title
        lines += ["", *_measure_lines(title, measure, retest.repeatability.measures.get(measure))]
    return "\n".join(part for line in [*lines, "", *_advice(retest)] for part in _wrapped(line)).rstrip()


def _wrapped(line: str) -> list[str]:
    """Under the figures, not under their names."""
    indent = " " * INDENT if line.startswith("  ") else ""
    return textwrap.wrap(line, COLUMNS, subsequent_indent=indent) or [""]


def repeatability_page(retest: Retest) -> str:
    """The same as Markdown, with a table and the plot."""
    rows = []
    for measure, scatter in retest.repeatability.measures.items():
        found = percentages(measure, scatter)
        rows.append(
            f"| {wording.measure(measure).title} | {scatter.pairs} of {_people(scatter)} "
            f"| {wording.signed(found['bias_percent'])} ({wording.signed(found['bias_low_percent'])} to "
            f"{wording.signed(found['bias_high_percent'])}) | {scatter.within_deviation:.3f} "
            f"| {wording.percent(found['coefficient_percent'])} "
            f"| {wording.percent(found['detectable_percent'])} | {scatter.held} | {scatter.factor:.2f} |"
        )
    return "\n".join(
        [
            "# Repeatability",
            "",
            f"{retest.made_on}, Microrelief {retest.repeatability.version}. {retest.understood}",
            _answered(retest),
            "",
            "| Measure | Pairs | Mean change (95 % interval) | Deviation within a person "
            "| Repeatability coefficient | Detectable change | Own intervals that held | Scatter over "
            "interval |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"![Every repeat: its change against what its own interval allowed]({PLOT})",
            "",
            "Nothing had changed, so 95 dots out of 100 should lie within the grey wedge: it is what each "
            "comparison allowed itself. A ratio has no level to plot against, so the axis to the right is "
            "the pair's own half interval. Blue: mean change. Red: repeatability coefficient.",
            "",
            *_advice(retest),
            "",
        ]
    )


def _answered(retest: Retest) -> str:
    refused, count = retest.repeatability.refused, len(retest.compared)
    if not refused:
        return "All can be compared."
    reasons = ", ".join(f"{reason} ({times})" for reason, times in retest.reasons)
    return f"{refused} of {count} of your repeats are not comparable: {reasons}."


def _measure_lines(title: str, measure: str, scatter: Scatter | None) -> list[str]:
    if scatter is None:
        return [f"{title}: too few repeats show any; nothing is known of it here."]
    found = percentages(measure, scatter)
    steady = scatter.bias_low <= 0 <= scatter.bias_high
    return [
        f"{title}: {scatter.pairs} pairs of {_people(scatter)}; "
        f"{scatter.held} of {scatter.pairs} intervals held no change.",
        f"  Mean change     {wording.signed(found['bias_percent'])} "
        f"({wording.signed(found['bias_low_percent'])} to {wording.signed(found['bias_high_percent'])})"
        + ("" if steady else ": the second differs as a rule; find out what changes between the two"),
        f"  Repeatability   {wording.percent(found['coefficient_percent'])}: 95 of 100 repeats read a "
        "smaller change",
        f"  Detectable      {wording.percent(found['detectable_percent'])}: what this many pairs let you "
        "promise, at 95 % confidence",
        f"  Intervals       {_intervals(scatter)}",
    ]


def _people(scatter: Scatter) -> str:
    return "1 person" if scatter.people == 1 else f"{scatter.people} people"


def _intervals(scatter: Scatter) -> str:
    if scatter.factor > 1:
        return f"widened {scatter.factor:.2f} times from now on: your repeats scatter more than they assumed"
    return f"stay as they are: your repeats scatter {scatter.factor:.2f} times what they assumed"


def _advice(retest: Retest) -> list[str]:
    fewest = min(scatter.degrees_of_freedom for scatter in retest.repeatability.measures.values())
    if fewest >= ADVISED_PAIRS:
        return []
    return [
        f"{fewest} independent repeats know little: with {ADVISED_PAIRS} people or more, photographed twice, "
        "the detectable change comes down."
    ]


def repeatability_plot(retest: Retest) -> bytes:
    """A PNG after Bland and Altman 1986: a panel for each measure, a dot for each repeat."""
    measures = retest.repeatability.measures
    figure = Figure(figsize=(4.2 * len(measures), 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    panels = np.atleast_1d(figure.subplots(1, len(measures)))
    for panel, (measure, scatter) in zip(panels, measures.items(), strict=True):
        readings = np.array(
            [pair.readings[measure] for pair in retest.compared if measure in pair.readings], float
        )
        half = (readings[:, 2] - readings[:, 1]) / 2
        bias, above, below = (
            off_scale(measure, value) for value in (scatter.bias, scatter.coefficient, -scatter.coefficient)
        )
        right = 1.15 * float(half.max())
        reach = 1.15 * max(float(np.abs(readings[:, 0]).max()), above, right)
        panel.fill_between([0, right], [0, right], [0, -right], color="0.9", lw=0)
        panel.axhline(0, color="0.4", lw=0.8)
        panel.axhline(bias, color="tab:blue", lw=1.2)
        for line in (above, below):
            panel.axhline(line, color="tab:red", lw=1.2, ls="--")
        panel.plot(half, readings[:, 0], "o", color="black", ms=4.5, alpha=0.75)
        panel.set(
            xlim=(0, right),
            ylim=(-reach, reach),
            title=f"{wording.measure(measure).title}, {scatter.pairs} pairs",
            xlabel="half of the pair's own 95 % interval, %",
        )
    panels[0].set_ylabel("change that was read, truth 0, %")
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=130, metadata={"Software": None})
    return written.getvalue()
