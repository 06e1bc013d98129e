"""Placing: how a scan's orientation and a tile's position map its pixels to the stage."""

from service.db.tables import Scan, Tile
from service.vision.stage import (
    StageMap,
    from_micro_manager,
    orient,
    reference_of,
    rescale,
    scale_um_per_px,
)


def scale_of_scan(scan: Scan) -> float | None:
    """Scale of a tile that does not state its own."""
    if scan.affine is not None:
        return scale_um_per_px(from_micro_manager(scan.affine))
    return scan.um_per_px


def stage_map_of(scan: Scan, tile: Tile) -> StageMap | None:
    """The tile's pixels on the stage; None without a position, a scale or a size."""
    place_um = standing_um(tile, scan.positions)
    if place_um is None or tile.um_per_px is None:
        return None
    if tile.width_px is None or tile.height_px is None:
        return None
    if scan.affine is not None:
        affine = rescale(from_micro_manager(scan.affine), tile.um_per_px)
    else:
        affine = orient(
            tile.um_per_px, flip_x=scan.flip_x, flip_y=scan.flip_y, swap_xy=scan.swap_xy
        )
    reference_px = reference_of(tile.width_px, tile.height_px, scan.position_reference)
    return StageMap(affine, reference_px, place_um)


def standing_um(tile: Tile, positions: str) -> tuple[float, float] | None:
    """Where a tile stands by its 'stated' or its 'corrected' position; the stated one if alone."""
    corrected = tile.corrected_x_um, tile.corrected_y_um
    if positions == "corrected" and corrected[0] is not None and corrected[1] is not None:
        return corrected[0], corrected[1]
    if tile.stage_x_um is None or tile.stage_y_um is None:
        return None
    return tile.stage_x_um, tile.stage_y_um
