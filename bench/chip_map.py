"""`python -m bench.chip_map DATA_DIR`: 10,000 tiles and 50,000 flakes, and how they are seen.

Rows and thumbnails are written directly; all tiles share a handful of images. Times are of one
process without HTTP: the map's numbers, the squares of its first view one after the other, cold
and warm, and all flakes.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import ceil, sqrt
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from service.chip_map.chip_map import draw_square, map_of_scan
from service.chip_map.drawing import Desk, Shelves
from service.chip_map.flakes import Outlines, flakes_of_map
from service.db.base import utc_now
from service.db.blobs import BlobStore, FolderBlobStore
from service.db.engine import Sessions, build_engine, build_sessions, writing
from service.db.migrate import migrate
from service.db.queries.flakes import FlakeFilter
from service.db.tables import Flake, FlakeCount, ModelVersion, Scan, Thumbnail, Tile
from service.jobs.database import migrate_jobs
from service.scans.tiles import Stores
from service.vision.thumbnail import SmallPicture, small_picture

SIZE_PX, UM_PER_PX, OVERLAP = (1920, 1200), 0.3844, 0.1
_VERSION = "chip-map"
_IMAGES, _AT_ONCE, _CORNERS = 6, 2000, 24
# What a browser shows at first: 1440 x 900.
_VIEW_PX = (1440, 900)


@dataclass(frozen=True, slots=True)
class _Image:
    sha256: str
    thumbnail: SmallPicture


def fill(
    sessions: Sessions, blobs: BlobStore, tiles: int = 10_000, flakes: int = 50_000, seed: int = 1
) -> int:
    """A scan that is done; its id. The database is migrated."""
    rng = np.random.default_rng(seed)
    images = [_image(blobs, rng) for _ in range(_IMAGES)]
    columns = ceil(sqrt(tiles * SIZE_PX[1] / SIZE_PX[0]))
    with writing(sessions) as session:
        scan = Scan(name=f"{tiles} tiles", um_per_px=UM_PER_PX, state="done", tiles_expected=tiles)
        scan.flip_x = scan.flip_y = scan.swap_xy = False
        scan.position_reference, scan.oxide_nm = "centre", 90.0
        session.add(scan)
        if session.get(ModelVersion, _VERSION) is None:
            session.add(_model())
        session.flush()
        _insert(session, Tile, _tiles(scan.id, tiles, columns, images))
        ids = session.scalars(
            select(Tile.id).where(Tile.scan_id == scan.id).order_by(Tile.id)
        ).all()
        _insert(session, Thumbnail, _thumbnails(ids, images))
        kinds, rows = {True: 0, False: 0}, list[dict[str, Any]]()
        for row in _flakes(scan.id, ids, columns, flakes, rng):
            kinds[row["is_graphene"]] += 1
            rows.append(row)
        _insert(session, Flake, iter(rows))
        for graphene, count in kinds.items():
            kind = {"scan_id": scan.id, "is_graphene": graphene, "is_reviewed": False}
            session.add(FlakeCount(**kind, flakes=count))
        return scan.id


def _image(blobs: BlobStore, rng: np.random.Generator) -> _Image:
    """Substrate with crystals, and noise."""
    width, height = SIZE_PX
    picture = np.full((height, width, 3), (120, 105, 112), np.float32)
    for _ in range(25):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        points = (np.array([x, y]) + rng.normal(0, 60, (6, 2))).astype(np.int32)
        shade = tuple(float(part) for part in rng.uniform(60, 230, 3))
        cv2.fillConvexPoly(picture, cv2.convexHull(points), shade)
    noise = rng.normal(0, 2.5, picture.shape).astype(np.float32)
    pixels = np.clip(picture + noise, 0, 255).astype(np.uint8)
    file = cv2.imencode(".jpg", pixels[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, 90))[1]
    return _Image(blobs.put(file.tobytes()), small_picture(pixels))


def _model() -> ModelVersion:
    return ModelVersion(
        version=_VERSION,
        sha256="0" * 64,
        input_size_px=64,
        threshold=0.5,
        temperature=1.0,
        data_digest="",
        metrics={},
        provenance={},
        is_active=False,
    )


def _tiles(
    scan_id: int, count: int, columns: int, images: Sequence[_Image]
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        row, col = divmod(number, columns)
        x_um, y_um = _place(number, columns)
        yield {
            "scan_id": scan_id,
            "position_key": f"row {row} col {col}",
            "name": f"tile_{row:03}_{col:03}.jpg",
            "row": row,
            "col": col,
            "stage_x_um": x_um,
            "stage_y_um": y_um,
            "um_per_px": UM_PER_PX,
            "width_px": SIZE_PX[0],
            "height_px": SIZE_PX[1],
            "sha256": images[number % _IMAGES].sha256,
            "media_type": "image/jpeg",
            "state": "screened",
            "model_version": _VERSION,
            "background_rgb": [0.47, 0.41, 0.44],
            "warnings": [],
            "created_at": utc_now(),
            "screened_at": utc_now(),
        }


def _place(number: int, columns: int) -> tuple[float, float]:
    row, col = divmod(number, columns)
    width, height = (side * UM_PER_PX * (1 - OVERLAP) for side in SIZE_PX)
    return col * width, row * height


def _thumbnails(ids: Sequence[int], images: Sequence[_Image]) -> Iterator[dict[str, Any]]:
    for number, tile_id in enumerate(ids):
        image = images[number % _IMAGES]
        yield {
            "tile_id": tile_id,
            "made_from": image.sha256,
            "depth_bits": image.thumbnail.depth_bits,
            "jpeg": image.thumbnail.jpeg,
        }


def _flakes(
    scan_id: int, ids: Sequence[int], columns: int, count: int, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Few are graphene; outlines have as many corners as real ones."""
    circle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    unit = np.column_stack([np.cos(circle), np.sin(circle)])
    for number in range(count):
        tile = number * len(ids) // count
        at = rng.uniform(60, (SIZE_PX[0] - 60, SIZE_PX[1] - 60))
        area_um2 = float(np.clip(np.exp(rng.normal(3.4, 1.2)), 2, 1000))
        rough = unit * rng.uniform(0.7, 1.3, (_CORNERS, 1)) * sqrt(area_um2 / np.pi) / UM_PER_PX
        outline = at + rough
        stage = (outline - np.array(SIZE_PX) / 2) * UM_PER_PX + _place(tile, columns)
        centre = (at - np.array(SIZE_PX) / 2) * UM_PER_PX + _place(tile, columns)
        p = float(rng.beta(0.5, 2.5))
        yield {
            "scan_id": scan_id,
            "tile_id": ids[tile],
            "p_graphene": p,
            "is_graphene": p >= 0.5,
            "threshold": 0.5,
            "model_version": _VERSION,
            "layers": int(rng.integers(1, 9)) if rng.random() < 0.6 else None,
            "layers_source": "thin_film",
            "area_px": round(area_um2 / UM_PER_PX**2),
            "area_um2": area_um2,
            "bbox_x_px": int(outline[:, 0].min()),
            "bbox_y_px": int(outline[:, 1].min()),
            "bbox_width_px": int(np.ptp(outline[:, 0])) + 1,
            "bbox_height_px": int(np.ptp(outline[:, 1])) + 1,
            "centre_x_px": float(at[0]),
            "centre_y_px": float(at[1]),
            "polygon_px": np.round(outline, 2).tolist(),
            "centre_x_um": float(centre[0]),
            "centre_y_um": float(centre[1]),
            "polygon_um": np.round(stage, 3).tolist(),
            "contrast_r": -0.13,
            "contrast_g": -0.14,
            "contrast_b": -0.07,
            "touches_border": False,
            "is_lost": False,
            "is_reviewed": False,
            "created_at": utc_now(),
        }


