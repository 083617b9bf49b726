"""T17, T18: what happened is in the trail, nothing else is, and what was changed by other means is found."""

import json
import random
import re

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, CreateModel
from django.urls import reverse

from microrelief.vault import chain
from microrelief.web.audit.models import Entry
from microrelief.web.audit.seal import sealed_models
from microrelief.web.audit.trail import VERSIONS_SEALED, record
from microrelief.web.audit.verify import verify_trail
from microrelief.web.keyring import clinic_keys, head_file
from microrelief.web.oversight.sentences import SENTENCES, tell
from microrelief.web.patients import actions
from microrelief.web.patients.models import Patient
from microrelief.web.people.models import Person
from tests.web.conftest import BEFORE, sign_in
from tests.web.test_consents import answer
from tests.web.test_custody import ANNA
from tests.web.test_photos import add, read

NOT_VOUCHED_FOR = {
    "django_tasks_database.dbtaskresult",  # what the background work still has to do
    # what comes and goes without being anybody's record: sessions, attempts, Django's own
    "sessions.session", "usersessions.usersession", "axes.accessattempt", "axes.accesslog",
    "axes.accessfailurelog", "axes.accessattemptexpiration", "contenttypes.contenttype", "auth.permission",
    "auth.group", "account.emailaddress", "account.emailconfirmation", "mfa.authenticator", "people.sentonce",
    "audit.entry",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_head_of_another_test(tmp_path, monkeypatch):
    from microrelief.web import keyring
    from microrelief.web.audit import trail, verify

    file = chain.HeadFile(tmp_path / "trail.head")
    for module in (keyring, trail, verify):
        monkeypatch.setattr(module, "head_file", lambda: file)


@pytest.fixture
def worked(cast):
    """A small day."""
    photo = add(cast, note="left")
    answer(cast)
    actions.change_patient(by=cast.actor("bob"), patient=cast.anna, version=1, identity=ANNA | {"note": "x"})
    read(sign_in(cast.bob), reverse("photo_original", args=[photo.pk]))
    return cast


def without_triggers():
    """As somebody with the database file and its key would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for what in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS audit_entry_no_{what}")
        else:
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")


def test_T18_a_clean_trail_is_whole(worked):
    finding = verify_trail()
    assert finding.whole, finding.says
    assert finding.entries >= 15
    assert finding.rows >= 20


def test_T18_the_database_refuses_to_change_the_trail(worked):
    entry = Entry.objects.order_by("sequence").first()
    for change in (lambda: Entry.objects.filter(pk=entry.pk).update(kind="x"), entry.delete):
        with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
            change()


def test_T18_two_hundred_tamperings_with_the_trail_are_found_at_their_entry(worked):
    without_triggers()
    chance = random.Random(18)
    entries = list(Entry.objects.order_by("sequence"))
    missed = []
    for number in range(200):
        victim = chance.choice(entries[:-1])
        with transaction.atomic():
            tamper(number % 8, victim, entries, worked)
            finding = verify_trail()
            transaction.set_rollback(True)
        if finding.first_bad != victim.sequence:
            missed.append(f"way {number % 8} at entry {victim.sequence}: {finding}")
    assert not missed
    assert verify_trail().whole


def tamper(way: int, victim: Entry, entries: list[Entry], worked) -> None:
    rows = Entry.objects.filter(pk=victim.pk)
    somebody = worked.erin.pk if victim.actor != worked.erin.pk else worked.bob.pk
    after = entries[entries.index(victim) + 1]
    match way:
        case 0:
            rows.delete()
        case 1:
            rows.update(event=victim.event.replace('"door":"', '"door":"x'))
        case 2:
            rows.update(at=entries[-1].at)
        case 3:
            rows.update(actor=somebody)
        case 4:
            rows.update(kind="patient.viewed" if victim.kind != "patient.viewed" else "patient.added")
        case 5:
            rows.update(mac=victim.mac[::-1])
        case 6:
            rows.update(event=after.event, kind=after.kind, actor=after.actor, patient=after.patient)
        case _:
            rows.update(patient=worked.ben.pk if victim.patient != worked.ben.pk else worked.anna.pk)


def test_T18_a_cut_off_end_and_yesterdays_database_are_found_by_the_head(
    worked, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.put_on_hold(by=worked.actor("alice"), patient=worked.anna, reason="A claim")
    from microrelief.web.audit import verify

    assert verify.head_file().read().sequence == Entry.objects.count()
    without_triggers()
    last = Entry.objects.count()
    Entry.objects.filter(pk=last).delete()
    finding = verify_trail()
    assert finding.first_bad == last
    assert "cut off" in finding.says


ROWS = [
    ("patients.patient", {"number": 4711}),
    ("patients.patient", {"contents": b"x"}),
    ("patients.carerelation", {"kind": "treats", "ended_at": None, "until": "2999-01-01T00:00:00Z"}),
    ("photos.photo", {"view": "other"}),
    ("photos.photo", {"sha256": "0" * 64}),
    ("photos.blob", {"sha256": "0" * 64}),
    ("consents.consent", {"answer": "refused"}),
    ("consents.consent", {"channels": ["instagram"]}),
    ("consents.consenttext", {"text": "I give everything away"}),
    ("people.person", {"role": "owner"}),
    ("people.invitation", {"role": "owner"}),
    ("people.person", {"email": "thief@example.org"}),
]  # fmt: skip


def test_T18_a_row_changed_by_other_means_is_found(worked):
    from microrelief.web.people.actions import invite_person

    invite_person(by=worked.actor("alice"), role="assistant")
    missed = []
    for label, change in ROWS:
        model = apps.get_model(label)
        row = model._base_manager.exclude(pk=worked.alice.pk).order_by("pk").last()
        with transaction.atomic():
            model._base_manager.filter(pk=row.pk).update(**change)
            finding = verify_trail()
            transaction.set_rollback(True)
        if finding.whole or str(row.pk) not in finding.says:
            missed.append(f"{label} {change}: {finding}")
    assert not missed
    assert verify_trail().whole


def test_T18_a_row_put_in_or_taken_out_by_other_means_is_found(worked):
    Person.objects.create(email="thief@example.org", name="Thief", role="owner")
    assert "put in by other means" in verify_trail().says
    Person.objects.get(name="Thief").delete()
    photo = apps.get_model("photos.photo").objects.get()
    photo.blobs.all().delete()
    assert "deleted by other means" in verify_trail().says


VERSIONS = [
    ("patients.patient", {"contents": b"x"}),
    ("patients.patient", {"history_date": "2020-01-01T00:00:00Z"}),
    ("patients.patient", {"history_user": None}),
    ("patients.carerelation", {"kind": "broke_glass"}),
    ("photos.photo", {"sha256": "0" * 64}),
    ("consents.consent", {"answer": "refused"}),
    ("consents.consent", {"signed_on": "2019-01-01"}),
]  # fmt: skip


def test_T18_an_earlier_version_changed_put_in_or_taken_out_by_other_means_is_found(worked):
    missed = []
    for label, change in VERSIONS:
        versions = apps.get_model(label).history.model._base_manager
        for version in versions.all():
            for how in ("changed", "put in", "deleted"):
                with transaction.atomic():
                    if how == "changed":
                        versions.filter(pk=version.pk).update(**change)
                    elif how == "put in":
                        versions.create(
                            **{**versions.filter(pk=version.pk).values().get(), "history_id": 10**6}
                        )
                    else:
                        versions.filter(pk=version.pk).delete()
                    finding = verify_trail()
                    transaction.set_rollback(True)
                number = 10**6 if how == "put in" else version.pk
                if (
                    f"version {number} of {label}" not in finding.says
                    or f"{how} by other" not in finding.says
                ):
                    missed.append(f"{label} {change} {how}: {finding}")
    assert not missed
    assert verify_trail().whole


def test_a_column_that_came_later_accuses_no_row_that_was_sealed_before_it():
    """A column of a migration after the one that made the table is named in the model's `later_fields`."""
    sealed = {model._meta.label_lower: model for model in sealed_models()}
    made, missing, found = set(), [], 0
    for (app, _), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        new = {f"{app}.{one.name_lower}" for one in migration.operations if isinstance(one, CreateModel)}
        for one in (one for one in migration.operations if isinstance(one, AddField)):
            label = f"{app}.{one.model_name_lower}"
            if label in sealed and label in made - new:
                field = sealed[label]._meta.get_field(one.name)
                found += 1
                if sealed[label].later_fields.get(field.attname, missing) != field.get_default():
                    missing.append(f"{label}.{field.attname}")
        made |= new
    assert missing == []
    assert found > 2


def test_a_version_of_a_change_that_was_taken_back_is_not_sealed_under_its_number(worked):
    bob = worked.actor("bob")
    with transaction.atomic():
        actions.save_change(Patient.objects.get(pk=worked.anna.pk), by=bob, version=2, note="lost")
        transaction.set_rollback(True)
    actions.change_patient(by=bob, patient=worked.anna, version=2, identity=ANNA | {"note": "y"})
    assert verify_trail().whole


def test_a_version_that_no_entry_speaks_of_is_sealed_also_after_one_that_was_taken_back(
    worked, django_capture_on_commit_callbacks
):
    bob, sealed = worked.actor("bob"), Entry.objects.filter(kind=VERSIONS_SEALED)
    before = sealed.count()
    with transaction.atomic():
        actions.save_change(Patient.objects.get(pk=worked.anna.pk), by=bob, version=2, note="lost")
        transaction.set_rollback(True)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        actions.save_change(Patient.objects.get(pk=worked.anna.pk), by=bob, version=2, note="forgotten")
    assert sealed.count() == before + 1


def test_every_model_is_vouched_for_or_named_here():
    sealed = {model._meta.label_lower for model in sealed_models()}
    others = {
        model._meta.label_lower
        for model in apps.get_models()
        if not model.__name__.startswith("Historical") and model._meta.managed
    }
    assert others - sealed == NOT_VOUCHED_FOR
    assert sealed >= {"patients.patient", "photos.photo", "photos.blob", "consents.consent", "people.person"}


def test_T17_a_change_that_fails_leaves_no_entry_and_an_entry_that_fails_no_change(worked, monkeypatch):
    entries, version = Entry.objects.count(), Patient.objects.get(pk=worked.anna.pk).version
    monkeypatch.setattr(chain, "next_entry", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.change_patient(by=worked.actor("bob"), patient=worked.anna, version=version, identity=ANNA)
    monkeypatch.undo()
    assert Entry.objects.count() == entries
    assert Patient.objects.get(pk=worked.anna.pk).version == version


def test_T17_no_entry_holds_a_word_of_a_patient(worked):
    told = "".join(Entry.objects.values_list("event", flat=True))
    told = re.sub(r'"[0-9a-f]{32,64}"', "", told)  # in a seal any four digits may follow each other
    for word in ("Sommer", "Anna", "Winter", "1991", "left", BEFORE.name):
        assert word not in told
    with pytest.raises(ValueError, match="plain word"):
        record("patient.viewed", by=None, facts={"why": "Anna Sommer asked"})


def test_T17_every_entry_is_a_sentence(worked):
    told = tell(Entry.objects.all())
    assert len(told) == Entry.objects.count()
    assert "Bob opened an original photograph of patient 000001 (download)" in [one.says for one in told]
    assert all("…" not in one.says for one in told)


def test_every_kind_that_is_recorded_has_its_sentence():
    import re
    from pathlib import Path

    import microrelief.web

    code = "".join(file.read_text() for file in Path(microrelief.web.__file__).parent.rglob("*.py"))
    kinds = set(re.findall(r"(?:record|_note)\(\s*\"([a-z_.]+)\"", code))
    assert len(kinds) >= 30
    assert kinds <= set(SENTENCES)


def test_the_owner_verifies_on_a_page_and_the_auditor_sees_no_patient(worked):
    page = sign_in(worked.dan).post(reverse("verify_audit"))
    assert b"whole" in page.content or b"as it was written" in page.content
    assert sign_in(worked.dan).get(reverse("patients")).status_code == 403
    report = sign_in(worked.dan).get(reverse("access_report", args=[1]))
    assert b"opened an original" in report.content
    assert b"Sommer" not in report.content


def test_the_chain_is_the_vaults(worked):
    links = [entry.link for entry in Entry.objects.order_by("sequence")]
    assert chain.verify(links, clinic_keys().audit_keys()).whole
    assert json.loads(links[0].event)["kind"]
    assert head_file is not None
