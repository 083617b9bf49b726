"""T15, T16, T27: killed, cut off, full. Real processes on real file systems; the long runs are commands:

python -m tests.vault.kill --kills 1000
python -m tests.vault.power --cuts 500
python -m tests.vault.full --most 16
"""

import os

import pytest

from microrelief.errors import StorageFailed
from microrelief.vault.envelope import Kind, sealed
from microrelief.vault.photo_store import FolderStore, new_name
from tests.vault.full import filled
from tests.vault.kill import killed
from tests.vault.power import power_cut
from tests.vault.volume import memory_disk, run, why_no_memory_disk, why_no_power_cuts


@pytest.fixture(scope="module")
def can_cut() -> None:
    if says := why_no_power_cuts():
        pytest.skip(says)


@pytest.fixture(scope="module")
def can_fill() -> None:
    if says := why_no_memory_disk():
        pytest.skip(says)


def test_T15_no_kill_loses_an_acknowledged_photograph(tmp_path, capsys):
    found = killed(tmp_path, kills=16)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.last.acknowledged >= 16
    assert found.last.sound, found


@pytest.mark.usefixtures("can_cut")
def test_T16_no_power_cut_loses_an_acknowledged_photograph(capsys):
    found = power_cut(cuts=12)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.acknowledged >= 12
    assert (found.lost, found.faults) == (0, []), found


@pytest.mark.usefixtures("can_cut")
@pytest.mark.slow
def test_T16_a_hundred_power_cuts(capsys):
    found = power_cut(cuts=100, seed=1)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.acknowledged >= 1000
    assert found.unfinished + found.orphans > 0, "no cut came while a photograph was being kept"
    assert (found.lost, found.faults) == (0, []), found


@pytest.mark.usefixtures("can_cut")
@pytest.mark.parametrize("leave_out", ["file", "folder", "full"])
def test_T16_power_cuts_find_what_was_left_out_of_the_order(leave_out, capsys):
    """Of the file's sync, the folder's, and synchronous=FULL: a test that found none would prove nothing."""
    found = power_cut(cuts=40, leave_out=leave_out, until_lost=True)
    with capsys.disabled():
        print(f"\n{str(found).splitlines()[0]}")
    assert found.lost > 0, found


@pytest.mark.usefixtures("can_fill")
def test_T27_a_full_disk_takes_nothing_that_was_kept(capsys):
    found = filled(most=3 << 20)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.acknowledged >= found.disks >= 40
    assert {"the database", "Keeping the photograph"} <= set(found.full_for)
    assert found.faults == []


@pytest.mark.usefixtures("can_fill")
def test_T27_a_disk_set_to_reading_only_is_read_and_not_written(photo_key):
    blob = sealed(photo_key, Kind.ORIGINAL, b"a face")
    with memory_disk(1 << 20) as disk:
        store = FolderStore(disk)
        store.put(name := new_name(), [blob])
        run("mount", "-o", "remount,ro", disk)
        again = FolderStore(disk)
        with pytest.raises(StorageFailed, match="reading only"):
            again.put(new_name(), [blob])
        with pytest.raises(StorageFailed, match="reading only"):
            again.delete(name)
        with again.open(name) as file:
            assert file.read() == blob
        run("mount", "-o", "remount,rw", disk)
        again.put(new_name(), [blob])
        assert len(os.listdir(disk / "blobs")) == 2
        store.close()
        again.close()
