"""Pages of the clinic's repeatability: what to do, how far it is, what came out, and its use."""

import json
from typing import IO, Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.version import __version__
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import NotHere, Unusable
from microrelief.web.retests import actions
from microrelief.web.retests.forms import RecordForm, VolunteerForm
from microrelief.web.retests.models import Retest, RetestPair, document_in_use, rounds_in_use


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def retests(request: HttpRequest) -> HttpResponse:
    """Add a volunteer; see how far it is."""
    form = VolunteerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            actions.add_volunteer(
                by=asked_by(request),
                first=cast(IO[bytes], sent["first"]),
                second=cast(IO[bytes], sent["second"]),
                consented=sent["consented"],
            )
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(request, _("Added. It is compared by itself; go on with the next person."))
            return redirect("retests")
    return _page(request, form, RecordForm(prefix="record"))


@require_POST
@needs(Permission.CHANGE_SETTINGS)
def add_patient_pair(request: HttpRequest) -> HttpResponse:
    """The two sets of a patient's day."""
    form = RecordForm(request.POST, prefix="record")
    if form.is_valid():
        try:
            actions.add_patient_pair(by=asked_by(request), **form.cleaned_data)
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(request, _("Added. It is compared in the background."))
            return redirect("retests")
    return _page(request, VolunteerForm(), form)


@require_POST
@needs(Permission.CHANGE_SETTINGS)
def drop(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Leave a pair out."""
    actions.drop_pair(by=asked_by(request), pair=actions.pair_for(pair_id))
    messages.success(request, _("Left out; nothing of it is kept."))
    return redirect("retests")


@require_POST
@needs(Permission.CHANGE_SETTINGS)
def work_out(request: HttpRequest, retest_id: UUID) -> HttpResponse:
    """From the pairs there are."""
    actions.ask_conclusion(by=asked_by(request), retest=actions.retest_for(retest_id))
    return redirect("retests")


@require_POST
@needs(Permission.CHANGE_SETTINGS)
def use(request: HttpRequest, retest_id: UUID) -> HttpResponse:
    """From now on."""
    retest = actions.retest_for(retest_id)
    confirmed_lately(request)
    actions.use_retest(by=asked_by(request), retest=retest)
    messages.success(request, _("Used from now on. Comparisons that stand keep what they said."))
    return redirect("retests")


@require_POST
@needs(Permission.CHANGE_SETTINGS)
def stop(request: HttpRequest) -> HttpResponse:
    """No more."""
    confirmed_lately(request)
    actions.stop_using(by=asked_by(request))
    messages.success(request, _("Not used any more."))
    return redirect("retests")


@require_GET
@needs(Permission.CHANGE_SETTINGS)
def plot(request: HttpRequest, retest_id: UUID) -> HttpResponse:
    """Every repeat as a dot."""
    retest = actions.retest_for(retest_id)
    if not retest.plot:
        raise NotHere("This round was not worked out yet.")
    return HttpResponse(bytes(retest.plot), content_type="image/png")


def _other_version(document: str) -> str:
    """The version of the program that the figures in use come from, where it is not this one."""
    version = str(json.loads(document).get("version", "")) if document else ""
    return version if version != __version__ else ""


def _page(request: HttpRequest, form: VolunteerForm, record_form: RecordForm) -> HttpResponse:
    rounds = list(Retest.objects.all()[:12])
    open_round = next((one for one in rounds if one.state in (Retest.COLLECTING, Retest.ASKED)), None)
    pairs = actions.standing_pairs(open_round) if open_round else []
    good = sum(one.comparable for one in pairs)
    waiting = any(one.state == RetestPair.WAITING for one in pairs)
    asked = open_round is not None and open_round.state == Retest.ASKED
    done = [one for one in rounds if one.state == Retest.DONE]
    # the one in use stands with its button, however many came after it
    shown = [*done[:1], *(one for one in rounds_in_use() if one not in done[:1])]
    context: dict[str, Any] = {
        "form": form,
        "record_form": record_form,
        "round": open_round,
        "pairs": pairs,
        "good": good,
        "advised": actions.ADVISED,
        "fewest": actions.FEWEST,
        "working": waiting or asked,
        "may_work_out": good >= actions.FEWEST and not waiting and not asked,
        "shown": shown,
        "earlier": [one for one in done if one not in shown],
        "other_version": _other_version(document_in_use()),
    }
    wrong = form.is_bound or record_form.is_bound
    return render(request, "retests/retests.html", context, status=422 if wrong else 200)
