"""MetaMorph: TIFF files whose description is a PlaneInfo with the stage and the scale."""

from xml.etree.ElementTree import Element

from tifffile import TiffPage

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, Plane, one_per_position
from service.formats.listing import Listing
from service.formats.side_file import length_um, number, parse_xml, text
from service.formats.tiff import open_tiff, some_of, tiff_names
from service.images.tiff_scale import scale_of_page


def read_metamorph(listing: Listing) -> FolderScan | None:
    """Tiles of TIFF files with a PlaneInfo; None where there are none.

    Of 100,000 files of another kind only three are opened. A damaged file is noted, and left to
    fail alone when it is decoded.
    """
    names = tiff_names(listing)
    if not any(_is_metamorph(listing, name) for name in some_of(names)):
        return None
    planes: list[Plane] = []
    notes: list[str] = []
    for name in names:
        try:
            planes.extend(_planes(listing, name))
        except InvalidValue as error:
            notes.append(str(error))
    if not planes:
        return None
    return FolderScan(
        format="MetaMorph TIFF (PlaneInfo)",
        tiles=one_per_position(planes, notes),
        notes=notes,
        accounted=frozenset(
            plane.tile.path.relative_to(listing.root).as_posix() for plane in planes
        ),
    )


def _is_metamorph(listing: Listing, name: str) -> bool:
    try:
        with open_tiff(listing, name) as tiff:
            return "<PlaneInfo" in tiff.pages.first.description
    except InvalidValue:
        # Whether this is an image at all is for the decoder to say, for this tile alone.
        return False


def _planes(listing: Listing, name: str) -> list[Plane]:
    with open_tiff(listing, name) as tiff:
        several = len(tiff.pages) > 1
        return [
            _plane(
                listing,
                name,
                parse_xml(name, page.description),
                scale_of_page(page),
                (index,) if several else (),
            )
            for index, page in enumerate(tiff.pages)
            if isinstance(page, TiffPage) and "<PlaneInfo" in page.description
        ]


def _plane(
    listing: Listing, name: str, root: Element, um_per_px: float | None, pages: tuple[int, ...]
) -> Plane:
    stated = {one.get("id"): one.get("value") for one in root.iter("prop")}
    # MetaMorph counts the stage in um; newer versions say so.
    x_um, y_um = (
        length_um(stated.get(f"stage-position-{axis}"), stated.get("stage-position-units"))
        for axis in "xy"
    )
    tile = FolderTile(
        path=listing.path(name),
        pages=pages,
        name=text(stated.get("stage-label")) or "",
        stage_x_um=x_um,
        stage_y_um=y_um,
        stage_z_um=number(stated.get("z-position")),
        um_per_px=um_per_px,
    )
    return Plane(tile=tile, position=(name, pages))
