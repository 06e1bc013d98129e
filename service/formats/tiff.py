"""Read TIFF files of a scan folder: pages, tags, and which page is the picture."""

import io
import logging
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from tifffile import TiffFrame, TiffPage

from service.errors import FlakescopeError, InvalidImage, InvalidValue, TooLarge
from service.formats.listing import Listing
from service.formats.side_file import mapping, parse_json
from service.images.image_header import damaged

_SHORT, _LONG, _ASCII, _UNDEFINED = 3, 4, 2, 7
_SIZES = {_SHORT: 2, _LONG: 4, _ASCII: 1, _UNDEFINED: 1}
# What a decoder needs, as numbers: sides, bits, compression, colours, order of samples, strips,
# tiles, predictor, palette. Texts, dates and scales stay behind.
_KEPT = {256: _LONG, 257: _LONG, 258: _SHORT, 259: _SHORT, 262: _SHORT, 266: _SHORT, 277: _SHORT}
_KEPT |= {278: _LONG, 284: _SHORT, 317: _SHORT, 320: _SHORT, 322: _LONG, 323: _LONG, 338: _SHORT}
_KEPT |= {339: _SHORT, 347: _UNDEFINED, 530: _SHORT}
_DESCRIPTION = 270
_STRIPS, _TILES = (273, 279), (324, 325)
# Offsets of a classic TIFF file have 32 bits.
_LARGEST_BYTES = 2**32 - 2**20
# What tells a decoder that three pages are one image.
_THREE_CHANNELS = (
    b'<?xml version="1.0"?><OME><Image><Pixels SizeZ="1" SizeC="3" SizeT="1">'
    b'<Channel Name="Red"/><Channel Name="Green"/><Channel Name="Blue"/></Pixels></Image></OME>\0'
)

