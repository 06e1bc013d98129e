"""Damaged and lost originals: listed by backup, restore and check, the rest restored, healed."""

from pathlib import Path

import pytest

from flakescope.client.lock import FileLock
from service.backup.backup import back_up, read_manifest, restore
from service.backup.check import check
from service.db.blobs import FolderBlobStore, blob_path, is_sound
from service.errors import Conflict, Damaged
from service.jobs.client import JobQueue
from service.jobs.database import migrate_jobs
from service.scans.scans import get_scan
from service.scans.tiles import add_tile
from tests.keeping.conftest import CHIP
from tests.scans.test_merge import CORNERS


def flip(folder: Path, name: str) -> None:
    path = folder / blob_path(name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(folder: Path, name: str) -> None:
    path = folder / blob_path(name)
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip, cut])
def test_a_damaged_original_is_never_given_out_and_is_healed_by_putting_it_again(tmp_path, damage):
    blobs = FolderBlobStore(tmp_path)
    name = blobs.put(b"an image of some bytes")
    damage(tmp_path, name)

    with pytest.raises(Damaged, match=f"{name[:12]}.* is damaged"):
        blobs.get(name)
    blobs.put(b"an image of some bytes")

    assert blobs.get(name) == b"an image of some bytes"


def test_damage_before_the_backup_is_listed_and_all_else_restored(stores, embedded, fill, tmp_path):
    fill(stores)
    flipped, gone, *sound = sorted(stores.blobs.names())
    flip(tmp_path / "blobs", flipped)
    stores.blobs.delete(gone)

    snapshot = back_up(stores, tmp_path / "backup")
    manifest = restore(embedded, snapshot)

    assert read_manifest(snapshot).lost == manifest.lost == [flipped, gone]
    assert sorted(FolderBlobStore(tmp_path / "backup" / "blobs").names()) == sound
    assert sorted(embedded.blobs.names()) == sound
    assert get_scan(embedded.sessions, 1).tiles.screened == len(CORNERS)


def test_damage_inside_the_backup_is_listed_and_healed_by_the_next_backup(
    stores, embedded, fill, tmp_path
):
    fill(stores)
    snapshot = back_up(stores, tmp_path / "backup")
    kept = FolderBlobStore(tmp_path / "backup" / "blobs")
    cut_short, gone, *sound = sorted(kept.names())
    cut(tmp_path / "backup" / "blobs", cut_short)
    kept.delete(gone)

    assert restore(embedded, snapshot).lost == [cut_short, gone]
    assert sorted(embedded.blobs.names()) == sound
    back_up(stores, tmp_path / "backup")
    assert all(is_sound(kept, name) for name in (cut_short, gone, *sound))


def test_sending_a_damaged_or_deleted_original_again_heals_it(stores, fill, tmp_path, database_url):
    scan_id = fill(stores)
    flipped, gone, *_ = sorted(stores.blobs.names())
    flip(tmp_path / "blobs", flipped)
    stores.blobs.delete(gone)
    migrate_jobs(database_url)
    queue = JobQueue(database_url)

    assert check(stores, queue, deep=True)[0].examples == [flipped, gone]
    stores.blobs.put(b"an exported network")
    for corner in CORNERS:
        add_tile(stores, scan_id, CHIP.tile(*corner), screen=CHIP.screen)

    assert check(stores, queue, deep=True) == []
    queue.close()


def test_two_backups_into_one_folder_do_not_meet(stores, fill, tmp_path):
    fill(stores)
    lock = FileLock(tmp_path / "backup" / ".lock")
    assert lock.take()

    with pytest.raises(Conflict, match="Another backup"):
        back_up(stores, tmp_path / "backup")

    lock.release()
    back_up(stores, tmp_path / "backup")
