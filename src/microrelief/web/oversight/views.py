"""Pages of the trail, for owner and auditor."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from microrelief.web.audit.models import Entry
from microrelief.web.audit.trail import record
from microrelief.web.audit.verify import verify_trail
from microrelief.web.oversight.sentences import tell
from microrelief.web.patients.actions import note_broken_glass
from microrelief.web.patients.models import CareRelation, Patient
from microrelief.web.people.doors import asked_by, needs
from microrelief.web.people.models import Person
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotHere

A_PAGE = 50
TOPICS = {
    "photo.original_viewed": "originals opened",
    "patient.glass": "glasses broken",
    "patient.exported": "exports",
    "consent.": "consent",
    "person.": "accounts and sign-ins",
    "patient.": "patients",
    "photo.": "photographs",
}
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class FilterForm(forms.Form):
    """Which entries."""

    who = forms.ModelChoiceField(Person.objects.order_by("name"), required=False, empty_label="everybody")
    topic = forms.ChoiceField(label="What", choices=[("", "everything"), *TOPICS.items()], required=False)
    number = forms.IntegerField(label="Patient number", required=False, min_value=1, max_value=999_999_999)
    since = forms.DateField(label="From", widget=DAY, required=False)
    until = forms.DateField(label="To", widget=DAY, required=False)


@require_GET
@needs(Permission.READ_AUDIT)
def trail(request: HttpRequest) -> HttpResponse:
    """The trail as sentences, the newest first, and the glasses nobody has looked at yet."""
    form = FilterForm(request.GET or None)
    entries = Entry.objects.order_by("-sequence")
    if form.is_bound and form.is_valid():
        entries = _filtered(entries, form.cleaned_data)
    page = Paginator(entries, A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "told": tell(page.object_list),
        "query": query.urlencode(),
        "glasses": _unseen_glasses(),
        "may_release": asked_by(request).may(Permission.RELEASE_BRAKE),
    }
    return render(request, "oversight/trail.html", context)


@require_POST
@needs(Permission.READ_AUDIT)
def verify(request: HttpRequest) -> HttpResponse:
    """Read the whole trail and every sealed row."""
    actor = asked_by(request)
    finding = verify_trail()
    with transaction.atomic():
        record("audit.verified", by=actor, facts={"first_bad": finding.first_bad or 0})
    return render(request, "oversight/verified.html", {"finding": finding})


@require_POST
@needs(Permission.READ_AUDIT)
def note_glass(request: HttpRequest, relation_id: UUID) -> HttpResponse:
    """Seen."""
    note_broken_glass(by=asked_by(request), relation_id=relation_id)
    return redirect("audit")


@require_GET
@needs(Permission.READ_AUDIT)
def access_report(request: HttpRequest, number: int) -> HttpResponse:
    """Who opened or changed what of one patient: for the patient, who may ask (GDPR Art 15)."""
    patient = Patient.objects.filter(number=number).first()
    if patient is None:
        raise NotHere("There is no record with this number.")
    told = tell(Entry.objects.filter(patient__in=patient.all_ids()).order_by("-sequence"))
    with transaction.atomic():
        record("audit.read", by=asked_by(request), patient=patient.pk)
    return render(request, "oversight/access_report.html", {"patient": patient, "told": told})


def _filtered(entries: Any, asked: dict[str, Any]) -> Any:
    if asked["who"]:
        entries = entries.filter(actor=asked["who"].pk)
    if asked["topic"]:
        entries = entries.filter(kind__startswith=asked["topic"])
    if asked["number"]:
        entries = entries.filter(patient__in=Patient.objects.filter(number=asked["number"]).values("pk"))
    if asked["since"]:
        entries = entries.filter(moment__date__gte=asked["since"])
    if asked["until"]:
        entries = entries.filter(moment__date__lte=asked["until"])
    return entries


def _unseen_glasses() -> list[dict[str, Any]]:
    """With their reasons; the patient by number only."""
    found = CareRelation.objects.filter(kind=CareRelation.BROKE_GLASS, seen_by_owner_at=None)
    late = timezone.now() - timedelta(hours=24)
    return [
        {"relation": one, "reason": one.reason, "late": one.since < late}
        for one in found.filter(patient__erased_at=None).select_related("patient", "person").order_by("since")
    ]