# (kind, values) of a tag
Field = tuple[int, Sequence[int] | bytes]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page to copy: its tags but for offsets, and its packed strips or tiles."""

    fields: dict[int, Field]
    segments: list[bytes]
    is_tiled: bool


def tiff_of_pages(path: Path, pages: Sequence[int]) -> bytes:
    """Copy some pages of a TIFF file into another; three are the red, green and blue of one image.

    The pixels' bytes are copied as they are, and are checked when they are decoded.

    Raises
    ------
    InvalidImage
        The file has no such pages, or is cut short.
    TooLarge
        The pages have over 4 GB.
    OSError
        The file is gone.
    """
    try:
        # _multifile: OME metadata may name other files to open.
        with tifffile.TiffFile(path, _multifile=False) as tiff:
            order = "<" if tiff.byteorder == "<" else ">"
            copied = [_page(tiff, tiff.pages[number]) for number in pages]
        if len(copied) == 3:
            copied[0].fields[_DESCRIPTION] = (_ASCII, _THREE_CHANNELS)
        return _file(order, copied)
    except (FlakescopeError, OSError):
        raise
    # The parser meets arbitrary bytes and fails as it happens; see service.images.decode_tiff.
    except Exception as error:
        raise damaged("TIFF", error) from error


def _page(tiff: tifffile.TiffFile, page: TiffPage | TiffFrame) -> _Page:
    if not isinstance(page, TiffPage):
        raise InvalidImage("The TIFF file has no directory for each of its pages.")
    offsets, sizes = page.dataoffsets, page.databytecounts
    size_bytes = int(tiff.filehandle.size)
    if sum(sizes) > _LARGEST_BYTES:
        raise TooLarge(f"The image has {sum(sizes):,} bytes; the limit is {_LARGEST_BYTES:,}.")
    segments = []
    for offset, size in zip(offsets, sizes, strict=True):
        if not 0 < offset <= offset + size <= size_bytes:
            raise InvalidImage(
                f"The TIFF file is cut short: it has {size_bytes:,} bytes and a strip or tile "
                f"of {size:,} bytes at {offset:,}."
            )
        tiff.filehandle.seek(offset)
        segments.append(tiff.filehandle.read(size))
    fields = {
        code: _field(kind, page.tags[code].value)
        for code, kind in _KEPT.items()
        if code in page.tags
    }
    return _Page(fields, segments, bool(page.is_tiled))


def _field(kind: int, value: Any) -> Field:
    if isinstance(value, bytes):
        return _UNDEFINED, value
    return kind, [int(one) for one in np.ravel(value)]


def _file(order: str, pages: Sequence[_Page]) -> bytes:
    out = io.BytesIO()
    out.write(struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 0))
    link = 4  # where the place of the next directory is written
    for page in pages:
        places = []
        for segment in page.segments:
            places.append(_append(out, segment))
        offsets, counts = _TILES if page.is_tiled else _STRIPS
        fields = {
            **page.fields,
            offsets: (_LONG, places),
            counts: (_LONG, [len(segment) for segment in page.segments]),
        }
        link = _directory(out, order, fields, link)
    return out.getvalue()


def _directory(out: io.BytesIO, order: str, fields: dict[int, Field], link: int) -> int:
    """Write a directory with its values, link it, and say where its own link stands."""
    entries = [struct.pack(f"{order}H", len(fields))]
    for code, (kind, values) in sorted(fields.items()):
        data = values if isinstance(values, bytes) else _packed(order, kind, values)
        inline = data if len(data) <= 4 else struct.pack(f"{order}I", _append(out, data))
        head = struct.pack(f"{order}HHI", code, kind, len(data) // _SIZES[kind])
        entries.append(head + inline.ljust(4, b"\0"))
    place = _append(out, b"".join(entries) + bytes(4))
    end = out.seek(0, io.SEEK_END)
    out.seek(link)
    out.write(struct.pack(f"{order}I", place))
    out.seek(end)
    return place + 2 + 12 * len(fields)


def _packed(order: str, kind: int, values: Sequence[int]) -> bytes:
    return struct.pack(f"{order}{len(values)}{'H' if kind == _SHORT else 'I'}", *values)


def _append(out: io.BytesIO, data: bytes) -> int:
    """Write at the end, where TIFF wants it to begin at an even place; return that place."""
    place = out.seek(0, io.SEEK_END)
    out.write(data + b"\0" * (len(data) % 2))
    return place


MICRO_MANAGER_TAG = 51123
_IMAGEJ_TAG = "IJMetadata"


@contextmanager
def open_tiff(listing: Listing, name: str) -> Iterator[tifffile.TiffFile]:
    """Open a TIFF file of the folder.

    Raises
    ------
    InvalidValue
        It cannot be read, also where that turns out only inside the `with`.
    """
    # It logs what it finds odd in a file; a logger without a handler prints that to stderr.
    logger = logging.getLogger("tifffile")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    try:
        # _multifile: OME metadata may name other files to open, anywhere.
        with tifffile.TiffFile(listing.path(name), _multifile=False) as tiff:
            yield tiff
    except InvalidValue:
        raise
    # The parser meets arbitrary bytes and fails as it happens: struct, index, key, value, type
    # and zero-division errors and failed assertions were all seen.
    except Exception as error:
        words = str(error).replace(str(listing.root), "").strip("/")[:160] or "no reason given"
        raise InvalidValue(
            f"{name} is no readable TIFF file ({type(error).__name__}: {words})."
        ) from error


def tiff_names(listing: Listing) -> list[str]:
    """List the TIFF images of the folder."""
    return [name for name in listing.images if name.lower().endswith((".tif", ".tiff"))]


def some_of(names: list[str]) -> list[str]:
    """Sample first, middle and last: enough to tell what wrote them, though one be an overview."""
    return sorted({names[0], names[len(names) // 2], names[-1]}) if names else []


def micro_manager_metadata(page: tifffile.TiffPage | tifffile.TiffFrame) -> dict[str, Any]:
    """Read what Micro-Manager wrote on a page: in its own tag, or by way of ImageJ; else empty."""
    if not isinstance(page, tifffile.TiffPage):
        return {}
    tag = page.tags.get(MICRO_MANAGER_TAG)
    if tag is not None:
        return mapping(tag.value)
    info = mapping(getattr(page.tags.get(_IMAGEJ_TAG), "value", None)).get("Info")
    if not isinstance(info, str) or not info.lstrip().startswith("{"):
        return {}
    try:
        return parse_json("The ImageJ info", info)
    except InvalidValue:
        # Plugins write other things there too.
        return {}


Pixels = NDArray[Any]  # uint8 or uint16


def tiff_of_pixels(pixels: Pixels) -> bytes:
    """Encode (h, w) or (h, w, 3) as TIFF: the same bytes for the same pixels, always."""
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.ascontiguousarray(pixels),
        photometric="rgb" if pixels.ndim == 3 else "minisblack",
        # Deflate is read everywhere; its fastest level is a third smaller than nothing.
        compression="zlib",
        compressionargs={"level": 1},
        predictor=True,
        # No date and no version: tiles are told apart by their bytes.
        metadata=None,
        software=False,
    )
    return file.getvalue()
