"""A Change becomes pair.png: both photographs beside each other, the trust strip burnt in.

The letters are DejaVu Sans, which matplotlib carries under a free licence; it is located, never imported.
"""

import functools
import importlib.util
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from microrelief.errors import SetupError
from microrelief.imaging.change.outcome import Change, Outcome
from microrelief.report import figures, wording
from microrelief.report.layers import OUTSIDE, Frame, shown, shown_frame
from microrelief.version import __version__

WIDTH = 2000
"""Of the whole picture, pixels."""
_PANEL_LONG_SIDE = 1250
_GAP = 8
_MARGIN = 44
_SHORT_HASH = 12

_INK, _SOFT, _LINE, _PAPER, _BAND = (
    (21, 32, 43),
    (70, 84, 98),
    (213, 218, 224),
    (255, 255, 255),
    (227, 231, 236),
)
_TONES = {"down": (17, 66, 142), "up": (146, 62, 4), "same": (70, 84, 98), "none": (107, 42, 74)}
_GRADE_TONES = {"A": (29, 99, 64), "B": (29, 99, 64), "F": (151, 25, 31)}
_CAUTION_TONE = (122, 77, 0)

Font = ImageFont.FreeTypeFont
Draw = ImageDraw.ImageDraw
Tone = tuple[int, int, int]


