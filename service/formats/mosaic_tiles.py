"""Mosaics: an image too large to be one tile is cut into tiles, each read out of it alone."""

from dataclasses import replace
from math import ceil

import numpy as np

from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.image_size import image_facts
from service.formats.names import suffix_of
from service.images.image_header import DEFAULT_MAX_PIXELS
from service.vision.stage import StageMap, from_micro_manager, orient, reference_of

# About the frame of a camera: what the finder of flakes was built for.
TILE_SIDE_PX = 2048
# A hundred million pixels of a camera pack into no less; opening 100,000 smaller files takes
# minutes. So few files are opened whatever their size: a drawn mosaic may pack into little.
_SMALLEST_BYTES = 2**24
_FEW_FILES = 200
# Ten times the largest scan of tiles.
_MOST_TILES = 1_000_000


def cut_mosaics(scan: FolderScan, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> FolderScan:
    """The scan with each TIFF image of over `max_pixels` as tiles edge to edge.

    Flakes across the edges are joined when the tiles' flakes are merged. Images of other kinds
    stay whole: they can only be decoded as a whole, and are refused then.
    """
    tiles: list[FolderTile] = []
    notes = list(scan.notes)
    least_bytes = 0 if len(scan.tiles) <= _FEW_FILES else _SMALLEST_BYTES
    for tile in scan.tiles:
        parts = _parts(scan, tile, max_pixels) if _may_be_large(tile, least_bytes) else []
        if parts:
            notes.append(f"{tile.path.name} is a mosaic: it is cut into {len(parts):,} tiles.")
        tiles.extend(parts or [tile])
    return scan if len(tiles) == len(scan.tiles) else replace(scan, tiles=tiles, notes=notes)


def _may_be_large(tile: FolderTile, least_bytes: int) -> bool:
    if tile.region_px is not None or len(tile.pages) > 1 or tile.colours:
        return False
    if suffix_of(tile.path.name) not in (".tif", ".tiff", ".btf", ".tf8"):
        return False
    try:
        return tile.path.stat().st_size >= least_bytes
    except OSError:
        return False


def _parts(scan: FolderScan, tile: FolderTile, max_pixels: int) -> list[FolderTile]:
    facts = image_facts(tile.path)
    width, height = facts.width_px or 0, facts.height_px or 0
    columns, rows = ceil(width / TILE_SIDE_PX), ceil(height / TILE_SIDE_PX)
    if width * height <= max_pixels or rows * columns > _MOST_TILES:
        return []
    um_per_px = tile.um_per_px or scan.um_per_px or facts.um_per_px
    # Even steps, so that no last tile is a sliver.
    xs = [round(step * width / columns) for step in range(columns + 1)]
    ys = [round(step * height / rows) for step in range(rows + 1)]
    parts = []
    for row in range(rows):
        for column in range(columns):
            region = (xs[column], ys[row], xs[column + 1] - xs[column], ys[row + 1] - ys[row])
            centre_um = _centre_um(scan, tile, (width, height), region, um_per_px)
            parts.append(
                replace(
                    tile,
                    name=f"{tile.name or tile.path.name} row {row} column {column}",
                    row=row,
                    col=column,
                    stage_x_um=centre_um[0],
                    stage_y_um=centre_um[1],
                    um_per_px=um_per_px,
                    region_px=region,
                )
            )
    return parts


def _centre_um(
    scan: FolderScan,
    tile: FolderTile,
    size_px: tuple[int, int],
    region: tuple[int, int, int, int],
    um_per_px: float | None,
) -> tuple[float | None, float | None]:
    """Where a part's reference lies on the stage; unknown where the mosaic's place or scale is."""
    if um_per_px is None or tile.stage_x_um is None or tile.stage_y_um is None:
        return None, None
    if scan.affine is not None:
        affine = from_micro_manager(scan.affine)
    else:
        affine = orient(um_per_px, flip_x=scan.flip_x, flip_y=scan.flip_y, swap_xy=scan.swap_xy)
    reference = reference_of(*size_px, scan.position_reference)
    stage = StageMap(affine, reference, (tile.stage_x_um, tile.stage_y_um))
    x, y, width, height = region
    inside = reference_of(width, height, scan.position_reference)
    ((x_um, y_um),) = stage.to_stage(np.array([[x + inside[0], y + inside[1]]]))
    return round(float(x_um), 6), round(float(y_um), 6)
