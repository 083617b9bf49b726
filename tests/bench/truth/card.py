"""Rows become the performance card: a page, a picture, and the figures that the report prints."""

import datetime
import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

from scipy.stats import beta

from microrelief.version import __version__
from tests.bench.truth.judge import Row
from tests.bench.truth.material import GROUPS, LAMP

FINE = GROUPS[1].name
PLAIN_CALLS_PERCENT = 10
"""A plain texture score "sees improvement" when it falls by more than this."""


def write_card(rows: list[Row], docs: Path, people: list[str] | None = None) -> None:
    """Write docs/performance-card.md, docs/images/performance.png and the report's performance.json."""
    judged = [row for row in rows if "error" not in row]
    failed = [row for row in rows if "error" in row]
    same = [r for r in judged if _is_same(r)]
    changed = [r for r in judged if r["truth"] != 0 and r["category"].startswith("depth")]
    swapped = _mirrors(judged)
    text = "\n".join(
        [
            *_head(judged, failed),
            *_bars(same, changed, swapped, [r for r in judged if r["category"] == "saved again"]),
            *_by(
                f"Grade that the audit gave, at {FINE}",
                lambda r: str(r["grade"]),
                [r for r in same if r["group"] == FINE],
                [r for r in changed if r["group"] == FINE],
            ),
            *_by("Skin tone (1 light to 6 dark)", lambda r: f"{r['tone']}", same, changed),
            *_by("Resolution, mm per pixel", _resolution, same, changed),
            *_by("How strongly scars are coloured", _colouring, same, changed),
            *_by("Light that wanders inside the skin", _wandering, same, changed),
            *_categories(same),
            *_lamps([r for r in judged if r["group"] == LAMP]),
            *_exchanged(swapped),
            *_real(people or []),
            *_beside(same),
            *_worst(judged),
        ]
    )
    (docs / "performance-card.md").write_text(text + "\n", encoding="utf-8")
    figures = _figures(same, changed)
    place = docs.parent / "src" / "microrelief" / "report" / "performance.json"
    place.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    _draw(same, changed, docs / "images" / "performance.png")


def _is_same(row: Row) -> bool:
    return bool(row["truth"] == 0) and row["category"] not in ("swapped", "saved again")


def _mirrors(judged: list[Row]) -> list[tuple[Row, Row]]:
    """Each pair that was also compared the other way round, and that other row."""
    forward = {(r["group"], r["name"]): r for r in judged if r["category"] != "swapped"}
    found = []
    for row in judged:
        if row["category"] == "swapped":
            person, before, after = _parts(row["name"])
            other = forward.get((row["group"], f"{person}-{after}-{before}"))
            if other is not None:
                found.append((other, row))
    return found


def _parts(name: str) -> tuple[str, str, str]:
    """Person, before and after of a pair's name; of a swapped pair the after is the plain "before0"."""
    person, rest = name.split("-", 1)
    before, after = rest.rsplit("-", 1)
    return person, before, after


TURNED_ROUND = {"improved": "worse", "worse": "improved"}


def _is_mirrored(there: Row, back: Row) -> bool:
    return all(
        _says(back, m) == TURNED_ROUND.get(_says(there, m), _says(there, m))
        for m in ("relief", "redness", "pigment")
    )


def _within(there: Row, back: Row) -> bool:
    """Whether the size, turned round, lies within the other's interval."""
    change = there["relief"]["change"]
    turned = 100 * (1 / max(1 + change / 100, 1e-6) - 1)
    return bool(back["relief"]["low"] <= turned <= back["relief"]["high"])


def _says(row: Row, measure: str = "relief") -> str:
    return str(row[measure]["verdict"])


def _answered(rows: Iterable[Row]) -> list[Row]:
    return [r for r in rows if r["relief"]["change"] is not None]


