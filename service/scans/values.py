"""Checks of values that come from outside, each with a message that names value and limit."""

import math
from collections.abc import Sequence

from service.errors import InvalidValue
from service.vision.decode import UM_PER_PX_RANGE, check_range
from service.vision.stage import from_micro_manager, pixel_area_um2, scale_um_per_px

# Ten metres: no stage goes farther, and a value beyond is in another unit.
STAGE_UM_RANGE = (-1e7, 1e7)
# The study's scans have up to 100,000 tiles; a single row of ten times that is a mistake.
GRID_RANGE = (-1_000_000, 1_000_000)


def check_text(name: str, value: str | None, longest: int) -> None:
    """Refuse an empty or too long text, or one with control characters; None passes."""
    if value is None:
        return
    if not value.strip():
        raise InvalidValue(f"{name} is empty.")
    if len(value) > longest:
        raise InvalidValue(f"{name} has {len(value)} characters; {longest} are allowed.")
    # Line breaks and tabs are for notes. A NUL cannot be stored by every database.
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in value):
        raise InvalidValue(f"{name} holds a control character.")


def check_pair(names: tuple[str, str], values: tuple[float | None, float | None]) -> None:
    """Refuse one without the other."""
    if (values[0] is None) != (values[1] is None):
        given, missing = names if values[1] is None else names[::-1]
        raise InvalidValue(f"{given} is given without {missing}: give both or neither.")


def check_one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    """Refuse a word that is not on the list."""
    if value not in allowed:
        raise InvalidValue(f"{name} is {value!r}; it has to be one of {', '.join(allowed)}.")


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
