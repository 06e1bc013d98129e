"""A scan folder as it was read: its tiles, their positions, and which plane of a file each is."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import floor
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderTile:
    """One image of a folder and where it was taken; unknown is None, never 0.

    Attributes
    ----------
    path : Path
        The file. Several tiles may share it.
    pages : tuple of int
        Empty where the file is the tile. Else which part of the file is: TIFF pages (three where
        red, green and blue have one each), an ND2 frame, a CZI subblock.
    name : str
        Unique in its scan, at most 255 characters.
    """

    path: Path
    pages: tuple[int, ...] = ()
    name: str = ""
    row: int | None = None
    col: int | None = None
    stage_x_um: float | None = None
    stage_y_um: float | None = None
    stage_z_um: float | None = None
    um_per_px: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderScan:
    """A scan as its folder describes it.

    Attributes
    ----------
    format : str
        What was detected, in words for a person.
    um_per_px : float or None
        The scale of all tiles; None where unknown or where they differ.
    affine : 6 floats or None
        In the order of `service.vision.stage.from_micro_manager`; only where flips and swap cannot
        say the same, which are then False.
    orientation_stated : bool
        False where the folder does not say how images lie on the stage: then they are taken to
        be upright.
    position_reference : str
        What a stage position belongs to: the image's "centre" or its "top_left" corner.
    notes : list of str
        What was read, what was missing or contradictory, in plain words.
    side_files : tuple of str
        Files that the positions were read from, relative to the folder.
    accounted : frozenset of str
        Images that the description lists and that are no tiles, such as other focus steps.
    """

    format: str
    tiles: list[FolderTile]
    um_per_px: float | None = None
    affine: tuple[float, ...] | None = None
    flip_x: bool = False
    flip_y: bool = False
    swap_xy: bool = False
    orientation_stated: bool = False
    position_reference: str = "centre"
    notes: list[str] = field(default_factory=list)
    side_files: tuple[str, ...] = ()
    accounted: frozenset[str] = frozenset()


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
