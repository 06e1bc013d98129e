"""A tile's position: checked, and as the key that makes it unique in its scan."""

from typing import Protocol

from service.errors import InvalidValue
from service.scans.values import GRID_RANGE, STAGE_UM_RANGE, check_pair, check_text
from service.vision.decode import UM_PER_PX_RANGE, check_range


class Position(Protocol):
    """Where a tile was taken; unknown is None."""

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
