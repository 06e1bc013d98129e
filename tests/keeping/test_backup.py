import pytest
from sqlalchemy import select, update

from service.backup.backup import INTERRUPTED, back_up, latest_snapshot, read_manifest, restore
from service.db.base import Base
from service.db.engine import writing
from service.db.tables import Scan
from service.errors import Conflict, InvalidValue, NotFound
from service.scans.scans import delete_scan, get_scan
from tests.keeping.conftest import CHIP
from tests.scans.overlapping import CORNERS, put, seen


def content(stores):
    """Every row of every table."""
    with stores.sessions() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


def written_at(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def everything(stores):
    return content(stores), sorted(stores.blobs.names())


def test_a_backup_of_either_database_is_restored_into_sqlite_row_for_row(
    stores, embedded, fill, tmp_path
):
    fill(stores)

    restore(embedded, back_up(stores, tmp_path / "backup"))

    assert everything(embedded) == everything(stores)


def test_a_backup_of_sqlite_is_restored_into_either_database_row_for_row(
    stores, embedded, fill, tmp_path
):
    fill(embedded)

    manifest = restore(stores, back_up(embedded, tmp_path / "backup"))

    assert everything(stores) == everything(embedded)
    assert manifest.rows["tile"] == len(CORNERS)
    assert manifest.blobs == len(CORNERS) + 1


def test_a_restored_scan_goes_on_where_it_was(stores, embedded, fill, tmp_path):
    fill(embedded)
    restore(stores, back_up(embedded, tmp_path / "backup"))

    second = put(stores, CHIP, CORNERS)

    first = get_scan(stores.sessions, 1)
    assert (
        get_scan(stores.sessions, second).model_copy(
            update={"id": 1, "created_at": first.created_at}
        )
        == first
    )
    assert len(seen(stores, 1)) == len(seen(stores, second))


def test_a_second_backup_copies_only_new_images_and_the_newest_is_restored(
    stores, embedded, fill, tmp_path
):
    fill(stores)
    first = back_up(stores, tmp_path / "backup")
    copied = written_at(tmp_path / "backup" / "blobs")
    delete_scan(stores.sessions, stores.blobs, 1)

    second = back_up(stores, tmp_path / "backup")
    restore(embedded, latest_snapshot(tmp_path / "backup"))

    assert latest_snapshot(tmp_path / "backup") == second != first
    assert read_manifest(second).rows["tile"] == 0
    assert everything(embedded) == everything(stores)
    assert written_at(tmp_path / "backup" / "blobs") == copied


def test_a_scan_that_was_being_screened_says_so_after_the_restore(stores, embedded, fill, tmp_path):
    scan_id = fill(stores)
    with writing(stores.sessions) as session:
        session.execute(update(Scan).values(state="screening"))

    restore(embedded, back_up(stores, tmp_path / "backup"))

    scan = get_scan(embedded.sessions, scan_id)
    assert (scan.state, scan.error) == ("failed", INTERRUPTED)


def test_a_backup_says_which_images_were_lost_before_and_is_restored_without_them(
    stores, embedded, fill, tmp_path
):
    fill(stores)
    lost = next(stores.blobs.names())
    stores.blobs.delete(lost)

    snapshot = back_up(stores, tmp_path / "backup")
    restore(embedded, snapshot)

    assert read_manifest(snapshot).lost == [lost]
    assert everything(embedded) == everything(stores)


def test_a_database_with_rows_is_not_restored_over_and_stays_as_it_is(
    stores, embedded, fill, tmp_path
):
    fill(stores)
    fill(embedded)
    before = everything(embedded)
    snapshot = back_up(stores, tmp_path / "backup")

    with pytest.raises(Conflict, match="not empty"):
        restore(embedded, snapshot)

    assert everything(embedded) == before


def test_a_snapshot_of_other_tables_is_refused_with_the_version_that_reads_it(
    stores, embedded, fill, tmp_path
):
    fill(stores)
    snapshot = back_up(stores, tmp_path / "backup")
    manifest = snapshot / "manifest.json"
    revision = read_manifest(snapshot).revision
    manifest.write_text(manifest.read_text().replace(f'"{revision}"', '"0001"'))

    with pytest.raises(InvalidValue, match="revision 0001"):
        restore(embedded, snapshot)

    assert all(rows == [] for rows in content(embedded).values())


def test_a_folder_without_a_snapshot_is_told(tmp_path):
    with pytest.raises(NotFound, match="no snapshot"):
        latest_snapshot(tmp_path)
    with pytest.raises(NotFound, match="is no snapshot"):
        read_manifest(tmp_path)
