"""Leica LIF: the tile scans of a project file, read by the library liffile."""

import struct
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from service.errors import FlakescopeError, InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, Plane, one_per_position
from service.formats.listing import Listing
from service.formats.readers.leica import TileScan, read_tile_scan, um_per_px_of
from service.formats.side_file import load_extra, parse_xml, readable
from service.formats.tiff import Pixels
from service.images.image_header import ImageHeader, check_size

# Of a tile's `pages`: the number of its image in the file, and its place on these axes.
_AXES = ("M", "T", "Z", "C")
# As many as a scan may have tiles, with a few focus steps each.
_MOST_FRAMES = 1_000_000
# XML of 100,000 tiles takes about 30 MB, in two bytes a letter.
_LARGEST_XML_BYTES = 2**28


def read_leica_lif(listing: Listing) -> FolderScan | None:
    """Tiles of the LIF files of a folder; None where there is none.

    Where a file has tile scans, single and merged images beside them are no tiles.

    Raises
    ------
    InvalidValue
        A file cannot be read, or the library is missing and nothing else is there to read.
    """
    names = [name for name in listing.containers if name.lower().endswith(".lif")]
    if not names:
        return None
    try:
        liffile = _library()
    except InvalidValue:
        if listing.images:
            return None
        raise
    planes: list[Plane] = []
    flips: list[tuple[bool, bool, bool]] = []
    notes: list[str] = []
    for found, stated in readable(names, lambda name: _read(liffile, listing, name, notes), notes):
        planes.extend(found)
        flips.extend(stated)
    if len(set(flips)) > 1:
        notes.append("The tile scans state different flips; those of the first are used.")
    flip_x, flip_y, swap_xy = flips[0] if flips else (False, False, False)
    return FolderScan(
        format="Leica LIF",
        tiles=one_per_position(planes, notes),
        flip_x=flip_x,
        flip_y=flip_y,
        swap_xy=swap_xy,
        orientation_stated=bool(flips),
        notes=notes,
        side_files=tuple(names),
    )


def read_lif_frame(tile: FolderTile, max_pixels: int) -> Pixels:
    """Pixels of a tile's frame, (h, w) or (h, w, 3).

    Raises
    ------
    InvalidValue
        The file cannot be read, or the library is missing.
    InvalidImage, TooLarge
        The frame has a size that cannot be screened.
    """
    liffile = _library()
    number, *places = tile.pages
    _check_header(tile.path, tile.path.name)
    try:
        with liffile.LifFile(tile.path) as file:
            image = file.images[number]
            sizes = image.sizes
            check_size(ImageHeader(sizes["X"], sizes["Y"]), max_pixels)
            at = {axis: place for axis, place in zip(_AXES, places, strict=True) if axis in sizes}
            pixels = np.asarray(image.frame(**at))
    except FlakescopeError:
        raise
    except Exception as error:
        raise _unreadable(tile.path.name, error) from error
    if pixels.dtype not in (np.uint8, np.uint16) or pixels.ndim not in (2, 3):
        raise InvalidValue(f"{tile.path.name} has images of {pixels.dtype}; 8 and 16 bit are read.")
    return pixels[..., :3] if pixels.ndim == 3 else pixels


def _library() -> Any:
    return load_extra("liffile", extra="lif", reads="Leica LIF")


def _unreadable(name: str, error: Exception) -> InvalidValue:
    return InvalidValue(f"{name} is no readable Leica LIF file ({type(error).__name__}).")


def _check_header(path: Path, name: str) -> None:
    """Refuse what would fill the memory before the library looks at it."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            head = file.read(13)
            if len(head) < 13 or head[:4] != b"\x70\0\0\0" or head[8] != 0x2A:
                raise InvalidValue(f"{name} is no readable Leica LIF file: its beginning is none.")
            xml_bytes = 2 * struct.unpack_from("<I", head, 9)[0]
            if xml_bytes > min(size, _LARGEST_XML_BYTES):
                raise InvalidValue(f"{name} is no readable Leica LIF file: it is cut short.")
            # Refuses document types, whose entities the library would expand.
            parse_xml(name, file.read(xml_bytes).decode("utf-16-le", "replace"))
    except OSError as error:
        raise InvalidValue(f"{name} cannot be read: {error.strerror or 'error'}.") from error


def _read(
    liffile: Any, listing: Listing, name: str, notes: list[str]
) -> tuple[list[Plane], list[tuple[bool, bool, bool]]]:
    path = listing.path(name)
    _check_header(path, name)
    try:
        with liffile.LifFile(path) as file:
            images = [
                (number, image, read_tile_scan(name, image.xml_element))
                for number, image in enumerate(file.images)
                if {"X", "Y"} <= set(image.sizes)
            ]
            scans = [one for one in images if one[2] is not None]
            chosen = scans or images
            if len(chosen) < len(images):
                notes.append(
                    f"{len(images) - len(chosen):,} images of {name} are no tile scans and are "
                    "left out."
                )
            planes = [
                plane
                for number, image, scan in chosen
                for plane in _planes(path, number, image, scan)
            ]
            return planes, [scan.flips for _, _, scan in scans if scan is not None]
    except FlakescopeError:
        raise
    # The library meets arbitrary bytes: struct, key, type and value errors were all seen.
    except Exception as error:
        raise _unreadable(name, error) from error


def _planes(path: Path, number: int, image: Any, scan: TileScan | None) -> Iterator[Plane]:
    sizes = image.sizes
    counts = [int(sizes.get(axis, 1)) for axis in _AXES]
    if np.prod(counts, dtype=float) > _MOST_FRAMES:
        raise InvalidValue(f"{path.name} states over {_MOST_FRAMES:,} images, the limit.")
    um_per_px = um_per_px_of(image.xml_element)
    luts = [one.get("LUTName", "") for one in image.xml_element.iter("ChannelDescription")]
    for place in product(*map(range, counts)):
        mosaic, time, slice_, channel = place
        listed = scan.listed[mosaic] if scan is not None and mosaic < len(scan.listed) else None
        tile = FolderTile(
            path=path,
            pages=(number, *place),
            name=f"{image.name} {mosaic}" if scan is not None else str(image.name),
            row=None if listed is None else listed.row,
            col=None if listed is None else listed.col,
            stage_x_um=None if listed is None else listed.x_um,
            stage_y_um=None if listed is None else listed.y_um,
            stage_z_um=None if listed is None else listed.z_um,
            um_per_px=um_per_px,
        )
        yield Plane(
            tile=tile,
            position=(path, number, mosaic),
            time=time,
            slice=slice_,
            channel=channel,
            # The colour that a channel is shown in is not the colour of its light; grey ones are
            # those of transmitted and reflected light.
            channel_name=f"LUT {luts[channel]}" if counts[3] > 1 and channel < len(luts) else "",
        )
