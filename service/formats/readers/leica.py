"""Leica LAS X: exported tiles with the .xlif or _Properties.xml of their TileScan (in metres)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, Plane, one_per_position
from service.formats.listing import Listing
from service.formats.names import folder_of, stem_of
from service.formats.side_file import number, parse_xml, read_text, whole
from service.images.units import um_per_unit

_UM_PER_M = 1e6
_PROPERTIES = "_properties.xml"
# Names of the axes of an image in the XML.
_SIDES = ("1", "2", "X", "Y")
# "TileScan_001--Stage250.jpg", "TileScan_001--Stage03--Z01--C00.tif", "..._s12_z1_ch00.tif",
# behind the name of the scan.
_NUMBERED = r"(?:--Stage|_s)(?P<stage>[0-9]+)(?P<rest>.*)"
_AXIS = re.compile(r"(?:--|_)(?P<axis>Z|T|CH|C)(?P<index>[0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StagePosition:
    """A tile's stage position; unknown is None."""

    row: int | None
    col: int | None
    x_um: float | None
    y_um: float | None
    z_um: float | None


@dataclass(frozen=True, slots=True)
class TileScan:
    """One TileScan as its .xlif describes it.

    Attributes
    ----------
    places : tuple of Place
        In the order of the exported images' stage numbers.
    listed : tuple of Place
        In the order of the file.
    flips : (flip_x, flip_y, swap_xy)
    is_reordered : bool
        The file lists its tiles in another order than the images are numbered.
    """

    places: tuple[StagePosition, ...]
    um_per_px: float | None
    flips: tuple[bool, bool, bool]
    is_reordered: bool
    listed: tuple[StagePosition, ...] = ()


def read_leica(listing: Listing) -> FolderScan | None:
    """Tiles of LAS X TileScans; None where there is no .xlif or _Properties.xml with one.

    Raises
    ------
    InvalidValue
        Such a file is no XML, or a number in it is none.
    """
    scans: dict[str, TileScan] = {}
    for name in listing.others_named(".xlif", _PROPERTIES):
        scan = read_tile_scan(name, parse_xml(name, read_text(listing, name)))
        if scan is not None:
            scans[name] = scan
    planes: list[Plane] = []
    notes: list[str] = []
    for name, scan in scans.items():
        planes.extend(_planes(listing, name, scan, notes))
    if not planes:
        return None
    flips = {scan.flips for scan in scans.values()}
    if len(flips) > 1:
        notes.append("The TileScans state different flips; those of the first are used.")
    flip_x, flip_y, swap_xy = next(iter(scans.values())).flips
    return FolderScan(
        format=f"Leica LAS X TileScan ({', '.join(sorted({_kind(name) for name in scans}))})",
        tiles=one_per_position(planes, notes),
        flip_x=flip_x,
        flip_y=flip_y,
        swap_xy=swap_xy,
        orientation_stated=True,
        notes=notes,
        side_files=tuple(scans),
        accounted=frozenset(
            plane.tile.path.relative_to(listing.root).as_posix() for plane in planes
        ),
    )


def _kind(name: str) -> str:
    return ".xlif" if name.lower().endswith(".xlif") else "TIFF export"


def read_tile_scan(name: str, root: Element) -> TileScan | None:
    """The TileScan that an image's XML describes; None where it describes none."""
    # LAS X tells its own merged image by the same rule, bit for bit: stage x is negated for FlipX,
    # y for FlipY, then both are swapped. Read backwards that is swap first, then the stage's axes.
    attachments = (one for one in root.iter("Attachment") if one.get("Name") == "TileScanInfo")
    info = next(attachments, None)
    if info is None or info.find("Tile") is None:
        return None
    listed = [_place(name, tile) for tile in info.iter("Tile")]
    places = _down_the_columns(listed)
    return TileScan(
        tuple(places),
        um_per_px_of(root),
        (info.get("FlipX") == "1", info.get("FlipY") == "1", info.get("SwapXY") == "1"),
        is_reordered=places != listed,
        listed=tuple(listed),
    )


def _down_the_columns(places: list[StagePosition]) -> list[StagePosition]:
    """Places in the order of the images' numbers, which run down one column after the other."""
    fields = {(place.col, place.row): place for place in places}
    known = [(col, row) for col, row in fields if col is not None and row is not None]
    columns, rows = ({field[axis] for field in known} for axis in (0, 1))
    if len(known) == len(places) == len(columns) * len(rows):
        return [fields[field] for field in sorted(known)]
    # With holes in the grid nothing tells how the numbers run: then as the file lists them.
    return places


def _place(name: str, tile: Element) -> StagePosition:
    metres = [tile.get(axis) for axis in ("PosX", "PosY", "PosZ")]
    values = [number(value) for value in metres]
    for value, parsed in zip(metres, values, strict=True):
        if value is not None and parsed is None:
            raise InvalidValue(f"{name} states a tile position of {value[:40]!r} metres.")
    # A millionth of a um: what multiplying leaves beyond is no place.
    x_um, y_um, z_um = (None if value is None else round(value * _UM_PER_M, 6) for value in values)
    return StagePosition(whole(tile.get("FieldY")), whole(tile.get("FieldX")), x_um, y_um, z_um)


def um_per_px_of(root: Element) -> float | None:
    """Scale from the first two dimensions, if they agree; a length runs between pixel centres."""
    scales = []
    for dimension in root.iter("DimensionDescription"):
        count, length = whole(dimension.get("NumberOfElements")), number(dimension.get("Length"))
        # The TIFF export names axes by their letters and lengths by their units.
        um = um_per_unit(dimension.get("Unit") or "m")
        if dimension.get("DimID") in _SIDES and count and count > 1 and length and um is not None:
            voxel = number(dimension.get("Voxel"))
            scales.append(round(um * (voxel or abs(length) / (count - 1)), 9))
    if not scales or max(scales) > 1.01 * min(scales):
        return None
    return scales[0]


def _planes(listing: Listing, xlif: str, scan: TileScan, notes: list[str]) -> Iterator[Plane]:
    scan_name = re.sub(r"_properties$", "", stem_of(xlif), flags=re.IGNORECASE)
    numbered = re.compile(re.escape(scan_name) + _NUMBERED, re.IGNORECASE)
    # It lies in "leicametadata" or "MetaData" below the folder of the images.
    folders = {folder_of(xlif), folder_of(folder_of(xlif))}
    beyond = 0
    if scan.is_reordered:
        notes.append(
            f"{xlif} lists its tiles in another order than down the columns, in which LAS X "
            "numbers images; the numbers are taken to run down the columns."
        )
    for name in listing.images:
        match = numbered.fullmatch(stem_of(name))
        if match is None or folder_of(name) not in folders:
            continue
        stage = int(match["stage"])
        if stage >= len(scan.places):
            beyond += 1
            continue
        place = scan.places[stage]
        axes = {one["axis"].upper(): int(one["index"]) for one in _AXIS.finditer(match["rest"])}
        tile = FolderTile(
            path=listing.path(name),
            row=place.row,
            col=place.col,
            stage_x_um=place.x_um,
            stage_y_um=place.y_um,
            stage_z_um=place.z_um,
            um_per_px=scan.um_per_px,
        )
        yield Plane(
            tile=tile,
            position=(xlif, stage),
            time=axes.get("T", 0),
            slice=axes.get("Z", 0),
            channel=axes.get("CH", axes.get("C", 0)),
        )
    if beyond:
        notes.append(
            f"{xlif} has {len(scan.places)} tiles, but {beyond} images have higher numbers."
        )
