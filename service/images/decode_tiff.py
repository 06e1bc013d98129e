"""Decode TIFF and OME-TIFF: strips or tiles, planar or interleaved, 8 and 16 bit."""

import io
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from tifffile import COMPRESSION, PHOTOMETRIC, TiffPage

from service.errors import FlakescopeError, InvalidImage
from service.images.channel_choice import choose_channels
from service.images.image_header import ImageHeader, check_size, damaged, read_jpeg_header
from service.images.tiff_content import check_is_picture
from service.images.tiff_scale import Ome, read_ome, scale_of_page

# Attributes are matched, not parsed: an upload's XML never reaches a parser, its entities neither.
# What microscopes write, and what unpacks into a buffer whose size is known beforehand.
_COMPRESSIONS = (
    COMPRESSION.NONE,
    COMPRESSION.LZW,
    COMPRESSION.ADOBE_DEFLATE,
    COMPRESSION.DEFLATE,
    COMPRESSION.PACKBITS,
    COMPRESSION.ZSTD,
    COMPRESSION.JPEG,
)
_COLOURS = {
    PHOTOMETRIC.MINISWHITE: "grey",
    PHOTOMETRIC.MINISBLACK: "grey",
    PHOTOMETRIC.RGB: "RGB",
    PHOTOMETRIC.PALETTE: "palette",
    PHOTOMETRIC.YCBCR: "YCbCr",
}
_REDUCED = 1  # flag of NewSubfileType: a thumbnail of another page

Pixels = NDArray[Any]  # uint8 or uint16


def decode_tiff(data: bytes, max_pixels: int) -> tuple[Pixels, float | None]:
    """Decode pixels, (height, width) or (height, width, channels), and the micrometres a pixel.

    The scale comes from OME, ImageJ or MetaMorph: a resolution tag alone is about paper. Numbers
    stay as they are: 12 bits in 16 remain 0 to 4095. Of named channels the one of white light is
    read.

    Raises
    ------
    InvalidImage, TooLarge
    """
    try:
        # _multifile: OME metadata may name other files to open. An upload must not.
        with tifffile.TiffFile(io.BytesIO(data), _multifile=False) as tiff:
            check_is_picture(tiff)
            pages = _pages(tiff)
            um_per_px = scale_of_page(pages[0])
            for page in pages:
                _check(page, data, max_pixels)
            _check_planes(pages)
            planes = [_read(page) for page in pages]
    except FlakescopeError:
        raise
    # The parser meets arbitrary bytes and fails as it happens: struct, index, key, value, type
    # and zero-division errors and failed assertions were all seen in tests.
    except Exception as error:
        raise damaged("TIFF", error) from error
    return planes[0] if len(planes) == 1 else np.dstack(planes), um_per_px


def _pages(tiff: tifffile.TiffFile) -> list[TiffPage]:
    # Pages are asked for one by one: the chain of a damaged file may be endless.
    pages: list[TiffPage] = [tiff.pages.first]
    for index in range(1, 5):
        try:
            page = tiff.pages[index]
        except IndexError:
            break
        if isinstance(page, TiffPage) and not page.subfiletype & _REDUCED:
            pages.append(page)
    ome = read_ome(pages[0].description)
    if len(pages) == 1:
        return pages
    if ome is not None and ome.planes == 1 and ome.channels == len(pages) < 5:
        return _channels(pages, ome)
    count = str(len(pages)) if len(pages) < 5 else "5 or more"
    raise InvalidImage(
        f"The TIFF file has {count} pages; a tile is one page, or the channels of one OME-TIFF "
        "image."
    )


def _channels(pages: list[TiffPage], ome: Ome) -> list[TiffPage]:
    """Red, green and blue, or the one page in white light."""
    names = list(ome.channel_names) if len(ome.channel_names) == len(pages) else [""] * len(pages)
    chosen = choose_channels(names)
    if not chosen:
        listed = ", ".join(name or "without a name" for name in names)
        raise InvalidImage(
            f"The TIFF file has {len(pages)} pages, the channels {listed}: none is named as one of "
            "white light (Brightfield, BF, TL, RL), and they are not red, green and blue."
        )
    return [pages[index] for index in chosen]