def _insert(session: Session, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        session.connection().execute(insert(table.__table__), some)


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor."""
    started, cpu = time.perf_counter(), time.process_time()
    work()
    return round(time.perf_counter() - started, 3), round(time.process_time() - cpu, 3)


def measure(desk: Desk, scan_id: int) -> dict[str, tuple[float, float]]:
    """How long each part of a first view takes."""
    sessions, shelves = desk.stores.sessions, desk.shelves
    found = {"map": _timed(lambda: map_of_scan(sessions, shelves, scan_id))}
    view = map_of_scan(sessions, shelves, scan_id)
    assert view.extent is not None
    assert view.origin is not None
    width, height = view.extent[2] - view.extent[0], view.extent[3] - view.extent[1]
    fitting = max(width / _VIEW_PX[0], height / _VIEW_PX[1])
    # The zoom that a browser takes: the first that is fine enough.
    zoom = next(n for n, one in enumerate(view.resolutions) if one <= fitting)
    side = view.square_px * view.resolutions[zoom]
    low = [int((view.extent[n] - view.origin[n]) // side) for n in (0, 1)]
    high = [int((view.extent[n + 2] - view.origin[n]) // side) for n in (0, 1)]
    places = [(zoom, x, y) for x in range(low[0], high[0] + 1) for y in range(low[1], high[1] + 1)]
    for name in ("cold", "warm"):
        each = [_timed(partial(draw_square, desk, scan_id, place, None)) for place in places]
        found[f"{len(places)} squares, {name}"] = tuple(np.sum(each, axis=0).round(3).tolist())
        found[f"slowest square, {name}"] = max(each)
    which = FlakeFilter(scan_id=scan_id)
    found["flakes"] = _timed(lambda: flakes_of_map(sessions, shelves, which, None, Outlines()))
    return found


def main(
    data_dir: Annotated[Path, typer.Argument(help="Data folder of a service.")],
    database_url: Annotated[str, typer.Option(help="SQLite in the data folder if left out.")] = "",
    tiles: int = 10_000,
    flakes: int = 50_000,
) -> None:
    """Add the scan to a service's data, and print how long it takes to see it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    url = database_url or f"sqlite:///{data_dir / 'flakescope.db'}"
    migrate(url)
    migrate_jobs(url)
    engine = build_engine(url)
    stores = Stores(build_sessions(engine), FolderBlobStore(data_dir / "blobs"))
    scan_id = fill(stores.sessions, stores.blobs, tiles, flakes)
    print(f"scan {scan_id}: seconds on the clock, of the processor")
    cv2.setNumThreads(1)
    print(json.dumps(measure(Desk(stores, Shelves(), 10**8), scan_id), indent=1))
    engine.dispose()


if __name__ == "__main__":
    typer.run(main)
