"""The measuring child: reads questions from its standard input, answers on what was its standard output.

It imports the imaging, which the site's own process never does, and it has no key, no database and no name of
a patient. Whatever a hostile picture does to it, there is nothing here to take.
"""

import contextlib
import hashlib
import io
import os
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from microrelief.web.measuring.wire import Message, receive, send

if TYPE_CHECKING:
    from microrelief.errors import InputError
    from microrelief.imaging.face.face import Face
    from microrelief.imaging.photo.photo import Photo

FRAME_SIDE = 1280
"""A frame of the live camera is no larger; what is larger is refused unread."""
BASELINE_SIDE = 900
"""A baseline is shown to the ticks no larger than a frame."""
KEPT_BASELINES = 8
Say = Callable[[str], None]


def main() -> None:
    """Answer until the other side goes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not an answer
    with contextlib.suppress(OSError, IndexError, ValueError):
        os.nice(int(sys.argv[1]))
    questions = sys.stdin.buffer
    while (question := receive(questions)) is not None:
        send(answers, _answered(question, answers))


def _answered(question: Message, answers: IO[bytes]) -> Message:
    from microrelief.errors import InputError, MicroreliefError  # noqa: PLC0415

    asks = {
        "warm": model_loaded,
        "frame": frame_ticks,
        "reading": photo_reading,
        "pair": pair_compared,
        "repeat": repeat_compared,
        "repeatability": repeatability_found,
    }
    try:
        return asks[question.says["ask"]](question, lambda stage: send(answers, Message({"stage": stage})))
    except InputError as refusal:
        return Message({"refusal": type(refusal).__name__, "sentence": _without_name(refusal)})
    except MicroreliefError as refusal:
        return Message({"fault": str(refusal)})
    except Exception:  # the other side must hear of it
        return Message({"fault": traceback.format_exc(limit=-4)})


def model_loaded(question: Message, say: Say) -> Message:
    """The imports and the model are there: the first frame is answered as quickly as the others."""
    import numpy as np  # noqa: PLC0415

    from microrelief.imaging.face.landmarks import find_faces  # noqa: PLC0415
    from microrelief.imaging.pair import framing  # noqa: PLC0415, F401

    find_faces(np.zeros((64, 64, 3), np.uint8))
    return Message({})


def frame_ticks(question: Message, say: Say) -> Message:
    """A frame, and perhaps the baseline of its view, become ticks."""
    from microrelief.imaging.pair.framing import Tick, find_in_frame, judge_frame  # noqa: PLC0415

    found = find_in_frame(_small_photo(question.parts[0], FRAME_SIDE, "frame"))
    if isinstance(found, Tick):
        return Message({"ticks": [asdict(found)]})
    baseline = _baselines.face(question.parts[1]) if len(question.parts) > 1 else None
    ticks = judge_frame(found, str(question.says.get("view", "front")), baseline)
    return Message({"ticks": [asdict(tick) for tick in ticks], "against_baseline": baseline is not None})


def photo_reading(question: Message, say: Say) -> Message:
    """A photograph becomes what sorting needs: how the head is turned, and whether it can be measured.

    With a second one: whether the proportions of the two faces fit one person.
    """
    from microrelief.errors import FaceError  # noqa: PLC0415
    from microrelief.imaging.face.find import find_face  # noqa: PLC0415
    from microrelief.imaging.pair.audit import plausibility  # noqa: PLC0415

    photo = _photo(question.parts[0], "photograph")
    try:
        face = find_face(photo)
    except FaceError as refusal:
        return Message({"face": False, "kind": type(refusal).__name__, "why": _without_name(refusal)})
    reading: dict[str, Any] = {
        "face": True,
        "yaw": round(face.pose.yaw_degrees, 1),
        "pitch": round(face.pose.pitch_degrees, 1),
        "roll": round(face.pose.roll_degrees, 1),
        "mm_per_pixel": round(face.scale.mm_per_pixel, 4),
    }
    if len(question.parts) > 1:
        with contextlib.suppress(FaceError):
            check = plausibility(find_face(_photo(question.parts[1], "baseline")), face)
            reading["same_person"] = {"value": check.value, "doubtful": check.verdict != "ok"}
    return Message(reading)


def pair_compared(question: Message, say: Say) -> Message:
    """Two photographs become the comparison: numbers, words, page and pictures."""
    from microrelief.cohort.repeatability_file import parse_repeatability  # noqa: PLC0415
    from microrelief.imaging.change.widen import widen  # noqa: PLC0415
    from microrelief.imaging.compare import Clock, compare_faces  # noqa: PLC0415
    from microrelief.imaging.face.find import find_face  # noqa: PLC0415
    from microrelief.report import wording  # noqa: PLC0415
    from microrelief.report.page import page_body  # noqa: PLC0415
    from microrelief.report.result import result_document  # noqa: PLC0415

    names, taken = question.says["names"], question.says["taken_at"]
    say("reading both photographs")
    photos = [
        _dated(_photo(part, name), when)
        for part, name, when in zip(question.parts, names, taken, strict=True)
    ]
    say("finding the faces")
    faces = (find_face(photos[0]), find_face(photos[1]))
    change = compare_faces(faces, Clock(say))
    if own := question.says.get("repeatability"):
        change = widen(change, parse_repeatability(str(own).encode(), "The clinic's repeatability"))
    say("drawing the page")
    body = page_body(change)
    outcomes = {found.key: getattr(change, found.key) for found in wording.MEASURES}
    return Message(
        {
            "document": result_document(change),
            "headline": wording.headline(change),
            "grade_says": wording.grade_sentence(change.comparability),
            "reasons": wording.reasons(change.comparability),
            "advice": [check.says for check in change.comparability.worst(3)],
            "sentences": {key: wording.sentence(key, outcome) for key, outcome in outcomes.items()},
            "words": {key: wording.verdict_word(key, outcome) for key, outcome in outcomes.items()},
            "same_person_doubtful": any(
                check.name == "same person" and check.verdict != "ok" for check in change.comparability.checks
            ),
            "body": body.html,
            "pictures": [[name, media] for name, (_, media) in body.pictures.items()],
        },
        [content for content, _ in body.pictures.values()],
    )


def repeat_compared(question: Message, say: Say) -> Message:
    """Two photographs of one person with nothing done between become what is kept of them: no picture."""
    from microrelief.cohort.retest import compared_change, not_compared  # noqa: PLC0415
    from microrelief.errors import InputError, SameFile  # noqa: PLC0415
    from microrelief.imaging.compare import Clock, compare_faces  # noqa: PLC0415
    from microrelief.imaging.face.find import find_face  # noqa: PLC0415

    person = int(question.says["person"])
    try:
        say("reading both photographs")
        photos = [_photo(part, name) for part, name in zip(question.parts, ("first", "second"), strict=True)]
        if photos[0].sha256 == photos[1].sha256:
            raise SameFile("Both are the same file: take the second photograph anew.")
        say("finding the faces")
        found = compared_change(
            person, compare_faces((find_face(photos[0]), find_face(photos[1])), Clock(say))
        )
    except InputError as error:
        found = not_compared(person, error)
    return Message({"compared": asdict(found)})


def repeatability_found(question: Message, say: Say) -> Message:
    """All compared repeats become the clinic's repeatability: the file, its figures in percent, the plot."""
    from datetime import date  # noqa: PLC0415

    from microrelief.cohort.repeatability_file import percentages, repeatability_json  # noqa: PLC0415
    from microrelief.cohort.repeatability_page import repeatability_plot  # noqa: PLC0415
    from microrelief.cohort.retest import Compared, concluded  # noqa: PLC0415

    compared = tuple(
        Compared(
            **{
                **one,
                "reasons": tuple(one["reasons"]),
                "readings": {name: tuple(reading) for name, reading in one["readings"].items()},
            }
        )
        for one in question.says["compared"]
    )
    retest = concluded("", compared, date.fromisoformat(question.says["today"]))
    measures = [
        {
            "measure": name,
            **percentages(name, scatter),
            "pairs": scatter.pairs,
            "people": scatter.people,
            "held": scatter.held,
            "factor": scatter.factor,
            "steady": bool(scatter.bias_low <= 0 <= scatter.bias_high),
        }
        for name, scatter in retest.repeatability.measures.items()
    ]
    return Message({"file": repeatability_json(retest), "measures": measures}, [repeatability_plot(retest)])


