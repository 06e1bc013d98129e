"""The scale that a TIFF page states in words: by OME, ImageJ or MetaMorph, never by paper."""

import re

from tifffile import TiffPage

from service.vision.decode_tiff import read_ome
from service.vision.units import um_per_unit

# Units of paper: programs write them where nobody set a scale.
_PAPER = {"inch", "in", "inches", "cm", "pixel", "pixels", ""}
_UNIT = re.compile(r"^unit=(.*)$", re.MULTILINE)
_PROPERTY = re.compile(r'<prop id="spatial-calibration-(x|y|units)"[^>]*value="([^"]*)"')
# Further apart than rounding explains, one number is no scale.
_ANISOTROPY = 0.01


def scale_of_page(page: TiffPage) -> float | None:
    """Micrometres a pixel; None where they are not stated."""
    description = page.description
    ome = read_ome(description)
    if ome is not None:
        return ome.um_per_px
    if description.startswith("ImageJ="):
        return _of_imagej(page, description)
    if "<PlaneInfo" in description:
        return _of_metamorph(description)
    return None


def _of_imagej(page: TiffPage, description: str) -> float | None:
    """ImageJ writes its unit into the description, and pixels a unit as the resolution."""
    unit = _UNIT.search(description)
    if unit is None or unit[1].strip().casefold() in _PAPER:
        return None
    um = um_per_unit(unit[1])
    per_unit = [_ratio(page, tag) for tag in ("XResolution", "YResolution")]
    if um is None or per_unit[0] is None or not _agree(per_unit[0], per_unit[1]):
        return None
    return um / per_unit[0]


def _ratio(page: TiffPage, name: str) -> float | None:
    tag = page.tags.get(name)
    value = None if tag is None else tag.value
    if not isinstance(value, tuple) or len(value) != 2 or not value[0] or not value[1]:
        return None
    return float(value[0] / value[1])


def _of_metamorph(description: str) -> float | None:
    stated = dict(_PROPERTY.findall(description))
    um = um_per_unit(stated.get("units", ""))
    try:
        x = float(stated["x"])
        y = float(stated.get("y", x))
    except (KeyError, ValueError):
        return None
    return x * um if um is not None and x > 0 and _agree(x, y) else None


def _agree(x: float, y: float | None) -> bool:
    return y is None or abs(x - y) <= _ANISOTROPY * x
