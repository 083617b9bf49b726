"""What makes, opens and ends the link by which a patient reads the plan.

Each is atomic and writes the trail with the change. Whoever holds the link reads one plan and writes nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from microrelief.web.audit.trail import record
from microrelief.web.configuration import configuration
from microrelief.web.patients.access import require
from microrelief.web.patients.record import save_change, save_new
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import hash_token, new_token
from microrelief.web.people.permissions import Permission
from microrelief.web.plans.models import Plan, PlanLink
from microrelief.web.refusals import Unusable

LEAST_DAYS = 14
"""Two weeks, as a diary's link (`DiaryLink.DAYS`), where the next session is near or none is planned."""
AFTER_SESSION_DAYS = 7
"""The first week holds most of what the aftercare sheet says (rules/recovery.toml, recovery.care_*)."""
TOLD_AGAIN_SECONDS = 600
"""A page that is loaded again from one address within this time is one opening, not a flood of entries."""


@dataclass(frozen=True)
class ByPlanLink:
    """Whoever holds the link: the trail names the link, for it cannot know who held the phone."""

    link: PlanLink
    address: str = ""
    door: str = "link"

    @property
    def person(self) -> PlanLink:
        """What the trail writes down in the place of a person."""
        return self.link


def usual_days(session_days: list[date], today: date) -> int:
    """Days until a week after the next session, where nobody says otherwise."""
    coming = next((day for day in session_days if day >= today), today)
    return min(max((coming - today).days + AFTER_SESSION_DAYS, LEAST_DAYS), PlanLink.MOST_DAYS)


@transaction.atomic
def make_plan_link(*, by: Actor, plan: Plan, days: int) -> tuple[PlanLink, str]:
    """A link to a plan that was agreed on, and its address, which nobody can look up again.

    It opens for `days` from now. An earlier link of the plan stops opening at once. Raises Unusable.
    """
    require(by, Permission.WRITE_RECORD, plan.patient)
    if plan.signed_at is None:
        raise Unusable(_("The link is made once the plan is agreed on: agree on it first."))
    if not plan.counts:
        raise Unusable(_("A newer plan was agreed on: make the link of that one."))
    if not 1 <= days <= PlanLink.MOST_DAYS:
        raise Unusable(_("Choose from 1 to %(most)s days.") % {"most": PlanLink.MOST_DAYS})
    for earlier in PlanLink.objects.select_for_update().filter(plan=plan, revoked_at=None):
        _revoke(by, earlier)
    token = new_token()
    link = PlanLink(
        patient_id=plan.patient_id,
        plan=plan,
        token_hash=hash_token(token),
        made_by=by.person,
        expires_at=timezone.now() + timedelta(days=days),
    )
    save_new(link, by=by)
    record("plan.link_made", by=by, about=link, patient=link.patient_id, facts={"days": days})
    return link, configuration().site_address + reverse("open_plan", args=[token])


@transaction.atomic
def revoke_plan_link(*, by: Actor, link: PlanLink) -> None:
    """It stops opening at once. Twice is once."""
    require(by, Permission.WRITE_RECORD, link.patient)
    if link.revoked_at is None:
        _revoke(by, link)


@transaction.atomic
def open_plan_link(*, token: str, address: str = "") -> PlanLink | None:
    """The link of a token, with its use in the trail; None where it does not open, which is told as well.

    An unknown token is told nowhere: 256 random bits are not guessed, and an entry for each try would let
    anybody fill the trail.
    """
    found = PlanLink.objects.filter(token_hash=hash_token(token))
    link = found.select_related("patient__surviving", "plan__patient__surviving").first()
    if link is None:
        return None
    why = link.why_not
    if cache.add(f"plan.link.{link.pk}.{why}.{address}", 1, TOLD_AGAIN_SECONDS):
        kind, facts = ("plan.link_refused", {"why": why}) if why else ("plan.link_opened", {})
        record(kind, by=ByPlanLink(link, address), patient=link.patient_id, facts=facts)
    if why:
        return None
    PlanLink.objects.filter(pk=link.pk).update(opened_at=timezone.now())
    return link


def _revoke(by: Actor, link: PlanLink) -> None:
    save_change(link, by=by, version=link.version, revoked_at=timezone.now(), revoked_by=by.person)
    record("plan.link_revoked", by=by, about=link, patient=link.patient_id)