def pair_picture(change: Change) -> Image.Image:
    """The aligned pair with its trust strip: dates, grade, reasons, changes with intervals, version.

    Returns an RGB picture, WIDTH pixels wide. Raises SetupError when no font is found.
    """
    frame = _panel_frame(change)
    strip = _strip(change)
    picture = Image.new("RGB", (WIDTH, frame.height + strip.height), _PAPER)
    panel = (WIDTH - _GAP) // 2
    for number, linear in enumerate((change.pair.before_linear, change.pair.after_linear)):
        shot = Image.fromarray(shown(linear, frame))
        left = number * (panel + _GAP)
        picture.paste(Image.new("RGB", (panel, frame.height), OUTSIDE), (left, 0))
        picture.paste(shot, (left + (panel - frame.width) // 2, 0))
        photo = (change.before, change.after)[number]
        _tag(
            picture,
            (left + 20, 20),
            f"{('Before', 'After')[number]}  ·  {wording.date_words(photo.facts.taken_at)}",
        )
    _ruler(picture, frame)
    picture.paste(strip, (0, frame.height))
    return picture


def _panel_frame(change: Change) -> Frame:
    """Both photographs together fill WIDTH; a small grid stays small, an upright one is bounded in height."""
    rows, columns = change.pair.before_linear.shape[:2]
    panel = (WIDTH - _GAP) // 2
    long_side = min(_PANEL_LONG_SIDE, panel * max(rows, columns) // columns)
    return shown_frame(change, max(1, long_side))


def _strip(change: Change) -> Image.Image:
    blocks: list[tuple[str, Font, tuple[int, int, int]]] = []
    refused = not change.comparability.comparable
    numbers_height = 0 if refused else 250
    inner = WIDTH - 2 * _MARGIN
    says = wording.reasons(change.comparability) or ["No check spoke against this pair."]
    headline = _wrapped(wording.headline(change), _font(44, bold=True), inner - 130)
    reasons = _wrapped(
        f"Against it: {' '.join(says)}" if change.comparability.worst(1) else says[0], _font(26), inner
    )
    for line in headline:
        blocks.append((line, _font(44, bold=True), _INK))
    head_height = max(96, 58 * len(headline) + 44)
    height = 34 + head_height + 22 + numbers_height + 36 * len(reasons) + 70
    strip = Image.new("RGB", (WIDTH, height), _PAPER)
    draw = ImageDraw.Draw(strip)
    top = 34
    _badge(draw, (_MARGIN, top + 4), change.comparability.grade)
    y = top
    for line, font, tone in blocks:
        draw.text((_MARGIN + 122, y), line, font=font, fill=tone)
        y += 58
    draw.text((_MARGIN + 122, y + 2), _facts_line(change), font=_font(26), fill=_SOFT)
    y = top + head_height + 22
    if not refused:
        column = (inner - 2 * 40) // 3
        span = figures.common_span(getattr(change, found.key) for found in wording.MEASURES)
        for number, found in enumerate(wording.MEASURES):
            _measure(draw, change, found, (_MARGIN + number * (column + 40), y, column), span)
        y += numbers_height
    for line in reasons:
        draw.text((_MARGIN, y), line, font=_font(26), fill=_INK)
        y += 36
    before, after = (photo.sha256[:_SHORT_HASH] for photo in (change.before, change.after))
    version = f"Microrelief {change.version or __version__}  ·  before {before}  ·  after {after}"
    draw.text((_MARGIN, height - 48), version, font=_font(21), fill=_SOFT)
    draw.text(
        (WIDTH - _MARGIN, height - 48),
        "Photographs compared; not a medical finding",
        font=_font(21),
        fill=_SOFT,
        anchor="ra",
    )
    return strip


def _facts_line(change: Change) -> str:
    days = wording.days_words(change.before.facts.taken_at, change.after.facts.taken_at)
    grade = wording.grade_sentence(change.comparability)
    close_up = "Close-up  ·  " if change.pair.close_up else ""
    return f"{close_up}{days}  ·  Comparability {change.comparability.grade}{f': {grade}' if grade else ''}"


def _measure(
    draw: Draw, change: Change, found: wording.Measure, place: tuple[int, int, int], span: int
) -> None:
    x, y, width = place
    outcome: Outcome = getattr(change, found.key)
    tone = _TONES[wording.verdict_mark(outcome)]
    draw.line((x, y, x + width, y), fill=tone, width=5)
    draw.text((x, y + 16), found.title, font=_font(26), fill=_SOFT)
    interval = wording.signed_interval(outcome)
    if not interval or outcome.change_percent is None:
        draw.text((x, y + 54), wording.NOT_COMPARABLE.lower(), font=_font(34, bold=True), fill=tone)
        return
    number = wording.signed(outcome.change_percent)
    draw.text((x, y + 48), number, font=_font(46, bold=True), fill=tone)
    past = x + draw.textlength(number, font=_font(46, bold=True)) + 18
    draw.text((past, y + 66), interval, font=_font(28), fill=_INK)
    says = f"{wording.verdict_word(found.key, outcome)}; {wording.could_show(outcome)}"
    draw.text((x, y + 110), says, font=_font(22), fill=_SOFT)
    _interval(draw, outcome, (x, y + 150, width), span, tone)


def _interval(draw: Draw, outcome: Outcome, place: tuple[int, int, int], span: int, tone: Tone) -> None:
    x, y, width = place

    def across(value: float | None) -> float:
        return x + width / 2 * (1 + max(-1.0, min(1.0, (value or 0.0) / span)))

    detectable = outcome.detectable_percent or 0.0
    draw.rectangle((across(-detectable), y, across(detectable), y + 52), fill=_BAND)
    draw.line((across(0), y - 4, across(0), y + 56), fill=_SOFT, width=2)
    draw.line((across(outcome.low), y + 26, across(outcome.high), y + 26), fill=tone, width=5)
    for end in (outcome.low, outcome.high):
        draw.line((across(end), y + 13, across(end), y + 39), fill=tone, width=5)
    middle = across(outcome.change_percent)
    draw.ellipse((middle - 12, y + 14, middle + 12, y + 38), fill=tone, outline=_PAPER, width=2)
    for tick, anchor in ((-span, "la"), (0, "ma"), (span, "ra")):
        label = wording.signed(tick) if tick else "0"
        draw.text((across(tick), y + 58), label, font=_font(18), fill=_SOFT, anchor=anchor)


def _badge(draw: Draw, at: tuple[int, int], grade: str) -> None:
    tone = _GRADE_TONES.get(grade, _CAUTION_TONE)
    x, y = at
    draw.rounded_rectangle((x, y, x + 92, y + 92), 18, outline=tone, width=5)
    draw.text((x + 46, y + 46), grade, font=_font(56, bold=True), fill=tone, anchor="mm")


def _tag(picture: Image.Image, at: tuple[int, int], text: str) -> None:
    font = _font(28, bold=True)
    x, y = at
    _shade(picture, (x, y, int(x + font.getlength(text) + 36), y + 54))
    ImageDraw.Draw(picture).text((x + 18, y + 27), text, font=font, fill=_PAPER, anchor="lm")


def _ruler(picture: Image.Image, frame: Frame) -> None:
    millimetres = next((mm for mm in (20, 10, 5, 2, 1) if mm / frame.mm_per_pixel <= 320), 1)
    length = round(millimetres / frame.mm_per_pixel)
    panel = (WIDTH - _GAP) // 2
    for left in (0, panel + _GAP):
        x, y = left + 20, frame.height - 84
        _shade(picture, (x, y, x + max(length, 80) + 40, y + 64))
        draw = ImageDraw.Draw(picture)
        draw.line(
            [(x + 20, y + 10), (x + 20, y + 22), (x + 20 + length, y + 22), (x + 20 + length, y + 10)],
            fill=_PAPER,
            width=4,
        )
        draw.text((x + 20, y + 44), f"{millimetres} mm", font=_font(24), fill=_PAPER, anchor="lm")


def _shade(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    box = (max(0, box[0]), max(0, box[1]), min(picture.width, box[2]), min(picture.height, box[3]))
    if box[2] > box[0] and box[3] > box[1]:
        part = picture.crop(box)
        picture.paste(Image.blend(part, Image.new("RGB", part.size, _INK), 0.74), box[:2])


def _wrapped(text: str, font: Font, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@functools.cache
def _font(size: int, *, bold: bool = False) -> Font:
    carrier = importlib.util.find_spec("matplotlib")
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    for folder in carrier.submodule_search_locations or () if carrier else ():
        path = Path(folder) / "mpl-data" / "fonts" / "ttf" / name
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    raise SetupError(
        f"The font {name} is missing: install matplotlib, which carries it (pip install matplotlib)."
    )
