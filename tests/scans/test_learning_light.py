"""A folder whose flat field is learnt before its first tile is screened."""

from pathlib import Path

import pytest

from service.calibration.flat_fields import flat_field_picture
from service.db.tables import Scan
from service.formats.folder_scan import FolderScan, FolderTile
from service.intake.take_in import Reader, queue_folder
from service.scans.queue import Run
from service.scans.runs import bring_in
from service.scans.schemas import NewScan
from tests.scans.shadowed_pictures import PICTURES


class Queue:
    """Looks whether the flat field is there when the first chunk is queued."""

    def __init__(self):
        self.fields = []

    def add_run(self, session, run):
        del session, run

    def add_chunk(self, session, run, number, chunk):
        del number, chunk
        self.fields.append(session.get(Scan, run.scan_id).flat_field_sha256)


def reader(order) -> Reader:
    tiles = [
        FolderTile(path=Path(f"{number}.png"), name=f"{number}.png", row=number, col=0)
        for number in order
    ]
    return Reader(
        read_folder=lambda _: FolderScan(format="drawn", tiles=tiles),
        tile_bytes=lambda tile: PICTURES[tile.row],
    )


@pytest.mark.parametrize("wish", ["auto", "none"])
def test_a_folder_teaches_its_flat_field_before_a_tile_is_queued_in_any_order(stores, wish):
    learnt, queue = [], Queue()
    for name, order in (("a", range(12)), ("b", [5, 3, 11, 0, 1, 2, 10, 9, 8, 7, 6, 4])):
        new = NewScan(name=name, flat_field=wish)
        scan_id = bring_in(stores.sessions, queue, new, name).id
        queue_folder(stores, queue, Run(scan_id, 1), Path(name), reader(order))
        if wish == "auto":
            learnt.append(flat_field_picture(stores, scan_id))

    # Two chunks of each folder.
    assert [field is None for field in queue.fields] == [wish == "none"] * 4
    assert len(set(learnt)) == (wish == "auto")