def _head(judged: list[Row], failed: list[Row]) -> list[str]:
    people = sorted({r["name"].split("-")[0] for r in judged})
    return [
        "# Performance card",
        "",
        "What the measurement gets right and wrong on made skin of known truth that no constant had seen "
        "when measuring began; what these pairs changed since is said in [relief](methods/relief.md).",
        f"Written by `make bench-truth` on {datetime.date.today():%Y-%m-%d}, version {__version__}. "
        f"{len(judged)} pairs of {len(people)} made people (split `unseen`): "
        f"{', '.join(people)}." + (f" {len(failed)} pairs could not be read as faces." if failed else ""),
        "How the skin is made: [phantoms](methods/phantom.md); close-ups have a table of their own: "
        "[close-up](methods/close-up.md). A made face is not a patient: these figures say that the method is "
        "right about this physics, and repeated photographs of real people must say the rest "
        "([relief](methods/relief.md)).",
        "",
        "![Truth against reading, and how often unchanged skin is called improved](images/performance.png)",
        "",
    ]


def _bars(same: list[Row], changed: list[Row], swapped: list[tuple[Row, Row]], saved: list[Row]) -> list[str]:
    false_improved = sum(_says(r) == "improved" for r in same)
    false_worse = sum(_says(r) == "worse" for r in same)
    taken = [r for r in same if r["category"] == "well taken"]
    answered = _answered(same)
    lines = [
        "## In short",
        "",
        "| question | answer |",
        "|---|---|",
        f"| same skin called improved | {false_improved} of {len(same)}; 95 % upper bound "
        f"{100 * upper_bound(false_improved, len(same)):.1f} % |",
        f"| same skin called worse | {false_worse} of {len(same)} |",
        f"| of these, answered with a number: called improved | "
        f"{sum(_says(r) == 'improved' for r in answered)} of {len(answered)}; 95 % upper bound "
        f"{100 * upper_bound(sum(_says(r) == 'improved' for r in answered), len(answered)):.1f} % |",
        f"| same skin, well taken, refused | {_refused(taken)} of {len(taken)} |",
        f"| changed skin, well taken, refused | {_refused(changed)} of {len(changed)} |",
    ]
    for truth in sorted({r["truth"] for r in changed}, reverse=True):
        group = [r for r in changed if r["truth"] == truth]
        lines.append(f"| true {truth:.0f} % found | {_found(group)} of {len(group)} |")
    well = _answered([*taken, *changed])
    detectable = [r["relief"]["detectable"] for r in _answered(taken)]
    lines += [
        f"| interval holds the truth (well taken and changed) | {_covered(well)} of {len(well)} |",
        f"| median error of changed skin, points | {_error(changed)} |",
        f"| detectable change, well taken, median | {_median(detectable)} |",
        f"| redness: same skin called improved | {_false(same, 'redness')} |",
        f"| pigment: same skin called improved | {_false(same, 'pigment')} |",
        f"| photographs exchanged: the verdict mirrors | "
        f"{sum(_is_mirrored(*both) for both in swapped)} of {len(swapped)} |",
        f"| photographs exchanged: the size, turned round, lies within the interval | "
        f"{_sizes_within(swapped)} |",
        f"| the same photograph saved again: any verdict on relief, redness or pigment | "
        f"{sum(_any_verdict(r) for r in saved)} of {len(saved)} |",
        "",
    ]
    return lines


def _median(percents: list[float]) -> str:
    return f"{median(percents):.0f} %" if percents else ""


def _sizes_within(swapped: list[tuple[Row, Row]]) -> str:
    both = [(t, b) for t, b in swapped if None not in (t["relief"]["change"], b["relief"]["change"])]
    return f"{sum(_within(*pair) for pair in both)} of {len(both)}"


def _any_verdict(row: Row) -> bool:
    return any(_says(row, m) in TURNED_ROUND for m in ("relief", "redness", "pigment"))


def _false(same: list[Row], measure: str) -> str:
    group = [r for r in same if r[f"{measure}_ratio"] == 1]
    return f"{sum(_says(r, measure) == 'improved' for r in group)} of {len(group)}"


