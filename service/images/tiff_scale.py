"""The scale that a TIFF page states in words: by OME, ImageJ or MetaMorph, never by paper."""

import html
import re
from dataclasses import dataclass

from tifffile import TiffPage

from service.images.units import um_per_unit

_PIXELS = re.compile(r"<(?:\w+:)?Pixels\b([^<>]*)>")
_CHANNEL = re.compile(r"<(?:\w+:)?Channel\b([^<>]*)>")
_ATTRIBUTE = re.compile(r"\b(\w+)\s*=\s*[\"']([^\"']*)[\"']")

# Further apart than rounding explains, one number is no scale.
_ANISOTROPY = 0.01


@dataclass(frozen=True, slots=True)
class Ome:
    """OME metadata of an OME-TIFF's first image.

    Attributes
    ----------
    um_per_px : float or None
        None where missing, not a length, or different along x and y.
    channels : int
    planes : int
        Focus positions times points in time.
    channel_names : tuple of str
        Empty where the file names none.
    """

    um_per_px: float | None
    channels: int
    planes: int
    channel_names: tuple[str, ...]


def read_ome(description: str) -> Ome | None:
    """Read OME metadata from a TIFF's description; None where it holds none."""
    pixels = _PIXELS.search(description)
    if pixels is None or "OME" not in description[: pixels.start()]:
        return None
    attributes = _attributes(pixels.group(1))
    rest = description[pixels.end() :].split("Pixels>", 1)[0]
    names = [_attributes(match.group(1)).get("Name", "") for match in _CHANNEL.finditer(rest)]
    return Ome(
        um_per_px=_um_per_px(attributes),
        channels=_count(attributes, "SizeC"),
        planes=_count(attributes, "SizeZ") * _count(attributes, "SizeT"),
        channel_names=tuple(name for name in names if name),
    )


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def _count(attributes: dict[str, str], name: str) -> int:
    value = attributes.get(name, "1")
    return int(value) if re.fullmatch(r"[0-9]{1,6}", value) else 1


def _um_per_px(attributes: dict[str, str]) -> float | None:
    x = _length_um(attributes, "PhysicalSizeX")
    y = _length_um(attributes, "PhysicalSizeY")
    if x is None or (y is not None and abs(x - y) > _ANISOTROPY * x):
        return None
    return x


def _length_um(attributes: dict[str, str], name: str) -> float | None:
    factor = um_per_unit(attributes.get(f"{name}Unit", "µm"))
    try:
        value = float(attributes[name])
    except (KeyError, ValueError):
        return None
    return None if factor is None else value * factor


# Units of paper: programs write them where nobody set a scale.
_PAPER = {"inch", "in", "inches", "cm", "pixel", "pixels", ""}
_UNIT = re.compile(r"^unit=(.*)$", re.MULTILINE)
_PROPERTY = re.compile(r'<prop id="spatial-calibration-(x|y|units)"[^>]*value="([^"]*)"')
# Further apart than rounding explains, one number is no scale.


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
