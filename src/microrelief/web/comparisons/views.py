"""Pages of comparisons."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import override
from django.views.decorators.http import require_GET, require_POST

from microrelief.version import __version__
from microrelief.web.clinic.language import language_of_patient
from microrelief.web.clinic.models import the_clinic
from microrelief.web.comparisons import actions
from microrelief.web.comparisons.chart import MINUS, Point, series_chart
from microrelief.web.comparisons.course import grades, last_session, session_days, too_early
from microrelief.web.comparisons.models import MEASURES, Comparison
from microrelief.web.comparisons.words import MEASURE_WORDS, patient_sentence
from microrelief.web.languages.sentences import spoken, spoken_answer, spoken_page
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.models import Patient
from microrelief.web.patients.views import about
from microrelief.web.people.actor import Actor
from microrelief.web.people.doors import asked_by, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.photos.models import Photo
from microrelief.web.photosets.actions import set_for
from microrelief.web.photosets.models import PhotoSet, SetView, baseline_of, counterpart
from microrelief.web.refusals import Unusable

STAGES = (
    "reading both photographs",
    "finding the faces",
    "laying the faces over each other",
    "comparing light and camera",
    "measuring relief, redness and pigment",
    "drawing the page",
)
"""What the measuring child says, in order; the share that is done is counted by it."""
WHOLE_FACE = ("front", "left_45", "right_45")

SHOWN_SIGNED = {"change": "change_percent", "from": "low", "to": "high"}
"""Numbers of a cell of the series, with their signs, and what they are of."""


@require_POST
@needs(Permission.ADD_PHOTOS)
def compare_sets(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Two ticked sets, or one and the baseline; opens the front view's comparison."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.ADD_PHOTOS)
    ticked = [_set(actor, text) for text in request.POST.getlist("set")]
    if len(ticked) == 1:
        base = baseline_of(patient)
        if base is None or base.pk == ticked[0].pk:
            raise Unusable("This set is the baseline itself: tick another one with it.")
        ticked = [base, *ticked]
    if len(ticked) != 2:
        raise Unusable("Tick two sets, no more and no fewer.")
    found = actions.compare_sets(by=actor, one=ticked[0], other=ticked[1])
    return redirect("comparison", found[0].pk)


def _set(actor: Actor, text: str) -> PhotoSet:
    try:
        return set_for(actor, UUID(text))
    except ValueError:
        raise Unusable("Tick two sets of the list.") from None


@require_GET
@needs(Permission.SEE_PHOTOS)
def comparison(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """The comparison as a page of the record: the report's own page, or what stands in its place."""
    actor = asked_by(request)
    found = actions.comparison_for(actor, comparison_id)
    patient = found.patient.surviving or found.patient
    days = session_days(actor, patient)
    early = too_early(days, found.after_on)
    stage = STAGES.index(found.stage) if found.stage in STAGES else 0
    context = {
        **about(actor, patient),
        "comparison": found,
        # written by our own report from escaped values, and authenticated with the record since
        "body": mark_safe(spoken_page(found.body)),
        "siblings": _siblings(actor, patient, found),
        "early": early,
        "last_session": last_session(days, found.after_on),
        "stages": STAGES,
        "stage": stage,
        "other_days": _other_days(found),
        "other_version": found.program if found.program not in ("", __version__) else "",
    }
    templates = {
        Comparison.DONE: "comparisons/comparison.html",
        Comparison.WAITING: "comparisons/waiting.html",
    }
    return render(request, templates.get(found.state, "comparisons/no_number.html"), context)


def _other_days(found: Comparison) -> list[tuple[str, Any, Any]]:
    """Where the file says another day than the record."""
    sides = (("before", found.before, found.before_on), ("after", found.after, found.after_on))
    return [
        (side, photo.taken_at.date(), day)
        for side, photo, day in sides
        if photo.taken_at and photo.taken_at.date() != day
    ]


def _siblings(actor: Actor, patient: Patient, found: Comparison) -> list[Comparison]:
    """The other views of the same two days, in the order of a set."""
    order = [view for view, _ in found.before.VIEWS]
    same = actions.comparisons_of(actor, patient).filter(before_on=found.before_on, after_on=found.after_on)
    return sorted(same, key=lambda one: order.index(one.view))


@require_GET
@needs(Permission.SEE_PHOTOS)
def layer(request: HttpRequest, comparison_id: UUID, name: str) -> HttpResponseBase:
    """One picture of the page."""
    actor = asked_by(request)
    found = actions.comparison_for(actor, comparison_id)
    pieces, media = actions.open_picture(by=actor, comparison=found, name=name)
    response = StreamingHttpResponse(pieces, content_type=media)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@require_POST
