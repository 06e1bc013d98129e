"""Stage: where a tile's pixels lie under the microscope, in micrometres of its stage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class StageMap:
    """Pixels of one tile <-> stage: `stage = tile_stage + A * (pixel - reference)`.

    Attributes
    ----------
    affine : (2, 3) float64
        A, from an offset in pixels to the way in um that the stage must go to centre it.
    reference_px : (x, y)
        The pixel that the tile's stage position belongs to.
    tile_stage_um : (x, y)
        The tile's stage position.
    """

    affine: Float
    reference_px: tuple[float, float]
    tile_stage_um: tuple[float, float]

    def to_stage(self, points_px: Float) -> Float:
        """Stage positions, (n, 2) um, of pixels, (n, 2)."""
        offset = np.asarray(points_px, np.float64) - self.reference_px
        return offset @ self.affine[:, :2].T + self.affine[:, 2] + self.tile_stage_um

    def to_pixel(self, points_um: Float) -> Float:
        """Convert stage positions, (n, 2) um, to pixels, (n, 2)."""
        offset = np.asarray(points_um, np.float64) - self.tile_stage_um - self.affine[:, 2]
        return offset @ np.linalg.inv(self.affine[:, :2]).T + self.reference_px


def orient(
    um_per_px: float, *, flip_x: bool = False, flip_y: bool = False, swap_xy: bool = False
) -> Float:
    """Build A from a scale and the scan's flips: first swap x and y, then turn stage axes.

    That is the order in which Micro-Manager applies its camera's TransposeXY and mirrors.
    """
    affine = np.zeros((2, 3))
    affine[0, 1 if swap_xy else 0] = -um_per_px if flip_x else um_per_px
    affine[1, 0 if swap_xy else 1] = -um_per_px if flip_y else um_per_px
    return affine


def from_micro_manager(numbers: Sequence[float]) -> Float:
    """Build A from a PixelSizeAffine's 6 numbers: m00, m01, m02, m10, m11, m12, row by row.

    So MMCore orders them (Micro-Manager, AffineUtils.doubleToAffine); Java's
    AffineTransform.getMatrix goes column by column. The sign needs no change: Micro-Manager
    moves the stage by +A * offset to centre what was clicked (CenterAndDragListener and
    XYNavigator each negate once).
    """
    return np.asarray(numbers, np.float64).reshape(2, 3)


def rescale(affine: Float, um_per_px: float) -> Float:
    """Rescale A: the same directions at another scale, as after a change of objective."""
    rescaled = affine.copy()
    rescaled[:, :2] *= um_per_px / scale_um_per_px(affine)
    return rescaled


def rescaled_numbers(numbers: Sequence[float], um_per_px: float) -> list[float]:
    """`rescale` of the 6 numbers of a PixelSizeAffine."""
    rescaled: list[float] = rescale(from_micro_manager(numbers), um_per_px).ravel().tolist()
    return rescaled


# Numbers that are written with four digits differ by less where they mean the same.
_SAME_SCALE = 1e-3


def scale_contradiction(stated: float | None, of_files: float | None) -> str | None:
    """Say, with both numbers, that files state another scale than a person; None where not."""
    if stated is None or of_files is None or abs(stated / of_files - 1) <= _SAME_SCALE:
        return None
    return (
        f"The files say {of_files:.4g} um per pixel, {stated:.4g} was stated: "
        "what was stated is used."
    )


def scale_um_per_px(affine: Float) -> float:
    """Side of a pixel, the mean of both axes."""
    return float(np.sqrt(pixel_area_um2(affine)))


def pixel_area_um2(affine: Float) -> float:
    """Area of one pixel: |det A|, which a rotation or a flip leaves alone."""
    return float(abs(np.linalg.det(affine[:, :2])))


def reference_of(width_px: int, height_px: int, position_reference: str) -> tuple[float, float]:
    """Find the pixel of a stage position: the image's 'centre' or its 'top_left' corner."""
    if position_reference == "top_left":
        return 0.0, 0.0
    return width_px / 2, height_px / 2
