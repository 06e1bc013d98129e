"""A scan folder as it was read: its tiles, their positions, and which plane of a file each is."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import floor
from pathlib import Path

from service.images.channel_choice import choose_channels, is_unnamed
from service.vision.stage import from_micro_manager, rescaled_numbers, scale_um_per_px

# A file, and the pages of it.
Part = tuple[Path, tuple[int, ...]]


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
    colours : tuple of Part
        Where red, green and blue were kept as grey images of their own: these, in this order.
    region_px : (x, y, width, height) or None
        The part of a mosaic that the tile is; None where it is all of the image.
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
    colours: tuple[Part, ...] = ()
    region_px: tuple[int, int, int, int] | None = None


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
    channel_name : str
        Empty where the software does not say.
    """

    tile: FolderTile
    position: Hashable
    time: int = 0
    slice: int = 0
    channel: int = 0
    channel_name: str = ""


def one_per_position(planes: Iterable[Plane], notes: list[str]) -> list[FolderTile]:
    """Choose a tile for each position, in the order of their first images.

    Of several images it is the first in time, in the channel of white light, at the middle focus
    step. Where red, green and blue have an image each, they are one tile. Images whose position
    is unknown are one tile only where they differ in focus or channel and in nothing else.
    """
    known = _without_a_silent_stage(list(planes), notes)
    groups = _by_place(known)
    chosen = [_choose(group) for group in groups]
    count = len(known) - sum(max(len(one.tile.colours), 1) for one in chosen)
    if count:
        kept = _channel_words(known, chosen, notes)
        notes.append(
            f"A tile is one image: {count:,} more were taken at the same positions "
            f"({_axes(groups)}) and are left out. Kept are the first time, {kept} "
            "and the middle focus step."
        )
    elif any(one.tile.colours for one in chosen):
        notes.append("The images in red, green and blue light are put together to one each.")
    return [one.tile for one in chosen]


def _without_a_silent_stage(planes: list[Plane], notes: list[str]) -> list[Plane]:
    """The planes; exactly 0 in all of them is what software writes for a stage moved by hand."""
    stages = {(plane.tile.stage_x_um, plane.tile.stage_y_um) for plane in planes}
    # -0.0 equals 0.0, and so is in this set too.
    if stages != {(0.0, 0.0)}:
        return planes
    notes.append(
        f"The stage position is x 0 um, y 0 um for all {len(planes):,} images: it was not read "
        "from the stage, and is taken as unknown."
    )
    return [
        replace(plane, tile=replace(plane.tile, stage_x_um=None, stage_y_um=None))
        for plane in planes
    ]


def _by_place(planes: Iterable[Plane]) -> list[list[Plane]]:
    groups: list[list[Plane]] = []
    cells: dict[Hashable, list[Plane]] = {}
    repeats: Counter[Hashable] = Counter()
    for plane in planes:
        keys = _around(plane) or [_unplaced(plane, repeats)]
        group = next((cells[key] for key in keys if key in cells), None)
        if group is None:
            group = []
            groups.append(group)
            cells[keys[0]] = group
        group.append(plane)
    return groups


def _unplaced(plane: Plane, repeats: Counter[Hashable]) -> Hashable:
    """Key of a plane without a place: a second image of the same kind is a tile of its own.

    The stage may have been moved by hand between two times.
    """
    image = (plane.position, plane.time, plane.slice, plane.channel, plane.channel_name)
    repeats[image] += 1
    return plane.position, plane.time, repeats[image]


def _around(plane: Plane) -> list[Hashable]:
    """Keys of the cell that a plane lies in, first, and of those that touch it; none without."""
    x, y = plane.tile.stage_x_um, plane.tile.stage_y_um
    if x is None or y is None:
        return []
    column, row = floor(x / NEAR_UM), floor(y / NEAR_UM)
    steps = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
    return [(plane.position, column + i, row + j) for i, j in steps]


def _choose(group: Sequence[Plane]) -> Plane:
    time = min(plane.time for plane in group)
    channels: dict[tuple[int, str], list[Plane]] = {}
    for plane in sorted(group, key=lambda plane: (plane.channel, plane.slice)):
        if plane.time == time:
            channels.setdefault((plane.channel, plane.channel_name), []).append(plane)
    stacks = list(channels.values())
    middles = [stack[len(stack) // 2] for stack in stacks]
    # Three unnamed channels may be anything here: colour cameras keep theirs in one image.
    names = [middle.channel_name for middle in middles]
    numbers = () if all(map(is_unnamed, names)) else choose_channels(names)
    if len(numbers) < 3:
        return middles[numbers[0] if numbers else 0]
    parts = [middles[number].tile for number in numbers]
    colours = tuple((part.path, part.pages) for part in parts)
    return replace(middles[numbers[0]], tile=replace(parts[0], colours=colours))


def _channel_words(planes: Sequence[Plane], chosen: Sequence[Plane], notes: list[str]) -> str:
    """Which channel was kept; where the names leave it open, that is noted."""
    names = [name for _, name in sorted({(one.channel, one.channel_name) for one in planes})]
    if any(one.tile.colours for one in chosen):
        return "red, green and blue put together"
    kept = Counter(one.channel_name for one in chosen).most_common(1)[0][0]
    if len(names) < 2 or not kept:
        return "the first channel"
    if not choose_channels(names):
        notes.append(no_white_light(names, kept))
    return f"the channel {kept!r}"


def no_white_light(names: Sequence[str], kept: str) -> str:
    """A note that channels are there, that none says to be the picture, and which one is taken."""
    named = list(dict.fromkeys(names))
    listed = ", ".join(repr(name[:40]) for name in named[:6]) + (", ..." if len(named) > 6 else "")
    return (
        f"None of the channels {listed} is named as one of white light (Brightfield, BF, TL, RL): "
        f"the first, {kept!r}, is taken."
    )


def _axes(groups: Sequence[Sequence[Plane]]) -> str:
    planes = [plane for group in groups for plane in group]
    counts = {
        "times": len({plane.time for plane in planes}),
        "focus steps": len({plane.slice for plane in planes}),
        "channels": len({plane.channel for plane in planes}),
    }
    return ", ".join(f"{count} {axis}" for axis, count in counts.items() if count > 1) or "repeats"


def scale_said(read: FolderScan) -> float | None:
    """What the files say of the scale, the first of them that says anything; None where none."""
    if read.um_per_px is not None:
        return read.um_per_px
    if read.affine is not None:
        return scale_um_per_px(from_micro_manager(read.affine))
    return next((tile.um_per_px for tile in read.tiles if tile.um_per_px is not None), None)


def affine_of(read: FolderScan, stated_um_per_px: float | None) -> list[float] | None:
    """The affine that a folder states, at the scale that a person states where one does."""
    if read.affine is None:
        return None
    if stated_um_per_px is None:
        return list(read.affine)
    return rescaled_numbers(read.affine, stated_um_per_px)
