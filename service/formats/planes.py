"""Planes: of all the images that were taken at a position, the one that is its tile."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import floor

from service.formats.folder_scan import FolderTile

# A stage comes back to a place within this, and no field of view is as small (150 um at 100x).
# Images farther apart are tiles of their own, even if the software gives them one position.
NEAR_UM = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """One image and what the software counts it as.

    Attributes
    ----------
    position : hashable
        The same for all images of one position.
    """

    tile: FolderTile
    position: Hashable
    time: int = 0
    slice: int = 0
    channel: int = 0


def one_per_position(planes: Iterable[Plane], notes: list[str]) -> list[FolderTile]:
    """A tile for each position, in the order of their first images.

    Of several images it is the first in time, in the first channel, at the middle focus step.
    """
    groups = _by_place(planes)
    count = sum(len(group) for group in groups) - len(groups)
    if count:
        notes.append(
            f"A tile is one image: {count:,} more were taken at the same positions "
            f"({_axes(groups)}) and are left out. Kept are the first time, the first channel "
            "and the middle focus step."
        )
    return [_choose(group).tile for group in groups]


def _by_place(planes: Iterable[Plane]) -> list[list[Plane]]:
    groups: list[list[Plane]] = []
    cells: dict[Hashable, list[Plane]] = {}
    for plane in planes:
        group = next((cells[key] for key in _around(plane) if key in cells), None)
        if group is None:
            group = []
            groups.append(group)
            cells[_around(plane)[0]] = group
        group.append(plane)
    return groups


def _around(plane: Plane) -> list[Hashable]:
    """Keys of the cell that a plane lies in, first, and of those that touch it."""
    x, y = plane.tile.stage_x_um, plane.tile.stage_y_um
    if x is None or y is None:
        return [(plane.position, None)]
    column, row = floor(x / NEAR_UM), floor(y / NEAR_UM)
    steps = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
    return [(plane.position, column + i, row + j) for i, j in steps]


def _choose(group: Sequence[Plane]) -> Plane:
    first = min((plane.time, plane.channel) for plane in group)
    stack = [plane for plane in group if (plane.time, plane.channel) == first]
    stack.sort(key=lambda plane: plane.slice)
    return stack[len(stack) // 2]


def _axes(groups: Sequence[Sequence[Plane]]) -> str:
    planes = [plane for group in groups for plane in group]
    counts = {
        "times": len({plane.time for plane in planes}),
        "focus steps": len({plane.slice for plane in planes}),
        "channels": len({plane.channel for plane in planes}),
    }
    return ", ".join(f"{count} {axis}" for axis, count in counts.items() if count > 1) or "repeats"
