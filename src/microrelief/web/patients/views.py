"""Pages of patients: find, add, look, correct, who treats them, break the glass, merge."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.audit.trail import record
from microrelief.web.patients import actions
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.forms import (
    BreakGlassForm,
    ChangePatientForm,
    IdentityForm,
    MergeForm,
    NewPatientForm,
    colleagues,
)
from microrelief.web.patients.models import CareRelation, Patient
from microrelief.web.patients.search import find_patients
from microrelief.web.people.actor import Actor
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.models import Person
from microrelief.web.people.once import new_key
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict, NotHere, Unusable

MOST_SHOWN = 60
MOST_PHOTOS = 8


@require_GET
@needs(Permission.SEE_PATIENTS)
def patients(request: HttpRequest) -> HttpResponse:
    """Those one treats, found by a few letters. `open`: the only one that fits is opened at once."""
    text = request.GET.get("q", "")[:200]
    found = find_patients(asked_by(request), text)
    if text.strip() and len(found) == 1 and request.GET.get("open"):
        return redirect("patient", found[0].pk)
    context = {
        "q": text,
        "found": found[:MOST_SHOWN],
        "more": max(0, len(found) - MOST_SHOWN),
        "may_add": asked_by(request).may(Permission.ADD_PATIENTS),
        "may_break": asked_by(request).may(Permission.BREAK_GLASS),
    }
    return render(request, "patients/patients.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.ADD_PATIENTS)
def new_patient(request: HttpRequest) -> HttpResponse:
    """Two identifiers, and a look whether the person is here already."""
    actor = asked_by(request)
    form = NewPatientForm(request.POST or None, actor=actor, initial={"key": new_key()})
    alike: actions.PerhapsHere | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            patient = actions.add_patient(
                by=actor,
                key=data["key"],
                identity=data,
                team=[UUID(one) for one in data.get("team", [])],
                although_similar=data["although_similar"],
            )
        except actions.PerhapsHere as perhaps:
            alike = perhaps
            form = NewPatientForm(
                {
                    **request.POST.dict(),
                    "team": request.POST.getlist("team"),
                    "although_similar": "1",
                    "key": new_key(),
                },
                actor=actor,
            )
        else:
            return redirect("patient", patient.pk)
    status = 409 if alike else 422 if form.is_bound and form.errors else 200
    return render(request, "patients/new.html", {"form": form, "alike": alike}, status=status)


@require_GET
@needs(Permission.SEE_PATIENTS)
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The record; that it was opened is in the trail."""
    actor = asked_by(request)
    merged = Patient.objects.filter(pk=patient_id).exclude(surviving=None).values_list("surviving", flat=True)
    if merged:
        return redirect("patient", merged[0])
    found = patient_for(actor, patient_id)
    with transaction.atomic():
        record("patient.viewed", by=actor, patient=found.pk)
    return render(request, "patients/patient.html", {**about(actor, found), **sections(actor, found)})


