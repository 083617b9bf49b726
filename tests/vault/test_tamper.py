"""T18: what was changed is found and named, and what was not is not; the command is in tamper.py."""

from datetime import UTC, datetime, timedelta

import pytest

from microrelief.vault.chain import head_of, next_entry, verify
from tests.vault.tamper import tampered


def test_T18_every_change_is_found_and_named(tmp_path, capsys):
    found = tampered(1000, tmp_path)
    with capsys.disabled():
        print(f"\n{found}")
    assert (found.missed, found.false_alarms) == ([], [])
    assert sum(found.tried.values()) == 1000
    assert min(found.tried.values()) >= 20
    assert len(found.tried) == 17


@pytest.mark.slow
def test_T18_a_trail_of_a_million_entries(keys, capsys):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    entries, last = [], None
    for number in range(1_000_000):
        event = {"did": "photo.view", "photo": f"f{number}", "who": "u7"}
        last = next_entry(keys, last, event, now + timedelta(seconds=number))
        entries.append(last)
    began = datetime.now(UTC)
    found = verify(iter(entries), keys.audit_keys(), [head_of(keys, last, now)])
    with capsys.disabled():
        print(
            f"\nT18: {found.entries} entries verified in {(datetime.now(UTC) - began).total_seconds():.1f} s"
        )
    assert (found.whole, found.entries) == (True, 1_000_000)
    del entries[654_320]
    assert verify(iter(entries), keys.audit_keys()).first_bad == 654_321
