"""A real scan folder in a database: screened as the service does, by a network that likes all."""

from functools import cache
from pathlib import Path

from service.formats.read_folder import read_folder
from service.registry.versions import NewModelVersion, register_model
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tiles import NewTile, Stores, add_tile
from service.screening.pipeline import screen_tile
from service.screening.screen import Screened, ScreenJob
from service.vision.decode import decode
from service.vision.segment import SegmentParams
from tests.fakes import FakeClassifier


def bring_in(stores: Stores, folder: Path, *, placed: bool = True, **fields: object) -> int:
    """The scan's id; not `placed`, its tiles are known by their names alone."""
    classifier = FakeClassifier()
    register_model(
        stores.sessions,
        NewModelVersion(
            version=classifier.version, sha256="1" * 64, input_size_px=64, threshold=0.5
        ),
        activate=True,
    )
    read = read_folder(folder)
    scale = {"um_per_px": read.um_per_px} if placed else {}
    flips = {"flip_x": read.flip_x, "flip_y": read.flip_y, "swap_xy": read.swap_xy}
    scan = create_scan(
        stores.sessions, NewScan(**({"name": folder.name, "oxide_nm": 90} | flips | scale | fields))
    )
    for tile in read.tiles:
        place = {
            "row": tile.row,
            "col": tile.col,
            "stage_x_um": tile.stage_x_um,
            "stage_y_um": tile.stage_y_um,
            "um_per_px": tile.um_per_px,
        }
        new = NewTile(
            image=tile.path.read_bytes(), name=tile.path.name, **(place if placed else {})
        )
        add_tile(stores, scan.id, new, screen=screen)
    return scan.id


def screen(job: ScreenJob) -> Screened:
    return _screened(job.image, job.um_per_px, job.oxide_nm)


@cache  # the same six tiles serve every test, and each takes a third of a second
def _screened(image: bytes, um_per_px: float | None, oxide_nm: float | None) -> Screened:
    tile = decode(image, um_per_px=um_per_px, oxide_nm=oxide_nm)
    screening = screen_tile(tile, params=SegmentParams(), classifier=FakeClassifier())
    return Screened(screening=screening, width_px=tile.width_px, height_px=tile.height_px)
