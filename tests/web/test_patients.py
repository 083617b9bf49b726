"""Who is treated: identity, doubles, care team, glass, merging."""

from datetime import date

import pytest
from django.urls import reverse

from microrelief.web.audit.models import Entry
from microrelief.web.patients import actions
from microrelief.web.patients.access import patient_for
from microrelief.web.patients.models import CareRelation, Patient
from microrelief.web.patients.search import find_patients
from microrelief.web.people.once import new_key
from microrelief.web.refusals import EditConflict, NotAllowed, NotHere, Unusable
from tests.web.conftest import patient, sign_in

ANNA = {"family_name": "Sommer", "given_name": "Anna", "birth_date": date(1991, 4, 12)}


def test_the_database_holds_no_name(cast):
    for row in Patient.objects.values_list("contents", flat=True):
        assert b"Sommer" not in bytes(row)
        assert b"Winter" not in bytes(row)
    for row in Patient.history.values_list("contents", flat=True):
        assert b"Sommer" not in bytes(row)


def test_a_record_of_another_patient_does_not_open_under_this_one(cast):
    Patient.objects.filter(pk=cast.ben.pk).update(contents=cast.anna.contents)
    with pytest.raises(Exception, match="changed by other means"):
        _ = Patient.objects.get(pk=cast.ben.pk).family_name


@pytest.mark.parametrize("text", ["som", "anna s", "SÖMMER", "1", "000001", "1991-04-12", "12"])
def test_a_few_letters_find_a_patient(cast, text):
    assert cast.anna in find_patients(cast.actor("bob"), text)


def test_somebody_elses_patient_is_not_found(cast):
    assert find_patients(cast.actor("bob"), "winter") == []
    with pytest.raises(NotHere):
        patient_for(cast.actor("bob"), cast.ben.pk)


def test_a_double_is_asked_about(cast):
    with pytest.raises(actions.PerhapsHere) as asked:
        actions.add_patient(by=cast.actor("bob"), key=new_key(), identity=ANNA)
    assert asked.value.alike == [cast.anna]
    with pytest.raises(actions.PerhapsHere) as asked:
        actions.add_patient(by=cast.actor("erin"), key=new_key(), identity=ANNA)
    assert asked.value.alike == []
    assert asked.value.hidden == [cast.anna]
    again = actions.add_patient(by=cast.actor("bob"), key=new_key(), identity=ANNA, although_similar=True)
    assert again.number == 3


def test_the_page_of_a_double_asks_and_saves_at_the_second_press(cast):
    client, url = sign_in(cast.bob), reverse("new_patient")
    form = {"family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12", "key": new_key()}
    asked = client.post(url, form)
    assert asked.status_code == 409
    assert b"may be here already" in asked.content
    saved = client.post(url, form | {"although_similar": "1", "key": asked.context["form"]["key"].value()})
    assert saved.status_code == 302
    assert Patient.objects.count() == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"birth_date": None},
        {"birth_date": date(1700, 1, 1)},
        {"birth_date": date(2999, 1, 1)},
        {"family_name": "  "},
    ],
)
def test_two_identifiers_are_needed(cast, wrong):
    with pytest.raises(Unusable):
        actions.add_patient(by=cast.actor("bob"), key=new_key(), identity=ANNA | wrong)
    assert Patient.objects.count() == 2


def test_the_glass_opens_one_record_for_a_while_and_the_owner_reads_why(cast, settings):
    bob = cast.actor("bob")
    for number, born in (("2", date(1985, 11, 3)), ("1", date(1985, 11, 2)), ("99", date(1985, 11, 2))):
        with pytest.raises(NotHere):
            actions.break_glass(by=bob, number=number, birth_date=born, reason="Erin is away today")
    with pytest.raises(Unusable):
        actions.break_glass(by=bob, number="2", birth_date=date(1985, 11, 2), reason="because")
    with pytest.raises(NotAllowed):
        actions.break_glass(
            by=cast.actor("carol"), number="2", birth_date=date(1985, 11, 2), reason="Erin is away today"
        )
    actions.break_glass(by=bob, number="2", birth_date=date(1985, 11, 2), reason="Erin is away today")
    assert patient_for(bob, cast.ben.pk) == cast.ben
    page = sign_in(cast.alice).get(reverse("audit"))
    assert b"Erin is away today" in page.content
    assert b"Winter" not in page.content  # the owner does not treat Ben
    relation = CareRelation.objects.get(kind=CareRelation.BROKE_GLASS)
    CareRelation.objects.filter(pk=relation.pk).update(until=relation.since)
    with pytest.raises(NotHere):
        patient_for(bob, cast.ben.pk)


