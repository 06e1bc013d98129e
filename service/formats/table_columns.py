"""Columns of a table of positions, by their headings in the words of several labs."""

import re
import unicodedata
from dataclasses import dataclass, replace

from service.formats.lengths import UM_PER_UNIT

_FILE = {"file", "filename", "imagefile", "imagename", "filepath", "imagepath", "nomearquivo"}
_FILE |= {"arquivo", "datei", "dateiname"}
# These may hold labels instead: taken where no heading says file.
_NAME = {"name", "image", "tile", "tilename", "path", "nome"}
_ROW = {"row", "r", "gridrow", "rowindex", "tilerow", "linha", "zeile"}
_COLUMN = {"col", "column", "c", "gridcol", "gridcolumn", "colindex", "columnindex", "tilecol"}
_COLUMN |= {"tilecolumn", "coluna", "spalte"}
_SCALE = {"umperpx", "umperpixel", "pixelsize", "pixelsizeum", "umpx", "scale"}
# Words around x, y and z that say no more than that they are positions.
_AROUND = {"stage", "pos", "position", "coord", "coordinate", "xy", "xyz", "centre", "center"}
_AROUND |= {"foco", "focus", "tile", "abs", "absolute"}
# "x in um" is in micrometres, not in inches.
_AROUND |= {"in"}
_UNITS = {
    unit.casefold(): factor
    for unit, factor in UM_PER_UNIT.items()
    if unit not in ("in", "pm", "Å", "reference frame")
}
# Pixels of some other picture: no place that a stage can go to.
_NO_LENGTH = {"px", "pixel", "pixels"}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds.

    Attributes
    ----------
    meaning : str
        "file", "row", "col", "x", "y", "z" or "um_per_px".
    um : float or None
        Micrometres of its unit; None where the heading names none.
    """

    index: int
    meaning: str
    um: float | None = None


def columns_of(headings: list[str]) -> dict[str, Column]:
    """The columns that matter, each the first that has its meaning."""
    found: dict[str, Column] = {}
    for index, heading in enumerate(headings):
        column = _column(index, heading)
        if column is not None:
            found.setdefault(column.meaning, column)
    name = found.pop("name", None)
    return found if name is None else {"file": replace(name, meaning="file"), **found}


def _column(index: int, heading: str) -> Column | None:
    words = _words(heading)
    joined = "".join(words)
    for meaning, names in (("file", _FILE), ("name", _NAME), ("row", _ROW), ("col", _COLUMN)):
        if joined in names:
            return Column(index, meaning)
    if joined in _SCALE:
        return Column(index, "um_per_px")
    if any(word in _NO_LENGTH for word in words):
        return None
    units = [_UNITS[word] for word in words if word in _UNITS]
    rest = [word for word in words if word not in _UNITS and word not in _AROUND]
    if len(rest) == 1 and rest[0] in ("x", "y", "z") and len(units) <= 1:
        return Column(index, rest[0], units[0] if units else None)
    return None


def _words(heading: str) -> list[str]:
    """Words of a heading in small letters, without accents: "StageX [µm]" is stage, x, µm."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFD", parted)
        if not unicodedata.combining(letter)
    )
    return re.findall(r"[^\W_]+", plain.casefold())
