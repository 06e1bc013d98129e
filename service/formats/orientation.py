"""Orientation: how the six numbers of an affine are said with flips, where they can be."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.checks import UM_PER_PX_RANGE
from service.formats.side_file import number
from service.vision.stage import from_micro_manager, orient, pixel_area_um2, scale_um_per_px

# Micro-Manager itself mistrusts an affine that is farther off its pixel size (XYNavigator), and
# a scan is not created with one.
_SCALES_AGREE = 0.1
# What the core starts with where nobody calibrated.
_UNCALIBRATED = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Orientation:
    """An orientation of images on the stage: an affine, or flips and swap, never both.

    Attributes
    ----------
    um_per_px : float or None
        The scale that the affine has.
    is_stated : bool
        False where nothing was said and images are taken to be upright.
    """

    affine: tuple[float, ...] | None = None
    flip_x: bool = False
    flip_y: bool = False
    swap_xy: bool = False
    um_per_px: float | None = None
    is_stated: bool = True


NOT_STATED = Orientation(is_stated=False)


def parse_affine(written: object) -> tuple[float, ...] | None:
    """Six numbers in Micro-Manager's order, from its text "a;b;c;d;e;f" or from a list."""
    parts = written.split(";") if isinstance(written, str) else written
    if not isinstance(parts, Sequence) or len(parts) != 6:
        return None
    numbers = tuple(parsed for parsed in map(number, parts) if parsed is not None)
    return numbers if len(numbers) == 6 else None


def orientation_of(
    affines: Iterable[tuple[float, ...] | None], um_per_px: float | None, notes: list[str]
) -> Orientation:
    """Choose the orientation that most images state; what is odd about it is noted."""
    counts = Counter(affine for affine in affines if affine is not None)
    counts.pop(_UNCALIBRATED, None)
    if not counts:
        return NOT_STATED
    affine, _ = counts.most_common(1)[0]
    if len(counts) > 1:
        notes.append(
            f"The images state {len(counts)} different affines; the one of most images is used."
        )
    scale = scale_um_per_px(from_micro_manager(affine))
    low, high = UM_PER_PX_RANGE
    if not low <= scale <= high:
        notes.append(f"The affine has {scale:g} um per pixel and is not used.")
        return NOT_STATED
    if um_per_px is not None and abs(scale / um_per_px - 1) > _SCALES_AGREE:
        notes.append(
            f"The affine has {scale:g} um per pixel, but the pixel size is {um_per_px:g} um: the "
            f"affine is not used."
        )
        return NOT_STATED
    return _simplest(affine)


def _simplest(affine: tuple[float, ...]) -> Orientation:
    """Flips and swap where they say exactly the same."""
    matrix = from_micro_manager(affine)
    scale = pixel_area_um2(matrix) ** 0.5
    for swap_xy in (False, True):
        x, y = (matrix[0, 1], matrix[1, 0]) if swap_xy else (matrix[0, 0], matrix[1, 1])
        flip_x, flip_y = bool(x < 0), bool(y < 0)
        simple = orient(scale, flip_x=flip_x, flip_y=flip_y, swap_xy=swap_xy)
        # A thousandth of a pixel over an image of 10,000: what differs more is no mere flip.
        if abs(matrix - simple).max() <= 1e-7 * scale:
            return Orientation(None, flip_x, flip_y, swap_xy, um_per_px=scale)
    return Orientation(affine=affine, um_per_px=scale)
