"""Read Zeiss CZI: scenes, stage positions, scale, pixels."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import imagecodecs
import numpy as np

from service.errors import FlakescopeError, InvalidImage, InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, Plane, one_per_position
from service.formats.listing import Listing
from service.formats.readers.zeiss_places import Block, stage_places
from service.formats.side_file import load_extra, number, parse_xml, readable, whole
from service.formats.tiff import Pixels
from service.images.image_header import ImageHeader, check_size

_UM_PER_M = 1e6


def read_zeiss(listing: Listing) -> FolderScan | None:
    """Tiles of the CZI files of a folder; None where there is none.

    Raises
    ------
    InvalidValue
        A file cannot be read, or the library is missing and nothing else is there to read.
    """
    names = [name for name in listing.containers if name.lower().endswith(".czi")]
    if not names:
        return None
    try:
        load_czifile()
    except InvalidValue:
        if listing.images:
            return None
        raise
    planes: list[Plane] = []
    notes: list[str] = []
    for found in readable(names, lambda name: _read(listing, name, notes), notes):
        planes.extend(found)
    return FolderScan(
        format="Zeiss CZI",
        tiles=one_per_position(planes, notes),
        notes=notes,
        side_files=tuple(names),
    )


def _read(listing: Listing, name: str, notes: list[str]) -> list[Plane]:
    with open_czi(listing.path(name), name) as file:
        root = parse_xml(name, file.metadata(raw=True))
        blocks = list(_blocks(file, name))
    return list(_planes(listing.path(name), blocks, root, notes))


def load_czifile() -> Any:
    """Import the library; raises `InvalidValue` where it is missing."""
    return load_extra("czifile", extra="czi", reads="Zeiss CZI")


@contextmanager
def open_czi(path: Path, name: str) -> Iterator[Any]:
    """Open a CZI file as `czifile.CziFile`; whatever fails inside is `InvalidValue`."""
    czifile = load_czifile()
    try:
        # multifile: the file may name another to open in its place.
        with czifile.CziFile(str(path), multifile=False, detectmosaic=False) as file:
            yield file
    except FlakescopeError:
        raise
    # The library meets arbitrary bytes: struct, key, type and value errors were all seen.
    except Exception as error:
        raise InvalidValue(f"{name} is no readable CZI file ({type(error).__name__}).") from error


def _blocks(file: Any, name: str) -> Iterator[Block]:
    for index, entry in enumerate(file.subblock_directory):
        dimensions = {one.dimension: one for one in entry.dimension_entries}
        is_reduced = any(one.stored_size != one.size for one in dimensions.values())
        # Pyramids are reduced copies, without a stage position of their own.
        if entry.pyramid_type or is_reduced or not {"X", "Y"} <= dimensions.keys():
            continue
        written = entry.data_segment().metadata(raw=True)
        yield Block(
            index,
            {axis: one.start for axis, one in dimensions.items()},
            {axis: one.size for axis, one in dimensions.items()},
            _tags(name, written.strip("\0 ")),
        )


def _tags(name: str, written: str) -> dict[str, str]:
    if not written.startswith("<"):
        return {}
    tags = parse_xml(name, written).find("Tags")
    return {} if tags is None else {tag.tag: tag.text or "" for tag in tags}


def _planes(
    path: Path, blocks: Sequence[Block], root: Element, notes: list[str]
) -> Iterator[Plane]:
    um_per_px = _um_per_px(root)
    places = stage_places(blocks, _scene_centres(root), um_per_px, path.name, notes)
    names = _channel_names(root)
    for block, (x_um, y_um) in zip(blocks, places, strict=True):
        z_um = number(block.tags.get("FocusPosition"))
        scene, channel = block.start.get("S", 0), block.start.get("C", 0)
        tile = FolderTile(
            path=path,
            pages=(block.number,),
            stage_x_um=x_um,
            stage_y_um=y_um,
            stage_z_um=z_um,
            um_per_px=um_per_px,
        )
        yield Plane(
            tile=tile,
            position=(path, scene, block.start.get("M"), block.start["X"], block.start["Y"]),
            time=block.start.get("T", 0),
            slice=block.start.get("Z", 0),
            channel=channel,
            channel_name=names[channel] if channel < len(names) else "",
        )


def _channel_names(root: Element) -> list[str]:
    channels = root.iterfind(".//Information/Image/Dimensions/Channels/Channel")
    return [channel.get("Name") or "" for channel in channels]


def _um_per_px(root: Element) -> float | None:
    """Scale in x, if y has the same."""
    scales = {
        one.get("Id"): number(one.findtext("Value"))
        for one in root.iterfind(".//Scaling/Items/Distance")
    }
    x, y = scales.get("X"), scales.get("Y")
    if x is None or x <= 0 or (y is not None and abs(x - y) > 0.01 * x):
        return None
    return round(x * _UM_PER_M, 9)


def _scene_centres(root: Element) -> dict[int, tuple[float, float]]:
    centres = {}
    for index, scene in enumerate(root.iterfind(".//Dimensions/S/Scenes/Scene")):
        parts = [number(part) for part in (scene.findtext("CenterPosition") or "").split(",")]
        if len(parts) == 2 and parts[0] is not None and parts[1] is not None:
            stated = whole(scene.get("Index"))
            centres[index if stated is None else stated] = (parts[0], parts[1])
    return centres


# Numbers of the ZISRAW format. Zstandard stands alone, or behind a header.
_NONE, _JPEG_XR, _ZSTD, _ZSTD_WITH_HEADER = 0, 4, 5, 6


def read_zeiss_block(tile: FolderTile, max_pixels: int) -> Pixels:
    """Pixels of a tile's subblock, (h, w) or (h, w, 3).

    Raises
    ------
    InvalidValue
        The file cannot be read, or the library is missing.
    InvalidImage, TooLarge
        The image has a size that cannot be screened, or is cut short.
    """
    path = tile.path
    with open_czi(path, path.name) as file:
        block = file.subblock_directory[tile.pages[0]].data_segment()
        entry = block.directory_entry
        sizes = {one.dimension: one.stored_size for one in entry.dimension_entries}
        check_size(ImageHeader(sizes["X"], sizes["Y"]), max_pixels)
        dtype = np.dtype(entry.dtype)
        # Every other axis has one place in a subblock: nothing more is ever allocated.
        pixels = np.empty((sizes["Y"], sizes["X"], *dtype.shape), dtype.base)
        if not 0 < block.data_size <= path.stat().st_size:
            raise InvalidImage(f"{path.name} is cut short: an image in it has no end.")
        _unpack(block.data(raw=True), entry.compression, pixels, path.name)
    # Blue stands first, but for JPEG XR, which knows its colours.
    is_bgr = pixels.ndim == 3 and entry.compression != _JPEG_XR
    return pixels[..., 2::-1] if is_bgr else pixels[..., :3] if pixels.ndim == 3 else pixels


def _unpack(data: bytes, compression: int, pixels: Pixels, name: str) -> None:
    """Fill the pixels; the codecs refuse data that are not exactly of this size."""
    if compression == _JPEG_XR:
        imagecodecs.jpegxr_decode(data, out=pixels)
        return
    if compression not in (_NONE, _ZSTD, _ZSTD_WITH_HEADER):
        raise InvalidValue(
            f"{name} has images with compression number {compression}; none, JPEG XR and "
            "Zstandard are read."
        )
    is_parted = False
    if compression == _ZSTD_WITH_HEADER:
        # The header's first byte is its length; its chunk of kind 1 says whether all low bytes
        # stand before all high bytes (libCZI, "ZStd compressed sub-block").
        header = data[: data[0]]
        is_parted = len(header) >= 3 and header[1] == 1 and bool(header[2] & 1)
        data = data[len(header) :]
    if compression != _NONE:
        data = bytes(imagecodecs.zstd_decode(data, out=pixels.nbytes))
    if len(data) != pixels.nbytes:
        raise InvalidImage(f"{name} is damaged: an image in it has {len(data):,} bytes.")
    values: Any = np.frombuffer(data, np.uint8)
    if is_parted and pixels.itemsize == 2:
        values = np.ascontiguousarray(values.reshape(2, -1).T)
    pixels[...] = values.reshape(-1).view(pixels.dtype).reshape(pixels.shape)
