"""What a folder holds: its tiles, where each was taken, and how the images lie on the stage."""

from dataclasses import dataclass, field
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
