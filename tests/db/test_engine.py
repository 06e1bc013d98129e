from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, StatementError

from service.db.engine import writing
from service.db.tables import Review, Scan, Tile


def new_scan(**values) -> Scan:
    return Scan(
        name="chip",
        flip_x=False,
        flip_y=False,
        swap_xy=False,
        position_reference="centre",
        **{"state": "open"} | values,
    )


def new_tile(scan_id: int, **values) -> Tile:
    return Tile(
        **{
            "scan_id": scan_id,
            "position_key": "name a.png",
            "name": "a.png",
            "sha256": "0" * 64,
            "media_type": "image/png",
            "state": "queued",
            "warnings": [],
        }
        | values
    )


@pytest.fixture
def scan_id(sessions) -> int:
    with writing(sessions) as session:
        scan = new_scan()
        session.add(scan)
        session.flush()
        return scan.id


def test_a_time_comes_back_in_utc_and_aware(sessions, scan_id):
    moment = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with writing(sessions) as session:
        session.get_one(Scan, scan_id).created_at = moment

    with sessions() as session:
        stored = session.get_one(Scan, scan_id).created_at

    assert stored == moment
    assert stored.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(sessions, scan_id):
    with pytest.raises(StatementError, match="no time zone"), writing(sessions) as session:
        session.get_one(Scan, scan_id).created_at = datetime(2026, 7, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scan_id": 999},
        {"state": "lost"},
        {"row": 1},
        {"stage_x_um": 1.0},
        {"model_version": "unknown"},
    ],
)
def test_the_database_itself_refuses_a_row_that_cannot_be(sessions, scan_id, wrong):
    with pytest.raises(IntegrityError), writing(sessions) as session:
        session.add(new_tile(**{"scan_id": scan_id} | wrong))


def test_the_database_itself_refuses_a_second_tile_at_a_position(sessions, scan_id):
    with writing(sessions) as session:
        session.add(new_tile(scan_id))

    with pytest.raises(IntegrityError), writing(sessions) as session:
        session.add(new_tile(scan_id, sha256="1" * 64))


def test_a_review_needs_its_flake(sessions):
    with pytest.raises(IntegrityError), writing(sessions) as session:
        session.add(Review(flake_id=7, label="graphene", reviewer="ada"))


def test_writers_that_read_first_wait_for_each_other_and_lose_nothing(sessions, scan_id):
    def count_one_more(_):
        with writing(sessions) as session:
            query = select(Scan).where(Scan.id == scan_id).with_for_update()
            expected = session.scalars(query).one().tiles_expected or 0
            session.execute(update(Scan).values(tiles_expected=expected + 1))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count_one_more, range(40)))

    with sessions() as session:
        assert session.get_one(Scan, scan_id).tiles_expected == 40


def test_a_reader_goes_on_while_another_writes(sessions, scan_id):
    with writing(sessions) as writer:
        writer.get_one(Scan, scan_id).name = "renamed"
        writer.flush()
        with sessions() as reader:
            before = reader.get_one(Scan, scan_id).name

    with sessions() as reader:
        assert (before, reader.get_one(Scan, scan_id).name) == ("chip", "renamed")


def test_what_raises_while_writing_is_rolled_back(sessions, scan_id):
    def rename_and_fail():
        with writing(sessions) as session:
            session.get_one(Scan, scan_id).name = "renamed"
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rename_and_fail()

    with sessions() as session:
        assert session.get_one(Scan, scan_id).name == "chip"
