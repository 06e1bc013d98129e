"""Check a tile's position, make the key that is unique in its scan, and map pixels to the stage."""

import math
from collections.abc import Sequence
from typing import Protocol

from service.checks import (
    GRID_RANGE,
    STAGE_UM_RANGE,
    UM_PER_PX_RANGE,
    check_pair,
    check_range,
    check_text,
)
from service.db.tables import Scan, Tile
from service.errors import InvalidValue
from service.vision.stage import (
    StageMap,
    from_micro_manager,
    orient,
    pixel_area_um2,
    reference_of,
    rescale,
    scale_um_per_px,
)


class Position(Protocol):
    """Position where a tile was taken; unknown is None."""

    @property
    def row(self) -> int | None: ...  # noqa: D102
    @property
    def col(self) -> int | None: ...  # noqa: D102
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def stage_x_um(self) -> float | None: ...  # noqa: D102
    @property
    def stage_y_um(self) -> float | None: ...  # noqa: D102
    @property
    def stage_z_um(self) -> float | None: ...  # noqa: D102
    @property
    def um_per_px(self) -> float | None: ...  # noqa: D102


def check_position(position: Position) -> None:
    """Raise `InvalidValue` on the first value that is wrong."""
    check_pair(("row", "col"), (position.row, position.col))
    check_pair(("stage_x_um", "stage_y_um"), (position.stage_x_um, position.stage_y_um))
    check_range("row", position.row, GRID_RANGE)
    check_range("col", position.col, GRID_RANGE)
    check_range("stage_x_um", position.stage_x_um, STAGE_UM_RANGE)
    check_range("stage_y_um", position.stage_y_um, STAGE_UM_RANGE)
    check_range("stage_z_um", position.stage_z_um, STAGE_UM_RANGE)
    check_range("um_per_px", position.um_per_px, UM_PER_PX_RANGE)
    check_text("name", position.name, longest=255)


def position_key(position: Position) -> str:
    """Row and column where they are known, else the stage position, else the name.

    Raises
    ------
    InvalidValue
        None of them is known.
    """
    if position.row is not None:
        return f"row {position.row} col {position.col}"
    if position.stage_x_um is not None and position.stage_y_um is not None:
        # To the nanometre, finer than any stage; adding 0 turns -0 into 0.
        x_um, y_um = (round(um, 3) + 0.0 for um in (position.stage_x_um, position.stage_y_um))
        return f"x {x_um:.3f} um y {y_um:.3f} um"
    if position.name is not None:
        return f"name {position.name}"
    raise InvalidValue(
        "The tile has no position: give row and col, stage_x_um and stage_y_um, or a name."
    )


def scale_of_scan(scan: Scan) -> float | None:
    """Scale of a tile that does not state its own."""
    if scan.affine is not None:
        return scale_um_per_px(from_micro_manager(scan.affine))
    return scan.um_per_px


def stage_map_of(scan: Scan, tile: Tile) -> StageMap | None:
    """Map the tile's pixels to the stage; None without a position, a scale or a size."""
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
    """Find a tile's 'stated' or 'corrected' position, in um; the stated one if alone."""
    corrected = tile.corrected_x_um, tile.corrected_y_um
    if positions == "corrected" and corrected[0] is not None and corrected[1] is not None:
        return corrected[0], corrected[1]
    if tile.stage_x_um is None or tile.stage_y_um is None:
        return None
    return tile.stage_x_um, tile.stage_y_um


def check_affine(numbers: Sequence[float] | None) -> None:
    """Refuse what is not six finite numbers that keep an area and a plausible scale."""
    if numbers is None:
        return
    if len(numbers) != 6:
        raise InvalidValue(
            f"affine has {len(numbers)} numbers; it has to be the 6 of Micro-Manager's "
            "PixelSizeAffine: m00, m01, m02, m10, m11, m12."
        )
    if not all(math.isfinite(number) for number in numbers):
        raise InvalidValue("affine holds a number that is not finite.")
    affine = from_micro_manager(numbers)
    if pixel_area_um2(affine) == 0:
        raise InvalidValue("affine maps the image to a line: m00*m11 - m01*m10 is 0.")
    check_range("The scale of affine in um per pixel", scale_um_per_px(affine), UM_PER_PX_RANGE)
