"""The ledger: one row for each answer, bound to its text; a refusal counts; withdrawal in one step."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from microrelief.web.audit.models import Entry
from microrelief.web.audit.verify import verify_trail
from microrelief.web.comparisons.actions import compare_sets
from microrelief.web.consents import actions, withdrawn
from microrelief.web.consents.models import Consent, ConsentText
from microrelief.web.consents.purposes import PURPOSES
from microrelief.web.keyring import photo_store
from microrelief.web.oversight.sentences import tell
from microrelief.web.people.once import new_key
from microrelief.web.refusals import ConsentEnded, NotHere, Unusable
from tests.web.conftest import AFTER, BEFORE, DATA, sign_in
from tests.web.test_photos import add
from tests.web.test_photosets import picture, take

SIGNED = "M10 10 L40 60 L90 20 L150 80"


def answer(cast, purpose="record", said="given", how="tablet", who="carol", **more) -> Consent:
    fields = {"signed_on": timezone.localdate(), "signature": SIGNED, "key": new_key()} | more
    return actions.record_consent(
        by=cast.actor(who), patient=cast.anna, purpose=purpose, answer=said, how=how, **fields
    )


def test_a_consent_is_bound_to_the_text_that_was_signed(cast):
    given = answer(cast)
    old = given.text.version
    actions.write_text(by=cast.actor("alice"), purpose="record", version="clinic 2", text="Other words.")
    assert Consent.objects.get(pk=given.pk).text.version == old
    assert answer(cast).text.text == "Other words."
    with pytest.raises(Unusable, match="another version"):
        actions.write_text(by=cast.actor("alice"), purpose="record", version="clinic 2", text="Changed!")


def test_a_refusal_is_a_row_and_ends_what_was_given(cast):
    answer(cast)
    assert actions.permits(cast.anna, "record")
    answer(cast, said="refused")
    assert actions.permits(cast.anna, "record") is None
    assert [row.answer for row in Consent.objects.order_by("received_at")] == ["given", "refused"]


def test_pictures_leave_only_by_channel_and_photograph(cast):
    photo, other = add(cast), add(cast, BEFORE)
    with pytest.raises(Unusable, match="channels"):
        answer(cast, "website", photos=[photo.pk])
    answer(cast, "website", channels=["website"], photos=[photo.pk])
    assert actions.permits(cast.anna, "website", channel="website", photo_id=photo.pk)
    assert not actions.permits(cast.anna, "website", channel="website", photo_id=other.pk)
    assert not actions.permits(cast.anna, "website", channel="instagram", photo_id=photo.pk)
    assert not actions.permits(cast.anna, "social", channel="instagram", photo_id=photo.pk)


def test_who_cannot_draw_types_the_name(cast):
    with pytest.raises(Unusable, match="name is missing"):
        answer(cast, how="typed", signature="")
    typed = answer(cast, how="typed", signature="", signer_name="Anna Sommer")
    assert actions.permits(cast.anna, "record") == typed


def test_somebody_elses_photograph_cannot_be_consented_to(cast):
    foreign = add(cast, who="erin", whom=cast.ben)
    with pytest.raises(Unusable, match="not one of this patient"):
        answer(cast, "website", channels=["website"], photos=[foreign.pk])


def test_withdrawal_is_one_step_with_effect_and_keeps_the_row(cast, monkeypatch):
    seen = []
    monkeypatch.setattr(actions, "EFFECTS", [lambda by, consent: seen.append(consent.pk)])
    given = answer(cast)
    client = sign_in(cast.carol)
    client.post(reverse("withdraw_consent", args=[given.pk]))
    client.post(reverse("withdraw_consent", args=[given.pk]))
    given.refresh_from_db()
    assert given.state == "withdrawn"
    assert actions.permits(cast.anna, "record") is None
    assert seen == [given.pk]
    assert Entry.objects.filter(kind="consent.withdrawn").count() == 1


def handed_out(cast, photo, channel="website"):
    return sign_in(cast.bob).post(
        reverse("hand_out", args=[photo.pk]), {"purpose": "website", "channel": channel}
    )


def test_T22_a_copy_leaves_under_a_consent_of_now_only_and_is_called_back(cast):
    photo, other = add(cast), add(cast, AFTER)
    assert handed_out(cast, photo).status_code == 409
    given = answer(cast, "website", channels=["website"], photos=[photo.pk])
    copy = handed_out(cast, photo)
    assert b"".join(copy.streaming_content).startswith(b"\xff\xd8")
    assert handed_out(cast, other).status_code == 409
    assert handed_out(cast, photo, "instagram").status_code == 409
    assert sign_in(cast.carol).post(reverse("hand_out", args=[photo.pk])).status_code == 403
    actions.withdraw_consent(by=cast.actor("carol"), consent=given)
    assert handed_out(cast, photo).status_code == 410
    assert Entry.objects.filter(kind="photo.handed_out").count() == 1
    page = sign_in(cast.carol).get(reverse("consents", args=[cast.anna.pk])).content.decode()
    assert "Call these copies back" in page
    assert "the clinic&#x27;s website, " in page, "in words, and not by the key of the list"
    assert "(website, the clinic's website)" in tell(Entry.objects.filter(kind="photo.handed_out"))[0].says


def test_T22_a_copy_is_called_back_whatever_was_answered_since(cast):
    photo, other = add(cast), add(cast, AFTER)
    answer(cast, "website", channels=["website"], photos=[photo.pk])
    assert b"".join(handed_out(cast, photo).streaming_content)

    def called_back() -> bool:
        page = sign_in(cast.carol).get(reverse("consents", args=[cast.anna.pk])).content.decode()
        return "Call these copies back" in page

    assert not called_back()
    answer(cast, "website", said="refused")
    assert called_back()
    answer(cast, "website", channels=["website"], photos=[other.pk])  # given again, and not for this one
    assert called_back()
    answer(cast, "website", channels=["website"], photos=[photo.pk, other.pk])
    assert not called_back()


def test_a_copy_of_which_the_trail_cannot_tell_leaves_no_file_open(cast, monkeypatch):
    photo = add(cast)
    answer(cast, "website", channels=["website"], photos=[photo.pk])
    opened, store = [], type(photo_store())
    really = store.open

    def remembered(*args):
        opened.append(really(*args))
        return opened[-1]

    monkeypatch.setattr(store, "open", remembered)

    def full(*args, **more):
        raise OSError("no space left")

    monkeypatch.setattr(actions, "record", full)
    with pytest.raises(OSError, match="no space"):
        actions.hand_out_copy(by=cast.actor("bob"), photo=photo, purpose="website", channel="website")
    assert [file.closed for file in opened] == [True]


def test_T22_a_withdrawal_does_not_bring_back_what_was_given_before_it(cast):
    answer(cast)
    second = answer(cast)
    actions.withdraw_consent(by=cast.actor("carol"), consent=second)
    assert actions.permits(cast.anna, "record") is None


def test_T22_no_more_photographs_and_comparisons_after_a_no(cast):
    consents = {purpose: answer(cast, purpose) for purpose in ("record", "comparison")}
    earlier, later = (
        take(cast, picture(31), set_key="first-set"),
        take(cast, picture(32), set_key="second-set"),
    )
    (asked,) = compare_sets(by=cast.actor("bob"), one=earlier.photo_set, other=later.photo_set)
    url = reverse("comparison", args=[asked.pk])
    assert sign_in(cast.bob).get(url).status_code == 200
    for consent in consents.values():
        actions.withdraw_consent(by=cast.actor("carol"), consent=consent)
    page = sign_in(cast.bob).get(url)
    assert page.status_code == 410
    assert "measured comparison) is withdrawn" in page.content.decode()
    with pytest.raises(ConsentEnded):
        compare_sets(by=cast.actor("bob"), one=earlier.photo_set, other=later.photo_set)
    with pytest.raises(ConsentEnded, match="photographs in the record"):
        add(cast)


def test_T22_an_older_database_does_not_bring_a_withdrawn_consent_back(
    cast, tmp_path, monkeypatch, django_capture_on_commit_callbacks
):
    given = answer(cast, "record")
    monkeypatch.setattr(withdrawn, "FILE", str(tmp_path / "withdrawn.json"))
    with transaction.atomic():
        with django_capture_on_commit_callbacks(execute=True):
            actions.withdraw_consent(by=cast.actor("carol"), consent=given)
        transaction.set_rollback(True)  # yesterday's database
    (DATA / "trail.head").unlink(missing_ok=True)
    assert actions.permits(cast.anna, "record")
    kept = withdrawn.withdrawn_in_file(tmp_path / "withdrawn.json")
    assert withdrawn.withdraw_all_again(kept) == 1
    assert withdrawn.withdraw_all_again(kept) == 0
    assert actions.permits(cast.anna, "record") is None
    assert verify_trail().whole


def test_an_effect_that_fails_takes_the_withdrawal_with_it(cast, monkeypatch):
    def fails(by, consent):
        raise RuntimeError("the gallery does not answer")

    monkeypatch.setattr(actions, "EFFECTS", [fails])
    given = answer(cast)
    with pytest.raises(RuntimeError):
        actions.withdraw_consent(by=cast.actor("carol"), consent=given)
    assert Consent.objects.get(pk=given.pk).state == "given"
    assert not Entry.objects.filter(kind="consent.withdrawn").exists()


def test_a_consent_runs_out(cast):
    day = timezone.localdate()
    given = answer(cast, signed_on=day - timedelta(days=30), expires_on=day - timedelta(days=1))
    assert given.state == "expired"
    assert actions.permits(cast.anna, "record") is None
    assert not Consent.objects.in_force().exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": ""},
        {"signature": 'M1 1 L2 2"/><script>'},
        {"how": "spoken", "signature": ""},
        {"signed_on": timezone.localdate() + timedelta(days=1)},
        {"signed_on": timezone.localdate().replace(year=1900)},
        {"expires_on": timezone.localdate() - timedelta(days=1)},
        {"purpose": "anything"},
        {"signer": "nobody"},
    ],
)
def test_an_incomplete_answer_is_refused_whole(cast, wrong):
    with pytest.raises(Unusable):
        answer(cast, **wrong)
    assert not Consent.objects.exists()


def test_T13_the_same_key_is_the_same_row(cast):
    key = new_key()
    assert answer(cast, key=key).pk == answer(cast, key=key).pk
    assert Consent.objects.count() == 1


def test_somebody_elses_consent_is_not_there(cast):
    given = answer(cast)
    with pytest.raises(NotHere):
        actions.consent_for(cast.actor("erin"), given.pk)
    assert sign_in(cast.erin).post(reverse("withdraw_consent", args=[given.pk])).status_code == 404
    assert Consent.objects.get(pk=given.pk).state == "given"


def test_texts_are_brought_once(cast):
    before = ConsentText.objects.count()
    actions.bring_texts()
    assert ConsentText.objects.count() == before == len(PURPOSES) * len(actions.OURS)