def test_off_the_team_is_out_at_once_and_somebody_stays(cast):
    bob = cast.actor("bob")
    team = {one.person_id: one for one in cast.anna.care_team.all()}
    actions.remove_from_care_team(by=bob, patient=cast.anna, relation_id=team[cast.carol.pk].pk)
    with pytest.raises(NotHere):
        patient_for(cast.actor("carol"), cast.anna.pk)
    actions.remove_from_care_team(by=bob, patient=cast.anna, relation_id=team[cast.alice.pk].pk)
    with pytest.raises(Unusable, match="Nobody would treat"):
        actions.remove_from_care_team(by=bob, patient=cast.anna, relation_id=team[cast.bob.pk].pk)


def test_T14_of_two_who_edit_the_second_sees_both_and_nothing_is_lost(cast):
    first, second = sign_in(cast.bob), sign_in(cast.carol)
    url = reverse("change_patient", args=[cast.anna.pk])
    form = {"family_name": "Sommer", "given_name": "Anna", "birth_date": "1991-04-12", "version": 1}
    assert first.post(url, form | {"phone": "0111"}).status_code == 302
    conflict = second.post(url, form | {"phone": "0222"})
    assert conflict.status_code == 409
    assert b"0111" in conflict.content
    assert b"0222" in conflict.content
    assert Patient.objects.get(pk=cast.anna.pk).phone == "0111"
    assert second.post(url, form | {"phone": "0222", "version": 2}).status_code == 302
    assert Patient.objects.get(pk=cast.anna.pk).phone == "0222"
    from microrelief.web.patients.record import open_version

    phones = [open_version(one).get("phone", "") for one in cast.anna.history.order_by("history_id")]
    assert phones == ["", "0111", "0222"]


def test_T14_an_edit_of_an_old_version_changes_nothing(cast):
    actions.change_patient(
        by=cast.actor("bob"), patient=cast.anna, version=1, identity=ANNA | {"note": "one"}
    )
    entries = Entry.objects.count()
    with pytest.raises(EditConflict):
        actions.change_patient(
            by=cast.actor("bob"), patient=cast.anna, version=1, identity=ANNA | {"note": "two"}
        )
    assert Patient.objects.get(pk=cast.anna.pk).note == "one"
    assert Entry.objects.count() == entries


def test_a_merge_is_taken_back_whole(cast):
    bob = cast.actor("bob")
    double = patient(cast.bob, "Sommer", "A.", date(1991, 4, 13))
    deeper = patient(cast.bob, "Somer", "Anna", date(1991, 4, 14))
    actions.merge_patients(by=bob, duplicate=deeper, into=double, birth_date=date(1991, 4, 13))
    with pytest.raises(Unusable, match="birth date"):
        actions.merge_patients(by=bob, duplicate=double, into=cast.anna, birth_date=date(1991, 4, 13))
    actions.merge_patients(by=bob, duplicate=double, into=cast.anna, birth_date=date(1991, 4, 12))
    assert set(cast.anna.all_ids()) == {cast.anna.pk, double.pk, deeper.pk}
    assert find_patients(bob, "som") == [cast.anna]
    page = sign_in(cast.carol).get(reverse("patient", args=[deeper.pk]))
    assert page.url == reverse("patient", args=[cast.anna.pk])
    actions.take_merge_back(by=bob, duplicate_id=double.pk, patient=cast.anna)
    double.refresh_from_db()
    deeper.refresh_from_db()
    assert double.surviving is None
    assert deeper.surviving == double
    assert cast.anna.all_ids() == [cast.anna.pk]


def test_text_of_patients_never_becomes_markup(cast):
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    actions.change_patient(
        by=cast.actor("bob"),
        patient=cast.anna,
        version=1,
        identity=ANNA | {"note": attack, "given_name": attack},
    )
    for name in ("patient", "change_patient", "photos", "consents", "care_team"):
        page = sign_in(cast.bob).get(reverse(name, args=[cast.anna.pk]))
        assert b"<script>alert" not in page.content
        assert b"<img src=x" not in page.content
