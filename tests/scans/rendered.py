"""A rendered chip that a stage with known errors brought under the microscope."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from service.render.chip import Scene
from service.render.compose import make_chip
from service.render.photograph import Optics
from service.render.scan import Grid, RenderedTile, cut_scan
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tiles import NewTile, Stores, add_tile
from service.screening.pipeline import Screening, screen_tile
from service.screening.screen import Screen, Screened, ScreenJob
from service.vision.decode import decode
from service.vision.light import flat_field_of
from service.vision.segment import SegmentParams
from tests.fakes import FakeClassifier
from tests.scans.chip import LIGHT, MODEL

OPTICS = Optics(width_px=512, height_px=384, vignette=0.2, sensor_dust=4)
CORNER_UM = (12_000.0, -3_400.0)


@dataclass(frozen=True)
class Scanned:
    """Tiles in the order of rows, and their true stage positions, (n, 2) um."""

    tiles: tuple[bytes, ...]
    places_um: np.ndarray
    cells: tuple[tuple[int, int], ...]


@lru_cache(maxsize=4)
def render(seed: int = 1, rows: int = 3, columns: int = 3, *, bare: bool = False) -> Scanned:
    grid = Grid(rows, columns, 0.15, CORNER_UM)
    width, height = grid.size_um(OPTICS)
    rng = np.random.default_rng(seed)
    nothing = {"families_per_mm2": 0.0, "crystals_per_mm2": 0.0, "fragments_per_mm2": 0.0}
    nothing |= {"residue_per_mm2": 0.0, "stains_per_mm2": 0.0, "dust_per_mm2": 0.0}
    nothing |= {"scratches_per_mm2": 0.0}
    # So dense that each overlap of these small tiles shows something.
    some = {"families_per_mm2": 250.0, "crystals_per_mm2": 120.0}
    chip = make_chip(Scene(width_um=width, height_um=height, **(nothing if bare else some)), rng)
    tiles = list(cut_scan(chip, OPTICS, grid, rng))
    return Scanned(
        tuple(_png(tile) for tile in tiles),
        np.array([tile.stage_um for tile in tiles]),
        tuple((tile.row, tile.column) for tile in tiles),
    )


def put(
    stores: Stores, scanned: Scanned, screen: Screen, errors_um: np.ndarray | None = None, **said
) -> int:
    """The scan of these tiles at positions with errors, as it was said to be oriented."""
    new = NewScan(**({"name": "rendered", "um_per_px": OPTICS.um_per_px, "oxide_nm": 90} | said))
    scan_id = create_scan(stores.sessions, new).id
    places = scanned.places_um + (0 if errors_um is None else errors_um)
    for image, (row, col), (x_um, y_um) in zip(
        scanned.tiles, scanned.cells, places.tolist(), strict=True
    ):
        tile = NewTile(image=image, row=row, col=col, stage_x_um=x_um, stage_y_um=y_um)
        add_tile(stores, scan_id, tile, screen=screen)
    return scan_id


def screen_nothing(job: ScreenJob) -> Screened:
    """Finds nothing, quickly."""
    del job
    width, height = OPTICS.width_px, OPTICS.height_px
    return Screened(screening=Screening([], LIGHT, MODEL, 0.5), width_px=width, height_px=height)


def screen_really(job: ScreenJob) -> Screened:
    """The real segmentation; all is graphene."""
    tile = decode(job.image, um_per_px=job.um_per_px, oxide_nm=job.oxide_nm)
    flat_field, warnings = flat_field_of(job.flat_field, tile)
    screening = screen_tile(
        tile,
        params=SegmentParams(),
        classifier=FakeClassifier(version=MODEL),
        flat_field=flat_field,
        substrate=job.substrate,
    )
    return Screened(
        screening=screening,
        width_px=tile.width_px,
        height_px=tile.height_px,
        warnings=warnings,
    )


def _png(tile: RenderedTile) -> bytes:
    _, png = cv2.imencode(".png", cv2.cvtColor(tile.pixels, cv2.COLOR_RGB2BGR))
    return png.tobytes()
