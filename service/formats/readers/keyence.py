"""Keyence BZ-X: TIFF files with an XML behind their pixels, lengths in nanometres."""

import re
from xml.etree.ElementTree import Element

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, Plane, one_per_position
from service.formats.listing import Listing
from service.formats.names import stem_of
from service.formats.side_file import decode_text, number, parse_xml
from service.formats.tiff import some_of, tiff_names

_UM_PER_NM = 1e-3
# The XML has some ten thousand bytes, and stands at the end.
_TAIL_BYTES = 2**18
_XML = re.compile(r"<Data>.*</Data>", re.DOTALL)
# "Image_XY01_00001_Z003_CH4.tif", and with a time "_T0002".
_NUMBERED = re.compile(r"_(?P<axis>CH|Z|T)(?P<index>[0-9]+)(?=_|$)", re.IGNORECASE)


def read_keyence(listing: Listing) -> FolderScan | None:
    """Tiles of BZ-X files; None where there are none.

    Of 100,000 files of another kind only three are opened. A damaged file is noted, and left to
    fail alone when it is decoded.
    """
    names = tiff_names(listing)
    if not any(_xml(listing, name) for name in some_of(names)):
        return None
    planes: list[Plane] = []
    notes: list[str] = []
    for name in names:
        try:
            written = _xml(listing, name)
            root = None if written is None else parse_xml(name, written)
        except InvalidValue as error:
            notes.append(str(error))
            continue
        if root is not None:
            planes.append(_plane(listing, name, root))
    if not planes:
        return None
    return FolderScan(
        format="Keyence BZ-X TIFF",
        tiles=one_per_position(planes, notes),
        notes=notes,
        accounted=frozenset(
            plane.tile.path.relative_to(listing.root).as_posix() for plane in planes
        ),
    )


def _xml(listing: Listing, name: str) -> str | None:
    """The XML behind the pixels, if there is one that states a stage."""
    try:
        with listing.path(name).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            tail = file.read()
    except OSError:
        # Whether this is an image at all is for the decoder to say, for this tile alone.
        return None
    if b"XyStageRegion" not in tail and b"StageLocationX" not in tail:
        return None
    match = _XML.search(decode_text(tail[max(tail.rfind(b"<Data>"), 0) :]))
    return None if match is None else match[0]


def _plane(listing: Listing, name: str, root: Element) -> Plane:
    axes = {
        match["axis"].upper(): int(match["index"]) for match in _NUMBERED.finditer(stem_of(name))
    }
    x_um, y_um = (_centre_um(root, axis, side) for axis, side in (("X", "Width"), ("Y", "Height")))
    tile = FolderTile(
        path=listing.path(name),
        stage_x_um=x_um,
        stage_y_um=y_um,
        um_per_px=_um_per_px(root),
    )
    return Plane(
        tile=tile,
        position=(tile.path.parent, _NUMBERED.sub("", stem_of(name))),
        time=axes.get("T", 0),
        slice=axes.get("Z", 0),
        channel=axes.get("CH", 0),
        channel_name=f"CH{axes['CH']}" if "CH" in axes else "",
    )


def _centre_um(root: Element, axis: str, side: str) -> float | None:
    """The middle of what the image shows on the stage, else where the stage was."""
    start, length = _nm(root, f"XyStageRegion/{axis}"), _nm(root, f"XyStageRegion/{side}")
    if start is not None and length is not None:
        return round((start + length / 2) * _UM_PER_NM, 6)
    place = _nm(root, f"StageLocation{axis}")
    return None if place is None else round(place * _UM_PER_NM, 6)


def _um_per_px(root: Element) -> float | None:
    length_nm, side_px = _nm(root, "XyStageRegion/Width"), _nm(root, "SavingImageSize/Width")
    if not length_nm or not side_px or length_nm < 0 or side_px < 0:
        return None
    return round(length_nm * _UM_PER_NM / side_px, 9)


def _nm(root: Element, path: str) -> float | None:
    return number((root.findtext(f".//{path}") or "").strip())