@require_http_methods(["GET", "POST"])
@needs(Permission.EDIT_PATIENTS)
def change_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Correct who somebody is. Somebody else's change in between is shown beside this one."""
    actor = asked_by(request)
    found = patient_for(actor, patient_id, Permission.EDIT_PATIENTS)
    form = ChangePatientForm(request.POST or None, initial=ChangePatientForm.of(found))
    conflict: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        if form.is_valid():
            data = form.cleaned_data
            try:
                actions.change_patient(by=actor, patient=found, version=data["version"], identity=data)
            except EditConflict as error:
                conflict = both_versions(IdentityForm(), error)
                form = ChangePatientForm({**request.POST.dict(), "version": str(error.theirs.version)})
                status = 409
            else:
                messages.success(request, "Saved.")
                return redirect("patient", found.pk)
        else:
            status = 422
    context = {**about(actor, found), "form": form, "conflict": conflict}
    return render(request, "patients/change.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_CARE_TEAM)
def care_team(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Who sees this patient, and why."""
    actor = asked_by(request)
    found = patient_for(actor, patient_id, Permission.CHANGE_CARE_TEAM)
    if request.method == "POST":
        if request.POST.get("remove"):
            actions.remove_from_care_team(by=actor, patient=found, relation_id=_uuid(request.POST["remove"]))
        else:
            person = get_object_or_404(Person, pk=_uuid(request.POST.get("add", "")))
            actions.add_to_care_team(by=actor, patient=found, person=person)
        still = Patient.objects.for_user(actor).filter(pk=found.pk).exists()
        return redirect("care_team", found.pk) if still else redirect("patients")
    team = CareRelation.objects.in_force().filter(patient=found).select_related("person").order_by("since")
    on_team = {relation.person_id for relation in team if relation.kind == CareRelation.TREATS}
    context = {**about(actor, found), "team": team, "others": colleagues().exclude(pk__in=on_team)}
    return render(request, "patients/care_team.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.BREAK_GLASS)
def break_glass(request: HttpRequest) -> HttpResponse:
    """See somebody else's patient, with both identifiers and a reason."""
    form = BreakGlassForm(request.POST or None, initial={"number": request.GET.get("number", "")[:9]})
    if request.method == "POST" and form.is_valid():
        confirmed_lately(request)
        data = form.cleaned_data
        data["number"] = data["number"].strip().lstrip("0")
        try:
            found = actions.break_glass(by=asked_by(request), **data)
        except NotHere as error:
            form.add_error(None, error.says)
        else:
            messages.warning(request, "You broke the glass: the owner sees who, when and why.")
            return redirect("patient", found.pk)
    status = 422 if form.is_bound else 200
    return render(request, "patients/break_glass.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.MERGE_PATIENTS)
def merge(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """File this duplicate under the record that stays."""
    actor = asked_by(request)
    found = patient_for(actor, patient_id, Permission.MERGE_PATIENTS)
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        confirmed_lately(request)
        number = form.cleaned_data["number"].strip().lstrip("0")
        into = (
            Patient.objects.for_user(actor).filter(number=int(number) if number.isdecimal() else -1).first()
        )
        if into is None:
            form.add_error("number", "You treat no patient with this number.")
        else:
            actions.merge_patients(
                by=actor, duplicate=found, into=into, birth_date=form.cleaned_data["birth_date"]
            )
            messages.success(request, "Merged. It can be taken back on the page of the record that stays.")
            return redirect("patient", into.pk)
    status = 422 if form.is_bound else 200
    return render(request, "patients/merge.html", {**about(actor, found), "form": form}, status=status)


@require_POST
@needs(Permission.MERGE_PATIENTS)
def take_merge_back(request: HttpRequest, patient_id: UUID, duplicate_id: UUID) -> HttpResponse:
    """The duplicate stands alone again."""
    actor = asked_by(request)
    found = patient_for(actor, patient_id, Permission.MERGE_PATIENTS)
    actions.take_merge_back(by=actor, duplicate_id=duplicate_id, patient=found)
    messages.success(request, "The two records stand apart again.")
    return redirect("patient", found.pk)


def about(actor: Actor, found: Patient) -> dict[str, Any]:
    """What every page of a patient shows at its head, and what this person may do here."""
    glass = (
        CareRelation.objects.in_force()
        .filter(patient=found, person=actor.person, kind=CareRelation.BROKE_GLASS)
        .first()
    )
    treated = CareRelation.objects.in_force().filter(
        patient=found, person=actor.person, kind=CareRelation.TREATS
    )
    may = {permission.name.lower(): actor.may(permission) for permission in Permission}
    return {"patient": found, "may": may, "glass": glass if glass and not treated.exists() else None}


def sections(actor: Actor, found: Patient) -> dict[str, Any]:
    """What stands on the record's own page."""
    ids = found.all_ids()
    team = CareRelation.objects.in_force().filter(patient=found).select_related("person").order_by("since")
    latest: dict[str, Any] = {}
    for answer in found.consents.model.objects.filter(patient_id__in=ids):  # the newest first
        latest.setdefault(answer.purpose, answer)
    photos = found.photos.model.objects.filter(patient_id__in=ids, removed_at=None, from_diary=False)
    return {
        "team": team,
        "answers": latest.values(),
        "latest": photos[:MOST_PHOTOS] if actor.may(Permission.SEE_PHOTOS) else [],
        "merged": found.merged.all(),
        "holds": found.holds.filter(lifted_at=None),
        "changes": found.history.count(),
    }


def both_versions(form: IdentityForm, error: EditConflict) -> list[dict[str, Any]]:
    """Field by field: what stands, what was asked for."""
    rows = []
    for name, field in form.fields.items():
        theirs, yours = getattr(error.theirs, name), error.yours.get(name)
        rows.append(
            {
                "label": field.label or name.replace("_", " ").capitalize(),
                "theirs": theirs or "",
                "yours": yours or "",
                "differs": (theirs or "") != (yours or ""),
            }
        )
    return rows


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Unusable("Choose somebody from the list.") from None
