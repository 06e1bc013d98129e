from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from service.backup.check import check
from service.db.base import utc_now
from service.db.engine import writing
from service.db.tables import Detection, Flake, Review, Scan, Tile
from service.jobs.client import JobQueue
from service.jobs.database import migrate_jobs
from service.scans.scans import get_scan


@pytest.fixture
def queue(database_url):
    migrate_jobs(database_url)
    queue = JobQueue(database_url)
    yield queue
    queue.close()


def whats(stores, queue, *, deep=False):
    return [finding.what for finding in check(stores, queue, deep=deep)]


def mend(stores, queue):
    for finding in check(stores, queue, deep=False):
        if finding.repair is not None:
            finding.repair()


def test_nothing_is_found_where_rows_and_images_agree(stores, queue, fill):
    fill(stores)

    assert check(stores, queue, deep=True) == []


def test_an_image_that_belongs_to_nothing_is_found_and_deleted(stores, queue, fill):
    fill(stores)
    before = set(stores.blobs.names())
    stores.blobs.put(b"left behind")

    assert whats(stores, queue) == ["1 images belong to nothing"]
    mend(stores, queue)

    assert set(stores.blobs.names()) == before
    assert check(stores, queue, deep=False) == []


def test_a_lost_image_is_found_and_a_damaged_one_by_a_deep_look(stores, queue, fill, tmp_path):
    fill(stores)
    lost, damaged, *_ = sorted(stores.blobs.names())
    (tmp_path / "blobs" / damaged[:2] / damaged[2:4] / damaged).write_bytes(b"other bytes")
    stores.blobs.delete(lost)

    assert whats(stores, queue) == ["1 images are lost or damaged"]
    found = check(stores, queue, deep=True)

    assert found[0].examples == [lost, damaged]
    assert found[0].repair is None


def test_tiles_that_wait_for_nobody_are_queued_again(stores, queue, fill):
    scan_id = fill(stores)
    long_ago = utc_now() - timedelta(hours=2)
    with writing(stores.sessions) as session:
        session.execute(
            update(Tile).where(Tile.id == 1).values(state="queued", created_at=long_ago)
        )
        session.execute(update(Scan).values(state="open"))

    assert whats(stores, queue) == ["1 scans have tiles that wait for more than an hour"]
    mend(stores, queue)

    assert get_scan(stores.sessions, scan_id).state == "queued"
    assert check(stores, queue, deep=False) == []


def test_a_flake_without_detection_and_review_is_removed_and_a_reviewed_one_stays(
    stores, queue, fill
):
    fill(stores)
    with writing(stores.sessions) as session:
        reviewed = session.scalar(select(Review.flake_id))
        other = session.scalar(select(Flake.id).where(Flake.id != reviewed))
        session.execute(delete(Detection).where(Detection.flake_id.in_([reviewed, other])))
        before = session.scalar(select(func.count()).select_from(Flake))

    assert whats(stores, queue) == ["1 flakes have neither a detection nor a review"]
    mend(stores, queue)

    with stores.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Flake)) == before - 1
        assert session.get(Flake, reviewed) is not None
