"""Pages of the clinic's own limits: every rule that has one, and one rule."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from microrelief.pathway.limits import graver_levels, is_hard, limits_of
from microrelief.pathway.rulebook import STAGES, Rule
from microrelief.web.clinic_rules import actions
from microrelief.web.clinic_rules.book import book, clinic_book
from microrelief.web.clinic_rules.forms import LimitForm
from microrelief.web.clinic_rules.models import OwnLimit
from microrelief.web.clinic_rules.words import own_limit
from microrelief.web.people.doors import asked_by, confirmed_lately, needs
from microrelief.web.people.permissions import Permission
from microrelief.web.refusals import Unusable


@require_GET
@needs(Permission.CHANGE_SETTINGS)
def rules(request: HttpRequest) -> HttpResponse:
    """The clinic's own limits first, then every rule that could have one, in the order of a visit."""
    today = timezone.localdate()
    standing = list(OwnLimit.objects.running(today).select_related("signed_by"))
    own_rules = {one.rule: one for one in standing}
    in_force = book().on(today)
    stages = [
        {
            "stage": stage,
            "rules": [_line(rule, own_rules) for rule in in_force.of(stage) if _can_change(rule)],
        }
        for stage in STAGES
    ]
    context = {
        "own": [
            {
                "limit": one,
                "rule": in_force.rules.get(one.rule),
                "says": _says(one),
                "later": one.since > today,
            }
            for one in standing
        ],
        "stages": [one for one in stages if one["rules"]],
    }
    return render(request, "clinic_rules/rules.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.CHANGE_SETTINGS)
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule: the book's words and values, the clinic's, and everything that ever stood here."""
    found = actions.rule_today(rule_id)
    if not _can_change(found):
        found = actions.rule_today("")  # the same answer as for a rule that is not there
    standing = OwnLimit.objects.filter(rule=found.id, until=None).first()
    form = LimitForm(request.POST or None, rule=found, initial=_standing_values(standing))
    if request.method == "POST" and form.is_valid():
        confirmed_lately(request)
        try:
            limit = actions.set_limit(by=asked_by(request), rule_id=found.id, **form.changes(found))
        except Unusable as error:
            form.add_error(None, error.says)
        else:
            messages.success(
                request,
                _("Signed. It holds from %(day)s.") % {"day": date_format(limit.since, "j F Y")},
            )
            return redirect("clinic_rules")
    context: dict[str, Any] = {
        "rule": found,
        "form": form,
        "hard": [one.says for name, one in limits_of(found).items() if is_hard(found, name)],
        "past": [
            {"limit": one, "says": _says(one)}
            for one in OwnLimit.objects.filter(rule=found.id).select_related("signed_by", "ended_by")
        ],
    }
    return render(request, "clinic_rules/rule.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Permission.CHANGE_SETTINGS)
def end(request: HttpRequest, limit_id: UUID) -> HttpResponse:
    """The book's value again."""
    limit = actions.limit_for(limit_id)
    confirmed_lately(request)
    actions.end_limit(by=asked_by(request), limit=limit)
    messages.success(request, _("The book's own value holds again from today."))
    return redirect("clinic_rules")


def _standing_values(limit: OwnLimit | None) -> dict[str, Any]:
    """What stands now, to be changed: the clinic's own where it has one."""
    if limit is None:
        return {}
    return {f"v_{name}": value for name, value in limit.values.items()} | {
        "level": limit.level,
        "why": limit.why,
    }


def _can_change(rule: Rule) -> bool:
    return bool(limits_of(rule) or graver_levels(rule))


def _line(rule: Rule, own: dict[str, OwnLimit]) -> dict[str, Any]:
    values = [{"says": limit.says, "value": rule.number(name)} for name, limit in limits_of(rule).items()]
    return {"rule": rule, "values": values, "own": own.get(rule.id)}


def _says(limit: OwnLimit) -> str:
    """As it stands beside a finding, on its first day."""
    if limit.never_held:
        return limit.why
    found = clinic_book().on(max(limit.since, book().versions[0].since)).rules.get(limit.rule)
    return own_limit(found) if found else limit.why
