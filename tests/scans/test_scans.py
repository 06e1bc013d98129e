import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from service.db.base import Base
from service.errors import InvalidValue, NotFound
from service.reviews.reviews import review_flake
from service.scans.scans import create_scan, delete_scan, get_scan, list_scans
from service.scans.schemas import NewScan
from service.scans.tile_schemas import NewReview
from service.scans.tiles import add_tile
from tests.scans.chip import draw
from tests.scans.overlapping import CORNERS, OBJECTS, put


def test_a_scan_is_read_as_it_was_created(sessions):
    affine = (0.5, 0.0, 0.0, 0.0, -0.5, 0.0)
    new = NewScan(
        name="chip 7",
        material="graphene",
        oxide_nm=90,
        um_per_px=0.5,
        affine=affine,
        position_reference="top_left",
        tiles_expected=6,
    )

    created = create_scan(sessions, new)

    assert get_scan(sessions, created.id) == created
    assert (created.name, created.material, created.oxide_nm) == ("chip 7", "graphene", 90)
    assert created.affine == affine
    assert (created.state, created.position_reference) == ("open", "top_left")
    assert (created.tiles.expected, created.tiles.screened, created.tiles.failed) == (6, 0, 0)
    assert created.created_at.utcoffset().total_seconds() == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "name is empty"),
        ({"oxide_nm": -1}, "oxide_nm is -1"),
        ({"um_per_px": 1000.0}, "um_per_px is 1000"),
        ({"affine": (1, 0, 0, 0)}, "4 numbers"),
        ({"affine": (1, 1, 0, 1, 1, 0)}, "to a line"),
        ({"affine": (900, 0, 0, 0, 900, 0)}, "scale of affine"),
        ({"affine": (1, 0, 0, 0, 1, 0), "flip_y": True}, "orientation already"),
        ({"affine": (1, 0, 0, 0, 1, 0), "um_per_px": 0.5}, "may differ by 10%"),
        ({"tiles_expected": -1}, "tiles_expected is -1"),
    ],
)
def test_a_wrong_scan_is_refused_with_what_is_wrong(wrong, message):
    with pytest.raises(InvalidValue, match=message):
        create_scan(None, NewScan(**{"name": "chip"} | wrong))


@pytest.mark.parametrize(
    "wrong", [{"um_per_px": float("inf")}, {"affine": (1, 0, 0, 0, float("nan"), 0)}]
)
def test_a_scan_with_a_number_that_is_not_finite_is_refused(wrong):
    with pytest.raises(ValidationError, match="no finite number"):
        NewScan(**{"name": "chip"} | wrong)


def test_a_scan_with_another_reference_of_its_positions_is_refused():
    with pytest.raises(ValidationError, match=r"'centre' or 'top_left'.*'corner'"):
        NewScan(name="chip", position_reference="corner")


def test_a_scan_counts_its_tiles_and_flakes(stores):
    chip = draw(*OBJECTS)
    scan_id = put(stores, chip, CORNERS)

    scan = get_scan(stores.sessions, scan_id)

    graphene = sum(label % 2 for label, _, _ in OBJECTS)
    assert scan.tiles.screened == len(CORNERS)
    assert (scan.flakes.graphene, scan.flakes.other) == (graphene, len(OBJECTS) - graphene)


def test_scans_are_listed_newest_first_page_by_page(sessions):
    ids = [create_scan(sessions, NewScan(name=f"chip {number}")).id for number in range(5)]

    first = list_scans(sessions, limit=2)
    create_scan(sessions, NewScan(name="came meanwhile"))
    second = list_scans(sessions, limit=2, cursor=first.next_cursor)
    third = list_scans(sessions, limit=2, cursor=second.next_cursor)

    assert [scan.id for page in (first, second, third) for scan in page.items] == ids[::-1]
    assert third.next_cursor is None
    assert (first.total, third.total) == (5, 6)
    with pytest.raises(InvalidValue, match="no cursor"):
        list_scans(sessions, cursor="x")
    with pytest.raises(InvalidValue, match="limit is 0"):
        list_scans(sessions, limit=0)


def test_deleting_a_scan_leaves_no_row_of_it_and_no_blob_that_only_it_had(stores, tmp_path):
    chip = draw(*OBJECTS)
    scan_id, other_id = put(stores, chip, CORNERS), put(stores, chip, CORNERS[:1])
    flake = add_tile(stores, scan_id, chip.tile(*CORNERS[0]), screen=chip.screen).flakes[0]
    review_flake(stores.sessions, flake.id, NewReview(label="graphene"), "ada")

    delete_scan(stores.sessions, stores.blobs, scan_id)

    with stores.sessions() as session:
        left = {
            table.name: session.scalar(select(func.count()).select_from(table))
            # What was told of it is a log of its own, and is forgotten after a day.
            for table in Base.metadata.sorted_tables
            if table.name != "event"
        }
    assert {name: rows for name, rows in left.items() if rows} == {
        "model_version": 1,
        "scan": 1,
        "tile": 1,
        "detection": 3,
        "flake": 3,
        "flake_count": 1,
    }
    assert [path.read_bytes() for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == [
        chip.tile(*CORNERS[0]).image
    ]
    assert get_scan(stores.sessions, other_id).tiles.screened == 1
    with pytest.raises(NotFound, match=f"scan {scan_id}"):
        delete_scan(stores.sessions, stores.blobs, scan_id)


def test_a_number_is_never_given_to_a_second_scan(stores):
    first = create_scan(stores.sessions, NewScan(name="first")).id
    delete_scan(stores.sessions, stores.blobs, first)

    assert create_scan(stores.sessions, NewScan(name="second")).id > first