HEADS = "| | same skin called improved | called worse | well taken refused | found: -20 % | -30 % | -50 % "
COUNTED = "| | pairs | improved | worse | no measurable change | not comparable "


def _by(title: str, key: Callable[[Row], str], same: list[Row], changed: list[Row]) -> list[str]:
    lines = [
        f"## {title}",
        "",
        HEADS + "| interval holds | median error | detectable, median |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for value in sorted({key(r) for r in [*same, *changed]}):
        own, moved = [r for r in same if key(r) == value], [r for r in changed if key(r) == value]
        taken = [r for r in own if r["category"] == "well taken"]
        well = _answered([*taken, *moved])
        cells = [
            f"{sum(_says(r) == 'improved' for r in own)} of {len(own)}",
            f"{sum(_says(r) == 'worse' for r in own)} of {len(own)}",
            f"{_refused(taken)} of {len(taken)}",
        ]
        for truth in (-20, -30, -50):
            group = [r for r in moved if round(r["truth"]) == truth]
            cells.append(f"{_found(group)} of {len(group)}" if group else "")
        detectable = [r["relief"]["detectable"] for r in _answered(taken)]
        cells += [
            f"{_covered(well)} of {len(well)}",
            _error(moved),
            _median(detectable),
        ]
        lines.append(f"| {value} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _categories(same: list[Row]) -> list[str]:
    lines = [
        "## What differed between two photographs of the same skin",
        "",
        COUNTED + "| plain detail says better | Laplacian says better |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in sorted({r["category"] for r in same}):
        group = [r for r in same if r["category"] == name]
        count = [
            sum(_says(r) == v for r in group)
            for v in ("improved", "worse", "no measurable change", "not comparable")
        ]
        plain = [sum(r[k] < -PLAIN_CALLS_PERCENT for r in group) for k in ("plain_detail", "plain_laplacian")]
        lines.append(
            f"| {name.removeprefix('trick-').replace('-', ' ')} | {len(group)} | "
            + " | ".join(str(n) for n in [*count, *plain])
            + " |"
        )
    return [*lines, ""]


def _lamps(rows: list[Row]) -> list[str]:
    """Moved lamps, a turned head and colour that fades alone, person by person."""
    if not rows:
        return []
    lines = [
        "## Moved lamps, a turned head, colour that fades alone",
        "",
        "The relief is unchanged in all of them. Redness that fades is true in one row, pigment in another.",
        "",
        COUNTED + "| redness improved | pigment improved |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in sorted({r["category"] for r in rows}):
        group = [r for r in rows if r["category"] == name]
        cells = [
            sum(_says(r) == v for r in group)
            for v in ("improved", "worse", "no measurable change", "not comparable")
        ] + [sum(_says(r, m) == "improved" for r in group) for m in ("redness", "pigment")]
        lines.append(
            f"| {name.removeprefix('trick-').replace('-', ' ')} | {len(group)} | "
            + " | ".join(str(n) for n in cells)
            + " |"
        )
    return [*lines, ""]


def _exchanged(swapped: list[tuple[Row, Row]]) -> list[str]:
    if not swapped:
        return []
    lines = [
        "## The same two photographs exchanged",
        "",
        "| | pairs | all three verdicts mirror | size within the interval |",
        "|---|---|---|---|",
    ]
    for name in sorted({there["category"] for there, _ in swapped}):
        group = [pair for pair in swapped if pair[0]["category"] == name]
        lines.append(
            f"| {name.removeprefix('trick-').replace('-', ' ')} | {len(group)} | "
            f"{sum(_is_mirrored(*pair) for pair in group)} of {len(group)} | {_sizes_within(group)} |"
        )
    return [*lines, ""]


def _real(table: list[str]) -> list[str]:
    if not table:
        return []
    return [
        "## Twenty real people, untreated",
        "",
        "Neutral against smiling (the London set, whose neutral files were softened); the neutral one "
        "taken again by simulation (exposure, balance, framing, focus, noise, file); and saved again.",
        "",
        *table,
        "",
    ]


def _beside(same: list[Row]) -> list[str]:
    detail, laplacian = (
        sum(r[k] < -PLAIN_CALLS_PERCENT for r in same) for k in ("plain_detail", "plain_laplacian")
    )
    ours = sum(_says(r) == "improved" for r in same)
    fell = f"the same pairs, fell by over {PLAIN_CALLS_PERCENT} %"
    return [
        "## Beside others",
        "",
        "| who | what | figure |",
        "|---|---|---|",
        f"| Microrelief | unchanged skin called improved | {ours} of {len(same)} |",
        f"| standard deviation of fine detail | {fell} | {detail} of {len(same)} |",
        f"| variance of the Laplacian | {fell} | {laplacian} of {len(same)} |",
        "| physicians rating photographs | saw improvement of untreated skin where 3-D measured none "
        "| [@overrating] |",
        "| stereo of acne scars, and graders | their changes did not correlate | [@salameh2022] |",
        "| volume of raised scars by 3-D camera | 95 % detectable change 16-20 % | [@volume-reliability] |",
        "",
    ]


def _worst(judged: list[Row]) -> list[str]:
    def miss(row: Row) -> float:
        found = row["relief"]
        if found["change"] is None:
            return 0.0
        truth = math.log(max(row["truth"] / 100 + 1, 0.01))
        read = math.log(max(found["change"] / 100 + 1, 0.01))
        outside = not found["low"] <= row["truth"] <= found["high"]
        said = {"improved": 2.0, "worse": 1.0}.get(found["verdict"], 0.0) if row["truth"] == 0 else 0.0
        return abs(read - truth) + (1.0 if outside else 0.0) + said

    lines = [
        "## The worst answers",
        "",
        "False verdicts first, then intervals that miss the truth. Explained in "
        "[relief](methods/relief.md#the-worst-answers-looked-at).",
        "",
        "| pair | what | truth | read | interval | verdict | tone | coloured | wanders |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(judged, key=miss, reverse=True)[:6]:
        found = row["relief"]
        lines.append(
            f"| {row['name']} | {row['category']} | {row['truth']:+.0f} % | {found['change']:+.0f} % | "
            f"{found['low']:+.0f} to {found['high']:+.0f} | {found['verdict']} | {row['tone']} | "
            f"{row['colouring']:.2f} | {row['wandering']:.2f} |"
        )
    return lines


def _figures(same: list[Row], changed: list[Row]) -> dict[str, Any]:
    false_improved = sum(_says(r) == "improved" for r in same)
    taken = _answered([r for r in same if r["category"] == "well taken"])
    return {
        "made": f"{datetime.date.today():%Y-%m-%d}",
        "version": __version__,
        "same_skin_pairs": len(same),
        "same_skin_called_improved": false_improved,
        "same_skin_upper_percent": round(100 * upper_bound(false_improved, len(same)), 1),
        "plain_detail_called_improved": sum(r["plain_detail"] < -PLAIN_CALLS_PERCENT for r in same),
        "found": {
            f"{truth:.0f}": [_found(group), len(group)]
            for truth in sorted({r["truth"] for r in changed}, reverse=True)
            if (group := [r for r in changed if r["truth"] == truth])
        },
        "interval_holds": [_covered([*taken, *_answered(changed)]), len(taken) + len(_answered(changed))],
        "by_tone": {
            str(tone): [
                sum(_says(r) == "improved" for r in same if r["tone"] == tone),
                sum(r["tone"] == tone for r in same),
                _found([r for r in changed if r["tone"] == tone]),
                sum(r["tone"] == tone for r in changed),
            ]
            for tone in sorted({r["tone"] for r in same})
        },
    }


def _draw(same: list[Row], changed: list[Row], file: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    ink, accent, quiet = "#1f2a30", "#0b6e75", "#b8c4c8"
    plt.rcParams.update({"font.size": 9, "text.color": ink, "axes.labelcolor": ink, "axes.edgecolor": quiet,
                         "xtick.color": ink, "ytick.color": ink})  # fmt: skip
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(1.25, 1))
    groups = [("unchanged", [r for r in same if r["category"] == "well taken"])]
    for truth in sorted({r["truth"] for r in changed}, reverse=True):
        groups.append((f"{truth:.0f} %", [r for r in changed if r["truth"] == truth]))
    for place, (_, group) in enumerate(groups):
        answered = sorted(_answered(group), key=lambda r: r["relief"]["change"])
        for k, row in enumerate(answered):
            x = place + 0.7 * ((k + 0.5) / len(answered) - 0.5)
            left.plot([x, x], [row["relief"]["low"], row["relief"]["high"]], color=accent, alpha=0.25, lw=1.2)
            left.plot([x], [row["relief"]["change"]], ".", color=accent, ms=4)
        truth = group[0]["truth"] if group else 0
        left.plot([place - 0.4, place + 0.4], [truth, truth], color=ink, lw=1.5)
    left.set_xticks(range(len(groups)), [name for name, _ in groups])
    left.set(
        ylabel="change of relief read, %, with 95 % interval",
        ylim=(-80, 80),
        xlabel="true change (black line)",
    )
    left.set_title("Every answer beside the truth", loc="left", fontweight="bold")
    names = ["variance of\nthe Laplacian", "fine detail", "Microrelief"]
    shares = [
        100 * sum(r["plain_laplacian"] < -PLAIN_CALLS_PERCENT for r in same) / max(len(same), 1),
        100 * sum(r["plain_detail"] < -PLAIN_CALLS_PERCENT for r in same) / max(len(same), 1),
        100 * sum(_says(r) == "improved" for r in same) / max(len(same), 1),
    ]
    right.barh(names, shares, color=[quiet, quiet, accent], height=0.55)
    for k, share in enumerate(shares):
        right.text(share + 0.8, k, f"{share:.1f} %", va="center")
    right.set(xlim=(0, max(shares) * 1.25 + 3), xlabel="of unchanged skin called improved")
    right.set_title(f"{len(same)} pairs of unchanged skin", loc="left", fontweight="bold")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    left.axhline(0, color=quiet, lw=0.8, zorder=0)
    figure.tight_layout()
    figure.savefig(file, dpi=130, metadata={"Software": None})
    plt.close(figure)


def upper_bound(events: int, trials: int) -> float:
    """The one-sided 95 % upper bound of a proportion (Clopper and Pearson 1934)."""
    return 1.0 if events >= trials else float(beta.ppf(0.95, events + 1, trials - events))


def _refused(rows: Iterable[Row]) -> int:
    return sum(_says(r) == "not comparable" for r in rows)


def _found(rows: Iterable[Row]) -> int:
    return sum(_says(r) == ("improved" if r["truth"] < 0 else "worse") for r in rows)


def _covered(rows: Iterable[Row]) -> int:
    return sum(r["relief"]["low"] <= r["truth"] <= r["relief"]["high"] for r in rows)


def _error(rows: Iterable[Row]) -> str:
    errors = [abs(r["relief"]["change"] - r["truth"]) for r in _answered(rows)]
    return f"{median(errors):.1f}" if errors else ""


def _resolution(row: Row) -> str:
    if row["group"] == FINE:
        return "0.1 as rendered"
    value = row["mm_per_pixel"]
    return "below 0.12" if value < 0.12 else "0.12 to 0.16" if value < 0.16 else "0.16 and more"


def _colouring(row: Row) -> str:
    value = row["colouring"]
    return (
        "1 pale (below 0.2)"
        if value < 0.2
        else "2 some (0.2 to 0.5)"
        if value < 0.5
        else "3 strong (above 0.5)"
    )


def _wandering(row: Row) -> str:
    value = row["wandering"]
    return "1 below 0.5 of it" if value < 0.5 else "2 0.5 to 0.75" if value < 0.75 else "3 above 0.75"
