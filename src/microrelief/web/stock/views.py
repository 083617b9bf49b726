"""Pages of what the clinic uses: creams, devices, cartridges, and the zones that are treated here."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.web.clinic.actions import change_clinic
from microrelief.web.clinic.models import the_clinic
from microrelief.web.face_map.zones import IN_LIST
from microrelief.web.people.doors import asked_by, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import EditConflict, Unusable
from microrelief.web.stock import actions
from microrelief.web.stock.forms import ItemForm
from microrelief.web.stock.kinds import KINDS
from microrelief.web.stock.models import StockItem


@require_GET
@needs(Permission.CHANGE_SETTINGS)
def stock(request: HttpRequest) -> HttpResponse:
    """Everything that is offered, and what is retired."""
    items = list(StockItem.objects.all())
    groups = [
        {"key": key, "kind": kind, "items": [one for one in items if one.kind == key and not one.retired_at]}
        for key, kind in KINDS.items()
    ]
    return render(
        request, "stock/stock.html", {"groups": groups, "retired": [one for one in items if one.retired_at]}
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def new_item(request: HttpRequest, kind: str) -> HttpResponse:
    """Put something on the shelf."""
    if kind not in KINDS:
        raise Http404
    form = ItemForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_item(by=asked_by(request), kind=kind, **form.changes)
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(request, _("Added. Sessions offer it from now on."))
            return redirect("stock")
    return _page(request, form, {"kind": KINDS[kind], "key": kind})


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Look at one thing, and change it."""
    found = actions.item_for(item_id)
    form = ItemForm(request.POST or None, kind=found.kind, initial=ItemForm.of(found))
    context: dict[str, Any] = {"kind": found.facts, "key": found.kind, "item": found}
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            actions.change_item(by=asked_by(request), item=found, version=version, **form.changes)
        except Unusable as error:
            form.add_error(None, error.says)
        except EditConflict as error:
            theirs, yours = form.in_words(vars(error.theirs)), form.in_words(error.yours)
            context["conflict"] = [
                {"label": label, "theirs": theirs[label], "yours": told, "differs": True}
                for label, told in yours.items()
                if theirs[label] != told
            ]
            sent = {**request.POST.dict(), "version": str(error.theirs.version)}
            return _page(request, ItemForm(sent, kind=found.kind), context, 409)
        else:
            messages.success(request, _("Saved. What was recorded before stays as it is."))
            return redirect("stock")
    return _page(request, form, context)


def _page(request: HttpRequest, form: ItemForm, context: dict[str, Any], status: int = 0) -> HttpResponse:
    return render(
        request,
        "stock/item.html",
        {"form": form, **context},
        status=status or (422 if form.is_bound else 200),
    )


@require_POST
@needs(Permission.CHANGE_SETTINGS)
def retire(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Offer it no more, or again."""
    found = actions.item_for(item_id)
    retired = request.POST.get("again") != "1"
    actions.retire_item(by=asked_by(request), item=found, retired=retired)
    messages.success(
        request, _("Retired. Old records keep it.") if retired else _("Sessions offer it again.")
    )
    return redirect("stock")


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def zones(request: HttpRequest) -> HttpResponse:
    """Which zones of the face are treated here."""
    clinic = the_clinic()
    if request.method == "POST":
        used = request.POST.getlist("zone")
        left_out = [zone.key for zone in IN_LIST if zone.key not in used]
        if len(left_out) == len(IN_LIST):
            raise Unusable("Leave at least one zone in use.")
        version = request.POST.get("version", "")
        try:
            change_clinic(
                by=asked_by(request),
                version=int(version) if version.isdecimal() else 0,
                zones_left_out=left_out,
            )
        except EditConflict:
            messages.error(request, _("Somebody else changed the settings meanwhile: look again, then save."))
            return redirect("clinic_zones")
        messages.success(request, _("Saved."))
        return redirect("clinic_settings")
    rows = [{"zone": zone, "on": zone.key not in clinic.zones_left_out} for zone in IN_LIST]
    return render(request, "stock/zones.html", {"rows": rows, "version": clinic.version})