@needs(Permission.ADD_PHOTOS)
def again(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """A comparison that did not come to an end."""
    actor = asked_by(request)
    found = actions.comparison_for(actor, comparison_id, Permission.ADD_PHOTOS)
    return redirect("comparison", actions.ask_again(by=actor, comparison=found).pk)


@require_GET
@needs(Permission.SEE_PHOTOS)
def set_progress(request: HttpRequest, set_id: UUID) -> HttpResponse:
    """For the capture page: what is known of each view by now."""
    actor = asked_by(request)
    found = set_for(actor, set_id)
    base = baseline_of(found.patient)
    taken = found.taken()
    known = {
        (one.before_id, one.after_id): one
        for one in actions.comparisons_of(actor, found.patient.surviving or found.patient)
    }
    views = [_view_state(view, base, known) for view in taken]
    working = any(view["working"] for view in views)
    return JsonResponse(spoken_answer({"views": views, "working": working}))


def _view_state(
    view: SetView, base: PhotoSet | None, known: dict[tuple[Any, Any], Comparison]
) -> dict[str, Any]:
    match = counterpart(view, base)
    pair = match is not None and (
        known.get((match.photo_id, view.photo_id)) or known.get((view.photo_id, match.photo_id))
    )
    state: dict[str, Any] = {
        "view": view.view,
        "number": view.number,
        "title": spoken(view.title).capitalize(),
        "set_view": str(view.pk),
        "questions": view.open_questions(),
        "grade": "",
        "url": "",
        "working": not view.reading,
        "says": "kept",
    }
    if not pair:
        if view.reading and not view.reading.get("face", True) and view.view in WHOLE_FACE:
            state["says"] = view.reading.get("why", "")
        return state
    state |= {"url": reverse("comparison", args=[pair.pk]), "grade": pair.grade, "says": _short(pair)}
    state["working"] = state["working"] or pair.state == Comparison.WAITING
    return state


def _short(pair: Comparison) -> str:
    if pair.state == Comparison.WAITING:
        return "being compared with the baseline…"
    if pair.state != Comparison.DONE:
        return pair.why
    advice = pair.told.get("advice", [])
    if advice and pair.grade not in ("A", "B"):
        return str(advice[0])
    return "Comparable with the baseline." if pair.comparable else "Too different to compare; take it again."


@require_GET
@needs(Permission.SEE_PHOTOS)
def series(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every visit against the baseline, with intervals and what could be shown."""
    actor = asked_by(request)
    patient = patient_for(actor, patient_id, Permission.SEE_PHOTOS)
    base = baseline_of(patient)
    view = request.GET.get("view", "front")
    found = _against_baseline(actor, patient, base, view)
    days = session_days(actor, patient)
    rows = [_row(one, days) for one in found]
    charts = [
        (
            words,
            series_chart(
                words.title, words.less, words.more, base.day, _points(found, words.key, days), days
            ),
        )
        for words in MEASURE_WORDS
        if base is not None and found
    ]
    context = {
        **about(actor, patient),
        "base": base,
        "view": view,
        "view_name": dict(found[0].before.VIEWS)[view] if found else view.replace("_", " "),
        "views": _views_with_comparisons(actor, patient, base),
        "rows": rows,
        "charts": charts,
        "sessions": days,
        "grades": grades(actor, patient),
        "waiting": sum(one.state == Comparison.WAITING for one in found),
    }
    return render(request, "comparisons/series.html", context)


def _against_baseline(actor: Actor, patient: Patient, base: PhotoSet | None, view: str) -> list[Comparison]:
    if base is None:
        return []
    photos = [one.photo_id for one in base.taken() if one.view == view and one.number == 1]
    found = actions.comparisons_of(actor, patient).filter(before_id__in=photos, view=view)
    return sorted(found, key=lambda one: (one.after_on, one.asked_at))


def _views_with_comparisons(actor: Actor, patient: Patient, base: PhotoSet | None) -> list[tuple[str, str]]:
    if base is None:
        return []
    photos = [one.photo_id for one in base.taken()]
    there = set(
        actions.comparisons_of(actor, patient).filter(before_id__in=photos).values_list("view", flat=True)
    )
    return [(key, name) for key, name in Photo.VIEWS if key in there]


def _row(one: Comparison, days: list[Any]) -> dict[str, Any]:
    return {
        "comparison": one,
        "early": too_early(days, one.after_on),
        "last_session": last_session(days, one.after_on),
        "cells": [
            {
                "title": words.title,
                "word": one.told.get("words", {}).get(words.key, ""),
                "sentence": one.told.get("sentences", {}).get(words.key, ""),
                **(outcome := one.outcome(words.key)),
                **{name: _signed(outcome.get(of)) for name, of in SHOWN_SIGNED.items()},
            }
            for words in MEASURE_WORDS
        ],
    }


def _signed(percent: float | None) -> str:
    """A whole number with its sign as it is printed: "−31", "+4", "0"."""
    whole = round(percent or 0)
    return f"{whole:+d}".replace("-", MINUS) if whole else "0"


def _points(found: list[Comparison], measure: str, days: list[Any]) -> list[Point]:
    points = []
    for one in found:
        if one.state == Comparison.WAITING:
            continue
        outcome = one.outcome(measure)
        points.append(
            Point(
                on=one.after_on,
                change=outcome.get("change_percent"),
                low=outcome.get("low"),
                high=outcome.get("high"),
                detectable=outcome.get("detectable_percent"),
                verdict=outcome.get("verdict", "not comparable"),
                early=too_early(days, one.after_on) is not None,
            )
        )
    return points


@require_GET
@needs(Permission.SEE_PHOTOS)
def summary(request: HttpRequest, comparison_id: UUID) -> HttpResponse:
    """One printed page for the patient, in plain words."""
    actor = asked_by(request)
    found = actions.comparison_for(actor, comparison_id)
    patient = found.patient.surviving or found.patient
    days = session_days(actor, patient)
    context = {
        **about(actor, patient),
        "comparison": found,
        "clinic": the_clinic(),
        "early": too_early(days, found.after_on),
        "last_session": last_session(days, found.after_on),
        "sentences": [
            patient_sentence(words, found.outcome(words.key)) for words in MEASURE_WORDS if found.comparable
        ],
        "advice": found.told.get("advice", []),
        "measures": MEASURES,
    }
    with override(language_of_patient(patient)):
        return render(request, "comparisons/summary.html", context)
