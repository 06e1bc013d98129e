"""What is exported: a scan, its tiles and its flakes, as plain values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, SkipValidation

from service.scans.tile_schemas import Flake

# An outline: x, y of each corner.
Points = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedScan:
    """A scan as reports speak of it.

    Attributes
    ----------
    criteria : str
        Which of its flakes are exported, in words.
    image_to_stage : (xx, xy, yx, yy) or None
        Where one pixel to the right (xx, yx) and one down (xy, yy) lead on the stage, in um.
    """

    id: int
    name: str
    material: str | None
    oxide_nm: float | None
    um_per_px: float | None
    image_to_stage: tuple[float, float, float, float] | None
    state: str
    tiles_screened: int
    tiles_failed: int
    flakes_graphene: int
    flakes_other: int
    model_versions: tuple[str, ...]
    created_at: datetime
    exported_at: datetime
    criteria: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTile:
    """A tile; `corners_um` are its four corners on the stage, in order around it."""

    id: int
    name: str | None
    row: int | None
    col: int | None
    stage_x_um: float | None
    stage_y_um: float | None
    stage_z_um: float | None
    um_per_px: float | None
    width_px: int | None
    height_px: int | None
    state: str
    corners_um: Points | None


class ExportedFlake(Flake):
    """A saved flake with its best tile.

    Attributes
    ----------
    mask : (h, w) bool or None
        Its pixels in `bbox_px`; only where a format draws them.
    """

    # An array is what pydantic cannot describe.
    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: int
    scan_id: int
    tile: ExportedTile
    mask: SkipValidation[NDArray[np.bool_] | None] = None

    @property
    def stage_z_um(self) -> float | None:
        """Focus of its best tile."""
        return self.tile.stage_z_um

    @property
    def label(self) -> str:
        """Its name in every list: unique in the service, and the same in each format."""
        return label_of(self.id)

    @property
    def counts_as_graphene(self) -> bool:
        """A person's verdict where there is one that decides, else the model's."""
        if self.review is not None and self.review.label != "unsure":
            return self.review.label == "graphene"
        return self.is_graphene

    @property
    def best_layers(self) -> int | None:
        """Layers as a person counted them, else as the contrast tells."""
        if self.review is not None and self.review.layers is not None:
            return self.review.layers
        return self.layers


@dataclass(frozen=True, slots=True)
class Position:
    """A position to drive to in order to see a flake."""

    label: str
    x_um: float
    y_um: float
    z_um: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A picture of a flake.

    Attributes
    ----------
    rgb : (h, w, 3) uint8
    corner_px : (x, y)
        Its top-left corner on the tile.
    """

    rgb: NDArray[np.uint8]
    corner_px: tuple[int, int]


# Begins to read the flakes anew each time it is called.
Flakes = Callable[[], Iterator[ExportedFlake]]


def label_of(flake_id: int) -> str:
    """Name of a flake in position lists."""
    return f"flake-{flake_id:06d}"


def positions_of(flakes: Iterable[ExportedFlake]) -> tuple[list[Position], int]:
    """Positions of the flakes that have one, and how many have none."""
    positions: list[Position] = []
    left_out = 0
    for flake in flakes:
        if flake.centre_um is None:
            left_out += 1
            continue
        x_um, y_um = flake.centre_um
        positions.append(Position(flake.label, x_um, y_um, flake.stage_z_um))
    return positions, left_out
