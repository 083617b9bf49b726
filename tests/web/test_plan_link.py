"""The patient's link to a plan: its sheets and days, nothing else of the record, for as long as it counts."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from microrelief.web.audit.models import Entry
from microrelief.web.audit.verify import verify_trail
from microrelief.web.languages.sentences import spoken
from microrelief.web.oversight.sentences import tell
from microrelief.web.patients.models import Patient
from microrelief.web.plans.link import make_plan_link, usual_days
from microrelief.web.plans.models import Plan, PlanLink
from microrelief.web.refusals import NotHere, Unusable
from tests.web.conftest import sign_in
from tests.web.test_record import signed_consultation, signed_plan


@pytest.fixture
def agreed(cast):
    """Anna's plan, agreed on; the cache knows of no link of another test."""
    cache.clear()
    bob = sign_in(cast.bob)
    signed_consultation(bob, cast.anna)
    return signed_plan(bob, cast.anna, note="Bring a hat.")


def handed_out(cast, plan, **more) -> str:
    """What the page shows once."""
    answer = sign_in(cast.bob).post(reverse("new_plan_link", args=[plan.pk]), more)
    assert answer.status_code == 200
    assert "<svg" in answer.content.decode(), "the code to scan"
    return urlsplit(answer.context["address"]).path


def kinds() -> list[str]:
    found = Entry.objects.filter(kind__startswith="plan.link").order_by("sequence")
    return list(found.values_list("kind", flat=True))


def test_a_link_shows_both_sheets_and_the_days_and_nothing_else(cast, agreed):
    place = handed_out(cast, agreed)
    phone = Client()
    answer = phone.get(place)
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Anna, your plan", "Before your session on", "After your session", "Bring a hat."):
        assert words in page
    page = page.replace(place, "")  # its token is random letters, and once spelled a name
    for hidden in ("Sommer", "1991", cast.anna.record_number, "Bob", "<script", "Sign in"):
        assert hidden not in page
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "no-store, private"
    days = phone.get(f"{place}plan.ics")
    assert days.content.startswith(b"BEGIN:VCALENDAR")
    assert b"Anna" not in days.content
    assert phone.get(reverse("plan", args=[agreed.pk])).status_code == 302, "it opens nothing else"


def test_the_trail_knows_the_link_and_not_the_token(cast, agreed):
    place = handed_out(cast, agreed)
    phone = Client()
    phone.get(place)
    phone.get(place)
    assert kinds() == ["plan.link_made", "plan.link_opened"], "loaded again is opened once"
    token = place.strip("/").split("/")[-1]
    assert token not in "".join(Entry.objects.values_list("event", flat=True))
    assert token not in "".join(PlanLink.objects.values_list("token_hash", flat=True))
    opened = tell(Entry.objects.filter(kind="plan.link_opened"))[0].says
    assert opened.startswith("Whoever held the patient's link opened a plan")
    assert verify_trail().whole


def test_it_is_in_the_patients_language(cast, agreed):
    place = handed_out(cast, agreed)
    cast.anna.refresh_from_db()
    cast.anna.language = "de"
    cast.anna.save()
    page = Client(headers={"accept-language": "en"}).get(place).content.decode()
    assert "Anna, Ihr Plan" in page
    assert '<html lang="de"' in page


def expire(link):
    PlanLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def restrict(link):
    Patient.objects.filter(pk=link.patient_id).update(restricted_at=timezone.now())


def replace(link):
    Plan.objects.filter(pk=link.plan_id).update(on=link.plan.on - timedelta(days=3))
    newer = Plan(patient=link.patient, on=link.plan.on, began_by=link.made_by, began_at=timezone.now())
    newer.signed_at, newer.signed_by = timezone.now(), link.made_by
    newer.save()


@pytest.mark.parametrize(("ends", "why"), [(expire, "expired"), (restrict, "closed"), (replace, "replaced")])
def test_it_opens_no_more_once_it_does_not_count(cast, agreed, ends, why):
    place = handed_out(cast, agreed)
    ends(PlanLink.objects.get())
    for address in (place, f"{place}plan.ics"):
        answer = Client().get(address)
        assert answer.status_code == 410
        assert "Bring a hat" not in answer.content.decode()
    assert kinds() == ["plan.link_made", "plan.link_refused"]
    assert Entry.objects.get(kind="plan.link_refused").told["facts"] == {"why": why}
    nobody = Client().get(reverse("open_plan", args=["of-nobody"]))
    assert nobody.content == Client().get(place).content, "whoever tries links learns nothing"
    assert len(kinds()) == 2, "a token of nobody fills no trail"


def test_a_new_link_takes_the_place_of_the_old_and_can_be_taken_back(cast, agreed):
    first = handed_out(cast, agreed, days="20")
    second = handed_out(cast, agreed)
    assert [Client().get(place).status_code for place in (first, second)] == [410, 200]
    bob = sign_in(cast.bob)
    page = bob.get(reverse("plan", args=[agreed.pk])).content.decode()
    link = PlanLink.objects.get(revoked_at=None)
    assert "made by Bob" in page
    assert reverse("revoke_plan_link", args=[link.pk]) in page
    assert sign_in(cast.erin).post(reverse("revoke_plan_link", args=[link.pk])).status_code == 404
    assert bob.post(reverse("revoke_plan_link", args=[link.pk])).status_code == 302
    assert Client().get(second).status_code == 410


def test_a_draft_is_handed_out_to_nobody_and_days_have_an_end(cast, agreed):
    bob = sign_in(cast.bob)
    bob.post(reverse("plan_of", args=[cast.anna.pk]))
    draft = Plan.objects.get(patient=cast.anna, signed_at=None)
    with pytest.raises(Unusable, match="agree on it first"):
        make_plan_link(by=cast.actor("bob"), plan=draft, days=20)
    for days in (0, PlanLink.MOST_DAYS + 1):
        with pytest.raises(Unusable, match="Choose from 1"):
            make_plan_link(by=cast.actor("bob"), plan=agreed, days=days)
    with pytest.raises(NotHere):
        make_plan_link(by=cast.actor("dan"), plan=agreed, days=20)


def test_it_opens_until_a_week_after_the_next_session_where_nobody_says_otherwise():
    today = timezone.localdate()
    after = [today + timedelta(days=days) for days in (28, 56)]
    assert usual_days([today - timedelta(days=9), *after], today) == 35
    assert usual_days([], today) == 14
    assert usual_days([today + timedelta(days=400)], today) == PlanLink.MOST_DAYS


@pytest.mark.parametrize("why", ["revoked", "expired", "closed", "replaced"])
def test_why_it_did_not_open_is_said_in_german_too(why):
    with override("de"):
        assert spoken(why) != why
