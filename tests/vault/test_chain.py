"""The audit trail: whole where it is, and otherwise the first bad entry by its number."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microrelief.errors import BlobDamaged
from microrelief.vault.chain import (
    Entry,
    HeadFile,
    canonical,
    clock_went_back,
    head_of,
    next_entry,
    verify,
)
from microrelief.vault.keys import ClinicKeys

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def trail(keys: ClinicKeys, length: int, begin: list[Entry] | None = None) -> list[Entry]:
    entries = list(begin or [])
    for number in range(length):
        event = {"did": "photo.view", "photo": f"f{number}", "ok": True, "why": None}
        last = entries[-1] if entries else None
        entries.append(next_entry(keys, last, event, NOW + timedelta(seconds=len(entries))))
    return entries


def test_a_trail_as_it_was_written_is_whole(keys):
    entries = trail(keys, 50)
    heads = [head_of(keys, entries[at], NOW) for at in (0, 20, 49)]
    found = verify(iter(entries), keys.audit_keys(), heads)
    assert (found.whole, found.entries, found.clock_steps) == (True, 50, ())
    assert verify([], keys.audit_keys()).whole


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), texts),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(texts, inner)),
    )
)
def test_any_event_can_be_kept(keys, value):
    assert verify([next_entry(keys, None, {"value": value}, NOW)], keys.audit_keys()).whole


@pytest.mark.parametrize("value", [0.5, float("nan"), b"x", NOW, {1: 2}, {1, 2}, "a\0b", "\ud800", ["\0"]])
def test_what_a_database_would_change_is_refused(keys, value):
    with pytest.raises(ValueError, match="event"):
        next_entry(keys, None, {"value": value}, NOW)


def test_the_same_event_is_the_same_text():
    assert canonical({"b": [1, {"d": None, "c": "é"}], "a": True}) == '{"a":true,"b":[1,{"c":"é","d":null}]}'


def test_every_field_of_an_entry_is_authenticated(keys):
    entries = trail(keys, 5)
    changes = {
        "sequence": 4,
        "at": "2026-11-22T09:00:02.000001Z",
        "event": entries[2].event.replace("f2", "f3"),
        "previous": entries[0].mac,
        "key_id": "00" * 16,
        "mac": entries[3].mac,
    }
    assert set(changes) == {field.name for field in dataclasses.fields(Entry)}
    for name, value in changes.items():
        tampered = [*entries[:2], dataclasses.replace(entries[2], **{name: value}), *entries[3:]]
        assert verify(tampered, keys.audit_keys()).first_bad == 3, name


def test_an_entry_removed_moved_or_put_in(keys, tmp_path):
    entries = trail(keys, 10)
    assert verify(entries[:4] + entries[5:], keys.audit_keys()).first_bad == 5
    assert verify([*entries[:2], entries[3], entries[2], *entries[4:]], keys.audit_keys()).first_bad == 3
    assert verify([*entries[:3], entries[2], *entries[3:]], keys.audit_keys()).first_bad == 4
    forged = trail(ClinicKeys.create(tmp_path), 10)
    assert verify([*entries[:6], *forged[6:]], keys.audit_keys()).first_bad == 7


def test_a_tail_cut_off_and_yesterdays_database_show_against_the_head(keys):
    entries = trail(keys, 30)
    head = head_of(keys, entries[-1], NOW)
    found = verify(entries[:20], keys.audit_keys(), [head])
    assert found.first_bad == 21
    assert "cut off" in found.says
    assert verify([], keys.audit_keys(), [head]).first_bad == 1
    other_day = trail(keys, 15, entries[:20])  # the trail went on from yesterday's database
    other_day[20:] = trail(keys, 5, entries[:20])[20:]
    rewritten = entries[:20]
    for _ in range(15):
        rewritten.append(next_entry(keys, rewritten[-1], {"did": "other"}, NOW + timedelta(hours=1)))
    found = verify(rewritten, keys.audit_keys(), [head])
    assert (found.first_bad, found.whole) == (30, False)


def test_entries_behind_the_head_are_no_fault(keys):
    """A process that died between the commit and the head."""
    entries = trail(keys, 30)
    assert verify(entries, keys.audit_keys(), [head_of(keys, entries[27], NOW)]).whole


def test_a_head_that_this_clinic_did_not_sign(keys, tmp_path):
    entries = trail(keys, 3)
    forged = head_of(ClinicKeys.create(tmp_path), entries[1], NOW)
    moved = dataclasses.replace(head_of(keys, entries[2], NOW), sequence=2)
    for head in (forged, moved):
        found = verify(entries, keys.audit_keys(), [head])
        assert (found.first_bad, found.whole) == (2, False)


def test_two_heads_that_contradict_each_other(keys):
    entries = trail(keys, 3)
    other = next_entry(keys, entries[1], {"did": "other"}, NOW)
    heads = [head_of(keys, entry, NOW) for entry in (entries[2], other)]
    assert verify(entries, keys.audit_keys(), heads).first_bad == 3


def test_a_trail_goes_on_over_a_change_of_keys(tmp_path):
    keys = ClinicKeys.create(tmp_path)
    entries = trail(keys, 5)
    head = head_of(keys, entries[-1], NOW)
    keys.begin_rotation()
    entries = trail(keys, 5, entries)
    keys.finish_rotation([])
    keys = ClinicKeys.open(tmp_path)
    entries = trail(keys, 5, entries)
    assert len({entry.key_id for entry in entries}) == 2
    found = verify(entries, keys.audit_keys(), [head])
    assert (found.whole, found.entries) == (True, 15)


def test_T26_a_clock_that_goes_back_is_told_and_breaks_nothing(keys):
    entries = trail(keys, 5)
    for back in (timedelta(minutes=4), timedelta(minutes=20), timedelta(days=730)):
        moment = datetime.fromisoformat(entries[-1].at) - back
        assert clock_went_back(entries[-1], moment) == (back > timedelta(minutes=5))
        entries.append(next_entry(keys, entries[-1], {"did": "x"}, moment))
        entries.append(next_entry(keys, entries[-1], {"did": "x"}, moment + timedelta(seconds=1)))
    found = verify(entries, keys.audit_keys())
    assert found.whole
    assert [(step.sequence, step.back) for step in found.clock_steps] == [
        (8, timedelta(minutes=24, seconds=-1)),
        (10, timedelta(days=730)),
    ]


def test_T26_time_zones_and_summer_time_are_no_steps(keys):
    entries = [next_entry(keys, None, {}, NOW)]
    for hours in (-11, 0, 2, 14):
        moment = (NOW + timedelta(minutes=1)).astimezone(timezone(timedelta(hours=hours)))
        assert not clock_went_back(entries[-1], moment)
        entries.append(next_entry(keys, entries[-1], {}, moment))
    assert len({entry.at for entry in entries[1:]}) == 1
    with pytest.raises(ValueError, match="time zone"):
        next_entry(keys, None, {}, datetime(2026, 1, 1))


def test_the_head_file_only_goes_forward(keys, tmp_path):
    entries = trail(keys, 5)
    file = HeadFile(tmp_path / "trail.head")
    assert file.read() is None
    for at in (1, 3, 0, 3):
        file.advance(head_of(keys, entries[at], NOW))
    assert file.read().sequence == 4
    assert [path.name for path in tmp_path.iterdir()] == ["trail.head"]
    assert verify(entries, keys.audit_keys(), [file.read()]).whole


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"sequence": 1}'])
def test_a_damaged_head_file_is_named(content, tmp_path):
    (tmp_path / "head").write_bytes(content)
    with pytest.raises(BlobDamaged, match="damaged"):
        HeadFile(tmp_path / "head").read()
