"""The demonstration: everything in it is true of the site's own rules, and it never mixes with a clinic."""

import re
from datetime import timedelta
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from microrelief.errors import SettingsRefused
from microrelief.web import demo as door
from microrelief.web.audit.models import Entry
from microrelief.web.audit.verify import verify_trail
from microrelief.web.clinic.actions import change_clinic
from microrelief.web.clinic_rules.book import book
from microrelief.web.configuration import Configuration
from microrelief.web.consultations.judged import judged
from microrelief.web.consultations.models import Consultation
from microrelief.web.demo_clinic import stories
from microrelief.web.demo_clinic.models import demo_mark, make_demo, note_seeded, refuse_mixture, visited
from microrelief.web.demo_clinic.seed import seed_demo
from microrelief.web.demo_clinic.staff import PASSWORD, STAFF
from microrelief.web.patients.models import Patient
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person
from microrelief.web.photosets.models import PhotoSet
from microrelief.web.safety import unsafe
from microrelief.web.treatments.models import Treatment
from tests.web.conftest import sign_in
from tests.web.server import Server, run

MARK = "invented people, rendered faces"


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    book.cache_clear()
    yield
    book.cache_clear()


def test_two_people_are_written_by_the_rules_with_a_past_and_a_whole_trail(db, demo):
    said: list[str] = []
    seed_demo(said.append, stories=(stories.numbing, stories.deferred))
    assert said[-1] == f"{timezone.localdate():%B %Y}"
    found = verify_trail()
    assert (found.whole, found.clock_steps) == (True, ()), found.says
    today = timezone.localdate()
    by_decision = {one.does: one.patient for one in Consultation.objects.signed()}
    ivo, malik = by_decision["defer"], by_decision["treat"]
    assert judged(Consultation.objects.get(patient=ivo)).outcome.verdict == "defer", "as his story says"
    first, second = Treatment.objects.filter(patient=malik).order_by("on")
    assert (first.on, first.signed_at.date()) == (today - timedelta(days=28),) * 2
    assert (second.on, second.signed_at, second.answers.get("removed_at")) == (today, None, None)
    assert second.answers["applied_at"] <= f"{timezone.localtime():%H:%M}"
    assert [one.day for one in PhotoSet.objects.filter(patient=ivo)] == [today - timedelta(days=9)]
    assert Entry.objects.order_by("sequence").first().moment < timezone.now() - timedelta(days=200)
    assert Entry.objects.order_by("-sequence").first().kind == "demo.seeded"
    assert timezone.now() - Entry.objects.latest("sequence").moment < timedelta(minutes=2)
    seen = {
        role: Patient.objects.for_user(Actor(Person.objects.get(role=role))).count() for role, *_ in STAFF
    }
    assert seen == {"owner": 2, "clinician": 2, "assistant": 2, "auditor": 0}
    assert not visited(demo_mark())


def test_what_a_visitor_wrote_is_not_thrown_away(db):
    mark = make_demo()
    note_seeded(mark)
    assert not visited(mark)
    owner = Person.objects.create(email="o@demo.example", name="O", role="owner")
    change_clinic(by=Actor(owner), version=1, name="Mine")
    assert visited(mark)


def test_a_clinic_with_people_never_becomes_a_demonstration_nor_the_other_way_round(cast):
    with pytest.raises(SettingsRefused, match="never become a demonstration"):
        make_demo()
    refuse_mixture(demo=False)
    with pytest.raises(SettingsRefused, match="no demonstration"):
        refuse_mixture(demo=True)


def test_a_demonstration_is_opened_as_one_only(db):
    make_demo()
    refuse_mixture(demo=True)
    with pytest.raises(SettingsRefused, match="never becomes a clinic"):
        refuse_mixture(demo=False)


def test_only_a_demonstration_asks_for_no_second_factor_and_every_page_of_it_says_what_it_is(cast, settings):
    Authenticator.objects.all().delete()
    page = reverse("today")
    asked = sign_in(cast.bob).get(page)
    assert (asked.status_code, asked["Location"]) == (302, reverse("mfa_index"))
    settings.DEMO = True
    shown = sign_in(cast.bob).get(page)
    assert shown.status_code == 200
    assert MARK in shown.content.decode()
    sign_in_page = Client().get(reverse("account_login")).content.decode()
    assert STAFF[0][2] in sign_in_page
    assert PASSWORD in sign_in_page
    settings.DEMO = False
    assert MARK not in sign_in(cast.bob).get(reverse("mfa_index")).content.decode()


@pytest.mark.parametrize(
    "more",
    [
        {"host": "0.0.0.0"},
        {"address": "https://records.example"},
        {"database_url": "postgresql://u:p@localhost/clinic"},
        {"keys": "elsewhere"},
    ],
)
def test_a_demonstration_is_open_on_this_computer_only_and_keeps_to_its_folder(tmp_path, more):
    alone = {"data": tmp_path / "d", "demo": True, "database_url": None}  # whatever the tests run on
    assert "a demonstration" in "; ".join(unsafe(Configuration(**alone | more)))
    assert not list(unsafe(Configuration(**alone)))


def test_a_real_clinic_is_not_served_as_a_demonstration(clinic_folder):
    code, said = run("serve", "--demo", "--data", clinic_folder)
    assert (code, "no demonstration" in said) == (2, True), said
    assert (clinic_folder / "records.sqlite3").exists()


def test_seeding_anew_removes_nothing_but_its_own_folder(tmp_path, monkeypatch):
    data, others = tmp_path / "demo", tmp_path / "demo.new"
    others.mkdir()
    (others / "thesis.txt").write_text("mine")

    def child(verb, folder, _say):
        (folder / "seeded").write_text(verb)
        return ""

    monkeypatch.setattr(door, "_child", child)
    door._seed_anew(data, print)
    assert (data / "seeded").exists()
    assert (others / "thesis.txt").read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["demo", "demo.new"]


@pytest.mark.slow
def test_serve_demo_prints_a_login_that_works_shows_ten_people_and_is_found_again(tmp_path):
    server = Server(tmp_path / "demo", tmp_path / "log", more=("--demo",))
    assert STAFF[0][2] in server.said
    assert PASSWORD in server.said
    browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def read(place: str, sent: dict[str, str] | None = None) -> str:
        data = None if sent is None else urlencode(sent).encode()
        asked = Request(f"{server.address}{place}", data, {"Referer": f"{server.address}{place}"})
        return browser.open(asked, timeout=60).read().decode()

    login = reverse("account_login")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', read(login)).group(1)
    today = read(login, {"login": STAFF[0][2], "password": PASSWORD, "csrfmiddlewaretoken": token})
    for words in (MARK, "Mockup", "Template", "Newcomer"):
        assert words in today
    assert len(set(re.findall(r"/patients/([0-9a-f-]{36})/", read("/patients/")))) == 10
    server.stop()
    code, said = run("serve", "--data", tmp_path / "demo")
    assert (code, "never becomes a clinic" in said) == (2, True), said
    assert "is whole" in run("audit", "verify", "--data", tmp_path / "demo")[1]
    again = Server(tmp_path / "demo", tmp_path / "log2", more=("--demo",))
    assert "Writing the demonstration" not in again.said
    again.stop()
