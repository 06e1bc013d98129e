"""What is missing for a while is waited for; nothing half-written is left meanwhile."""

import errno
from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions
from service.db.tables import Tile
from service.errors import InvalidImage, StorageFull, Unavailable
from service.registry.versions import NewModelVersion, register_model
from service.scans.chunks import Means, screen_chunk
from service.scans.outage import PAUSES_S, wait_out
from service.scans.queue import Chunk, queue_tile
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tiles import NewTile, Stores, add_tile
from service.screening.pipeline import Screening
from service.screening.screen import Screened
from tests.scans.chip import LIGHT, MODEL, UM_PER_PX

NEW = NewScan(name="chip", um_per_px=UM_PER_PX)

OUTAGES = [
    OperationalError("SELECT 1", {}, Exception("connection refused")),
    Unavailable("The store of images does not answer."),
    StorageFull("The disk of the images is full."),
    OSError(errno.ENOSPC, "No space left on device"),
]


NOTHING = Screened(screening=Screening([], LIGHT, MODEL, 0.5), width_px=8, height_px=8)


def _image(number: int) -> NewTile:
    """A picture that no other has, by what stands behind its signature."""
    return NewTile(
        image=b"\x89PNG\r\n\x1a\n" + bytes([number % 256, number // 256]), row=number, col=0
    )


class Failing:
    """Gives its result after it has raised some errors."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_an_outage_is_waited_out_however_long_it_lasts():
    slept: list[float] = []

    assert wait_out(Failing(*OUTAGES * 100), slept.append) == "done"

    assert slept[: len(PAUSES_S)] == list(PAUSES_S)
    assert set(slept[len(PAUSES_S) :]) == {PAUSES_S[-1]}
    assert len(slept) == 400


@pytest.mark.parametrize(
    "error",
    [
        InvalidImage("no image"),
        OSError(errno.EACCES, "Permission denied"),
        IntegrityError("INSERT", {}, Exception("twice")),
    ],
)
def test_another_fault_is_not_waited_out(error: Exception):
    with pytest.raises(type(error)):
        wait_out(Failing(error), lambda _: pytest.fail("it waited"))


def test_a_chunk_outlasts_an_outage_and_suspects_no_tile(stores: Stores):
    scan_id = create_scan(stores.sessions, NEW).id
    tile_id = queue_tile(stores, None, scan_id, _image(0)).tile.id
    fail = Failing(*OUTAGES[:3] * 10)

    def screen(_job):
        fail()
        return NOTHING

    means = Means(
        stores=stores,
        screen=screen,
        alone=lambda _: pytest.fail("it was suspected"),
        tile=nullcontext,
        sleep=lambda _: None,
    )
    screen_chunk(means, Chunk(scan_id, None, (tile_id,)))

    with stores.sessions() as session:
        tile = session.get_one(Tile, tile_id)
        assert (tile.state, tile.starts) == ("screened", 1)


@pytest.mark.parametrize("way", ["at once", "later"])
def test_a_tile_for_whose_rows_the_disk_has_no_room_leaves_no_image(
    tmp_path: Path, migrated_sqlite: Path, way: str
):
    path = tmp_path / "flakescope.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    engine = build_engine(f"sqlite:///{path}")
    stores = Stores(build_sessions(engine), FolderBlobStore(tmp_path / "blobs"))
    model = NewModelVersion(version=MODEL, sha256="0" * 64, input_size_px=64, threshold=0.5)
    register_model(stores.sessions, model, activate=True)
    scan_id = create_scan(stores.sessions, NEW).id
    with engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count")) + 2

    @event.listens_for(engine, "checkout")
    def _keep_nearly_as_large_as_it_is(connection, _record, _proxy):
        connection.execute(f"PRAGMA max_page_count = {pages}").close()

    def add_tiles() -> None:
        for number in range(1000):
            if way == "at once":
                add_tile(stores, scan_id, _image(number), screen=lambda _: NOTHING)
            else:
                queue_tile(stores, None, scan_id, _image(number))

    with pytest.raises(OperationalError, match="full"):
        add_tiles()

    with stores.sessions() as session:
        kept = {tile.sha256 for tile in session.query(Tile)}
    assert len(kept) > 0
    assert set(stores.blobs.names()) == kept
    engine.dispose()
