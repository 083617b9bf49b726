"""Blobs under server-made names: kept once, found again, swept."""

import os
import subprocess
import sys
import time

import pytest

from microrelief.errors import AlreadyKept, BlobMissing, StorageFull, StoreBusy
from microrelief.vault.envelope import Kind, opened, sealed
from microrelief.vault.photo_store import DAYS_ASIDE, FolderStore, Uncommitted, new_name


@pytest.fixture
def store(tmp_path) -> FolderStore:
    return FolderStore(tmp_path / "photos")


@pytest.fixture
def blob(photo_key) -> bytes:
    return sealed(photo_key, Kind.ORIGINAL, b"a face" * 50_000)


def files(store: FolderStore) -> set[str]:
    return {file.name for file in store.folder.rglob("*") if file.is_file()} - {"lock"}


def test_what_was_kept_is_found(store, blob, photo_key):
    kept = store.put(name := new_name(), iter([blob[:70], blob[70:]]))
    with FolderStore(store.folder).open(name) as file:
        assert opened(photo_key, Kind.ORIGINAL, file) == b"a face" * 50_000
    assert (kept.name, kept.size) == (name, len(blob))
    assert list(store.names()) == [name]
    assert files(store) == {name}
    assert (store.folder / "blobs" / name).stat().st_mode & 0o777 == 0o600


def test_the_same_bytes_again_are_the_same_answer(store, blob):
    name = new_name()
    assert store.put(name, [blob]) == store.put(name, [blob])
    assert files(store) == {name}


def test_other_bytes_never_take_the_place_of_a_photograph(store, blob, photo_key):
    store.put(name := new_name(), [blob])
    with pytest.raises(AlreadyKept) as refused:
        store.put(name, [sealed(photo_key, Kind.ORIGINAL, b"a face" * 50_000)])
    assert refused.value.name == name
    with store.open(name) as file:
        assert file.read() == blob
    assert files(store) == {name}


def test_only_encrypted_blobs_are_kept(store):
    for plain in ([b"\xff\xd8\xff\xe0 a face"], [], [b""]):
        with pytest.raises(ValueError, match="encrypted"):
            store.put(new_name(), plain)
    assert files(store) == set()


@pytest.mark.parametrize("name", ["", "..", "../" + "a" * 29, "a" * 31, "A" * 32, "a" * 32 + "\n", "a" * 33])
def test_no_name_leads_out_of_the_folder(store, blob, name):
    for asked in (lambda: store.put(name, [blob]), lambda: store.open(name), lambda: store.delete(name)):
        with pytest.raises(ValueError, match="new_name"):
            asked()


def test_an_upload_that_breaks_off_leaves_nothing(store, blob):
    def breaks_off():
        yield blob[:1000]
        raise ConnectionResetError("the browser went away")

    with pytest.raises(Exception, match="the browser went away"):
        store.put(new_name(), breaks_off())
    assert files(store) == set()


def test_what_was_deleted_is_missing(store, blob):
    store.put(name := new_name(), [blob])
    store.delete(name)
    store.delete(name)
    with pytest.raises(BlobMissing, match="backup"):
        store.open(name)
    assert files(store) == set()


def test_a_sweep_leaves_rows_and_files_in_step(store, blob):
    for name in (known := new_name(), without_row := new_name()):
        store.put(name, [blob])
    (store.folder / "blobs" / f"{new_name()}.0123.part").write_bytes(blob[:100])
    store.close()
    swept = FolderStore(store.folder).sweep([known, gone := new_name()])
    assert (swept.unfinished, swept.without_row, swept.without_file) == (1, (without_row,), (gone,))
    assert list(store.names()) == [known]


def test_what_was_swept_comes_back_with_its_row(store, blob):
    store.put(name := new_name(), [blob])
    store.close()
    yesterday = FolderStore(store.folder)
    assert yesterday.sweep([]).without_row == (name,)
    assert yesterday.sweep([name]).brought_back == (name,)
    with yesterday.open(name) as file:
        assert file.read() == blob


def test_what_was_swept_goes_in_the_end(store, blob):
    store.put(name := new_name(), [blob])
    store.close()
    swept = FolderStore(store.folder)
    swept.sweep([])
    swept.sweep([])
    assert files(store) == {name}
    old = time.time() - (DAYS_ASIDE + 1) * 86400
    os.utime(store.folder / "aside" / name, (old, old))
    swept.sweep([])
    assert files(store) == set()


def test_a_deleted_photograph_is_not_left_aside(store, blob):
    store.put(name := new_name(), [blob])
    store.close()
    swept = FolderStore(store.folder)
    swept.sweep([])
    swept.delete(name)
    assert files(store) == set()


def test_no_sweep_after_an_upload_began(store, blob):
    store.put(name := new_name(), [blob])
    with pytest.raises(StoreBusy):
        store.sweep([])
    assert list(store.names()) == [name]


def test_no_sweep_while_another_process_has_the_store(store, blob):
    code = (
        "import sys; from pathlib import Path; from microrelief.vault.photo_store import FolderStore;"
        "store = FolderStore(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, store.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        with pytest.raises(StoreBusy, match="Another process"):
            store.sweep([])
        other.kill()  # a lock ends with its process, however it ends
    assert store.sweep([]).unfinished == 0


def test_an_upload_is_refused_before_the_disk_is_full(tmp_path):
    with pytest.raises(StorageFull, match="free some room"):
        FolderStore(tmp_path, reserve_bytes=1 << 60).check_room(1)
    FolderStore(tmp_path, reserve_bytes=0).check_room(1)


def test_blobs_go_where_something_fails_before_the_commit(store, blob):
    def keeps_two_and_fails():
        with Uncommitted(store) as blobs:
            blobs.put([blob])
            blobs.put([blob])
            raise RuntimeError("no such patient")

    with pytest.raises(RuntimeError, match="no such patient"):
        keeps_two_and_fails()
    assert files(store) == set()


def test_blobs_stay_where_the_commit_or_what_follows_fails(store, blob):
    """The row may have reached the disk: only a start can know."""

    def commits_and_fails():
        with Uncommitted(store) as blobs:
            blobs.put([blob])
            blobs.commits()
            raise OSError("disk I/O error")

    with pytest.raises(OSError, match="I/O"):
        commits_and_fails()
    assert len(files(store)) == 1


def test_blobs_stay_where_all_went_well(store, blob):
    with Uncommitted(store) as blobs:
        kept = blobs.put([blob])
    assert files(store) == {kept.name}
