"""Write flakes as COCO annotations, with masks in run-length encoding."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.exports.writers.json import Json, pieces_of, scan_json
from service.exports.writers.rows import ExportedFlake, ExportedScan, ExportedTile


def run_lengths(
    mask: NDArray[np.bool_], corner_px: tuple[int, int], image_px: tuple[int, int]
) -> list[int]:
    """Lengths of runs of 0 and 1 in turns, 0 first, down the columns of the whole image.

    Parameters
    ----------
    mask : (h, w) bool
    corner_px : (x, y)
        Where the mask's top-left corner lies on the image.
    image_px : (width, height)
    """
    width_px, height_px = image_px
    x, y = corner_px
    columns, rows = np.nonzero(mask.T)  # in the order of columns
    places = (columns + x).astype(np.int64) * height_px + rows + y
    if not len(places):
        return [width_px * height_px]
    breaks = np.flatnonzero(np.diff(places) > 1)
    starts = places[np.concatenate([[0], breaks + 1])]
    ends = places[np.concatenate([breaks, [len(places) - 1]])] + 1
    # 0 up to the first start, then to each end, start, end, ... and to the end of the image.
    edges = np.column_stack([starts, ends]).ravel()
    bounds = np.concatenate([[0], edges, [width_px * height_px]])
    counts: list[int] = np.diff(bounds).tolist()
    return counts if counts[-1] else counts[:-1]


# How a flake's pixels are written: "rle" has every pixel, parts and holes; "polygons" the outer
# outline, which more programs read.
MASKS = ("rle", "polygons")

CATEGORIES = (
    {"id": 1, "name": "graphene", "supercategory": "flake"},
    {"id": 2, "name": "non_graphene", "supercategory": "flake"},
)


def flakes_coco(scan: ExportedScan, flakes: Iterable[ExportedFlake], masks: str) -> Iterator[bytes]:
    """Write the flakes of a scan as COCO."""
    about = {
        "description": f"Flakes of scan {scan.id}: {scan.name}",
        "date_created": scan.exported_at.isoformat(),
        "scan": scan_json(scan),
    }
    return instances(about, flakes, masks)


def instances(about: Json, flakes: Iterable[ExportedFlake], masks: str) -> Iterator[bytes]:
    """Annotations as they come, then the tiles that they are on, in the order of their ids."""
    tiles: dict[int, ExportedTile] = {}

    def annotations() -> Iterator[Json]:
        for flake in flakes:
            tiles[flake.tile.id] = flake.tile
            yield _annotation(flake, masks)

    return pieces_of(
        {
            "info": about,
            "licenses": [],
            "categories": list(CATEGORIES),
            "annotations": annotations(),
            "images": lambda: (_image(tiles[key]) for key in sorted(tiles)),
        }
    )


def _image(tile: ExportedTile) -> Json:
    return {
        "id": tile.id,
        "file_name": tile.name or f"tile-{tile.id}",
        "width": tile.width_px,
        "height": tile.height_px,
        "row": tile.row,
        "col": tile.col,
        "stage_x_um": tile.stage_x_um,
        "stage_y_um": tile.stage_y_um,
        "um_per_px": tile.um_per_px,
    }


def _annotation(flake: ExportedFlake, masks: str) -> Json:
    return {
        "id": flake.id,
        "image_id": flake.tile.id,
        "category_id": 1 if flake.counts_as_graphene else 2,
        "bbox": list(flake.bbox_px),
        "area": flake.area_px,
        "iscrowd": 0,
        "segmentation": _segmentation(flake, masks),
        "score": round(flake.p_graphene, 6),
        "label": flake.label,
        "layers": flake.best_layers,
        "touches_border": flake.touches_border,
        "review": None if flake.review is None else flake.review.label,
    }


def _segmentation(flake: ExportedFlake, masks: str) -> Any:
    size_px = flake.tile.width_px, flake.tile.height_px
    if masks == "rle" and flake.mask is not None and size_px[0] and size_px[1]:
        x, y = flake.bbox_px[:2]
        counts = run_lengths(flake.mask, (x, y), (size_px[0], size_px[1]))
        return {"size": [size_px[1], size_px[0]], "counts": counts}
    return [[coordinate for point in flake.polygon_px for coordinate in point]]