def _check(page: TiffPage, data: bytes, max_pixels: int) -> None:
    header = ImageHeader(int(page.imagewidth), int(page.imagelength))
    check_size(header, max_pixels)
    if page.is_tiled:
        block = int(page.tilewidth) * int(page.tilelength)
        if block > max_pixels:
            raise InvalidImage(
                f"The TIFF file has blocks of {block:,} pixels, over {max_pixels:,}."
            )
    check_layout(page)
    _check_strips(page, data)


def _check_planes(pages: list[TiffPage]) -> None:
    kinds = {(page.imagewidth, page.imagelength, page.dtype) for page in pages}
    if len(kinds) > 1 or (len(pages) > 1 and any(page.samplesperpixel > 1 for page in pages)):
        raise InvalidImage("The channels of the OME-TIFF file differ in size or depth.")


def check_layout(page: TiffPage) -> None:
    """Refuse colours, packing and depth that are not read; raises `InvalidImage`."""
    if page.photometric not in _COLOURS:
        name = getattr(page.photometric, "name", page.photometric)
        raise InvalidImage(f"The TIFF image has {name} colours; grey, RGB and palette are read.")
    if page.compression not in _COMPRESSIONS:
        name = getattr(page.compression, "name", page.compression)
        raise InvalidImage(
            f"The TIFF file is compressed with {name}; none, LZW, Deflate, PackBits, Zstandard "
            "and JPEG are read."
        )
    if page.photometric == PHOTOMETRIC.YCBCR and page.compression != COMPRESSION.JPEG:
        raise InvalidImage("The TIFF image has YCbCr colours without JPEG; save it as RGB.")
    if page.dtype not in (np.uint8, np.uint16) or page.bitspersample < 8:
        raise InvalidImage(
            f"The TIFF image has {page.bitspersample} bits a value as {page.dtype}; "
            "unsigned integers of 8 to 16 bits are read."
        )
    if page.samplesperpixel > 4 or int(page.imagedepth) != 1:
        raise InvalidImage(
            f"The TIFF image has {page.samplesperpixel} values a pixel and "
            f"{page.imagedepth} layers in depth; at most 4 values and 1 layer are read."
        )


def _check_strips(page: TiffPage, data: bytes) -> None:
    # tifffile fills what is missing with zeros: a black corner that nobody asked about.
    offsets, sizes = page.dataoffsets, page.databytecounts
    needed = int(np.prod(page.chunked))
    listed = min(len(offsets), len(sizes))
    if listed < needed:
        raise InvalidImage(f"The TIFF file lists {listed:,} of its {needed:,} strips or tiles.")
    for offset, size in zip(offsets[:needed], sizes[:needed], strict=True):
        if not 0 < offset < offset + size <= len(data):
            raise InvalidImage(
                f"The TIFF file is cut short: it has {len(data):,} bytes and a strip or tile "
                f"of {size:,} bytes at {offset:,}."
            )
        if page.compression == COMPRESSION.JPEG:
            block = read_jpeg_header(data[offset : offset + size])
            if block.width_px > _block_width(page) or block.height_px > _block_height(page):
                raise InvalidImage("The TIFF file holds a JPEG larger than the strip it fills.")


def _block_width(page: TiffPage) -> int:
    return int(page.tilewidth if page.is_tiled else page.imagewidth)


def _block_height(page: TiffPage) -> int:
    return int(page.tilelength if page.is_tiled else page.imagelength)


def _read(page: TiffPage) -> Pixels:
    pixels: Pixels = page.asarray(maxworkers=1, squeeze=False)
    # (separate samples, depth, height, width, interleaved samples)
    pixels = pixels[:, 0, :, :, 0].transpose(1, 2, 0) if len(pixels) > 1 else pixels[0, 0]
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        return np.bitwise_not(pixels)
    if page.photometric == PHOTOMETRIC.PALETTE:
        return _apply_palette(pixels[..., 0], page.colormap)
    return pixels


def _apply_palette(indices: Pixels, palette: NDArray[np.uint16] | None) -> Pixels:
    # Palettes are 16 bit by the standard; some writers put 8 bit numbers there.
    if palette is None:
        raise InvalidImage("The TIFF image has palette colours, but no palette.")
    colours = palette if palette.max() < 256 else palette >> 8
    if int(indices.max()) >= colours.shape[1]:
        raise InvalidImage("The TIFF image uses colours that its palette does not have.")
    return np.ascontiguousarray(colours.astype(np.uint8).T[indices])