class _Baselines:
    """The last few baselines, found once each."""

    def __init__(self) -> None:
        self._faces: OrderedDict[str, Face | None] = OrderedDict()

    def face(self, content: bytes) -> "Face | None":
        """The face, None where there is none to match."""
        from microrelief.errors import FaceError  # noqa: PLC0415
        from microrelief.imaging.face.find import find_face  # noqa: PLC0415

        name = hashlib.sha256(content).hexdigest()
        if name not in self._faces:
            try:
                self._faces[name] = find_face(_small_photo(content, BASELINE_SIDE, "baseline", shrink=True))
            except FaceError:
                self._faces[name] = None
            while len(self._faces) > KEPT_BASELINES:
                self._faces.popitem(last=False)
        self._faces.move_to_end(name)
        return self._faces[name]


_baselines = _Baselines()


def _photo(content: bytes, name: str) -> "Photo":
    from microrelief.imaging.photo.read import nameless_file, read_stream  # noqa: PLC0415

    with nameless_file() as given:
        return read_stream(io.BytesIO(content), given, name)


def _small_photo(content: bytes, longest: int, name: str, *, shrink: bool = False) -> "Photo":
    """A JPEG of the browser or of our own making, decoded here: a second child a second would cost more."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    from microrelief.errors import NotAPhoto, PhotoTooLarge  # noqa: PLC0415
    from microrelief.imaging.photo.photo import CaptureFacts, Photo  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
            if max(picture.size) > longest and not shrink:
                raise PhotoTooLarge(name, "a frame of the live camera is smaller")
            picture.thumbnail((longest, longest), Image.Resampling.BOX)
            srgb = np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError):
        raise NotAPhoto(name, "the frame cannot be read") from None
    sha256 = hashlib.sha256(content).hexdigest()
    return Photo(Path(name), sha256, len(content), srgb, CaptureFacts(), ())


def _dated(photo: "Photo", taken_at: str) -> "Photo":
    """The time as the record has it."""
    return replace(photo, facts=replace(photo.facts, taken_at=taken_at)) if taken_at else photo


def _without_name(refusal: "InputError") -> str:
    """The file's name before a photograph's refusal is made up by the site; no other sentence has one."""
    from microrelief.errors import PhotoError  # noqa: PLC0415

    if not isinstance(refusal, PhotoError):
        return str(refusal)
    rest = str(refusal).removeprefix(f"{refusal.path.name or refusal.path}: ")
    return rest[:1].upper() + rest[1:]


if __name__ == "__main__":
    main()
