"""OME: scale and channels from the XML in an OME-TIFF's first page."""

import html
import re
from dataclasses import dataclass

# Attributes are matched, not parsed: an upload's XML never reaches a parser, its entities neither.
_PIXELS = re.compile(r"<(?:\w+:)?Pixels\b([^<>]*)>")
_CHANNEL = re.compile(r"<(?:\w+:)?Channel\b([^<>]*)>")
_ATTRIBUTE = re.compile(r"\b(\w+)\s*=\s*[\"']([^\"']*)[\"']")

# Length units of the OME schema that a microscope may write; "pixel" and "reference frame" are
# no lengths. The micro sign exists twice in Unicode.
_UM_PER_UNIT = {
    "m": 1e6,
    "cm": 1e4,
    "mm": 1e3,
    "µm": 1.0,
    "μm": 1.0,
    "um": 1.0,
    "nm": 1e-3,
    "Å": 1e-4,
    "pm": 1e-6,
    "in": 25_400.0,
}
# Further apart than rounding explains, one number is no scale.
_ANISOTROPY = 0.01


@dataclass(frozen=True, slots=True)
class Ome:
    """What an OME-TIFF says about its first image.

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
    """OME metadata of a TIFF's description, None where it holds none."""
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
    factor = _UM_PER_UNIT.get(attributes.get(f"{name}Unit", "µm").strip())
    try:
        value = float(attributes[name])
    except (KeyError, ValueError):
        return None
    return None if factor is None else value * factor
