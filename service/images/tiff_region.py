"""A region of a large TIFF page: only the strips or tiles that it touches are unpacked."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TiffPage

from service.errors import FlakescopeError, InvalidImage, TooLarge
from service.images.decode_tiff import check_layout
from service.images.image_header import ImageHeader, check_size, damaged

Pixels = NDArray[Any]  # uint8 or uint16
Region = tuple[int, int, int, int]

# A strip over the whole width of a mosaic of 100,000 pixels, in 16 bit and colour, with 400 rows.
_LARGEST_SEGMENT_BYTES = 2**28
# A region is a tile: no larger than any other image.
_LARGEST_REGION_PIXELS = 100_000_000


def read_region(path: Path, number: int, region: Region) -> Pixels:
    """Pixels of (x, y, width, height), as (h, w) or (h, w, samples).

    Raises
    ------
    InvalidImage
        The file has no such page or region, is cut short, or of a layout that is not read.
    TooLarge
        A strip or tile of it unpacks to over 256 MiB.
    """
    check_size(ImageHeader(region[2], region[3]), _LARGEST_REGION_PIXELS)
    try:
        # _multifile: OME metadata may name other files to open.
        with tifffile.TiffFile(path, _multifile=False) as tiff:
            page = tiff.pages[number]
            if not isinstance(page, TiffPage):
                raise InvalidImage("The TIFF file has no directory for each of its pages.")
            _check(page, region)
            pixels = _read(tiff, page, region)
    except (FlakescopeError, OSError):
        raise
    # The parser meets arbitrary bytes and fails as it happens; see service.images.decode_tiff.
    except Exception as error:
        raise damaged("TIFF", error) from error
    return np.bitwise_not(pixels) if page.photometric == PHOTOMETRIC.MINISWHITE else pixels


def _check(page: TiffPage, region: Region) -> None:
    check_layout(page)
    x, y, width, height = region
    if x < 0 or y < 0 or x + width > page.imagewidth or y + height > page.imagelength:
        raise InvalidImage(f"The TIFF image has no region {region}.")
    if page.photometric == PHOTOMETRIC.PALETTE:
        raise InvalidImage("The TIFF mosaic has palette colours; save it as grey or RGB.")
    rows = int(page.tilelength) if page.is_tiled else int(page.rowsperstrip)
    columns = int(page.tilewidth) if page.is_tiled else int(page.imagewidth)
    samples = int(page.samplesperpixel) if page.planarconfig == 1 else 1
    size_bytes = (
        min(rows, int(page.imagelength)) * columns * samples * np.dtype(page.dtype).itemsize
    )
    if size_bytes > _LARGEST_SEGMENT_BYTES and not _is_plain(page):
        raise TooLarge(
            f"The TIFF mosaic is packed in pieces of {size_bytes:,} bytes; up to "
            f"{_LARGEST_SEGMENT_BYTES:,} are read: save it in tiles."
        )


def _is_plain(page: TiffPage) -> bool:
    """Whether its rows lie in the file one after the other, unpacked."""
    return bool(page.is_contiguous) and page.compression == COMPRESSION.NONE and not page.is_tiled


def _read(tiff: tifffile.TiffFile, page: TiffPage, region: Region) -> Pixels:
    x, y, width, height = region
    if _is_plain(page) and page.planarconfig == 1:
        return _rows(tiff, page, region)
    pixels = np.zeros((height, width, int(page.samplesperpixel)), page.dtype)
    for index in _touched(page, region):
        offset, count = page.dataoffsets[index], page.databytecounts[index]
        if not 0 < offset < offset + count <= tiff.filehandle.size:
            raise InvalidImage(f"The TIFF file is cut short: it has no strip or tile {index:,}.")
        tiff.filehandle.seek(offset)
        data = tiff.filehandle.read(count)
        segment, (sample, _, row, column, _), shape = page.decode(
            data, index, jpegtables=page.jpegtables
        )
        if segment is None:
            raise InvalidImage(f"The TIFF file has no pixels in its strip or tile {index:,}.")
        piece = segment[0, : shape[1], : shape[2]]
        top, left = max(row, y), max(column, x)
        bottom, right = (
            min(row + piece.shape[0], y + height),
            min(column + piece.shape[1], x + width),
        )
        cut = piece[top - row : bottom - row, left - column : right - column]
        pixels[top - y : bottom - y, left - x : right - x, sample : sample + cut.shape[2]] = cut
    return pixels[..., 0] if pixels.shape[2] == 1 else pixels


def _rows(tiff: tifffile.TiffFile, page: TiffPage, region: Region) -> Pixels:
    x, y, width, height = region
    samples = int(page.samplesperpixel)
    dtype = np.dtype(page.dtype).newbyteorder(tiff.byteorder)
    row_bytes = int(page.imagewidth) * samples * dtype.itemsize
    pixels = np.empty((height, width, samples), page.dtype)
    for row in range(height):
        tiff.filehandle.seek(
            page.dataoffsets[0] + (y + row) * row_bytes + x * samples * dtype.itemsize
        )
        data = tiff.filehandle.read(width * samples * dtype.itemsize)
        pixels[row] = np.frombuffer(data, dtype).reshape(width, samples)
    return pixels[..., 0] if samples == 1 else pixels


def _touched(page: TiffPage, region: Region) -> list[int]:
    """Numbers of the strips or tiles that a region touches, of every plane."""
    x, y, width, height = region
    rows = int(page.tilelength) if page.is_tiled else int(page.rowsperstrip)
    columns = int(page.tilewidth) if page.is_tiled else int(page.imagewidth)
    across = -(-int(page.imagewidth) // columns)
    down = -(-int(page.imagelength) // rows)
    planes = int(page.samplesperpixel) if page.planarconfig != 1 else 1
    return [
        (plane * down + row) * across + column
        for plane in range(planes)
        for row in range(y // rows, (y + height - 1) // rows + 1)
        for column in range(x // columns, (x + width - 1) // columns + 1)
    ]
