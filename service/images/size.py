"""Count the pixels of an image file before it is decoded, to find room for them."""

import io

import tifffile

from service.images.image_header import (
    read_bmp_header,
    read_jpeg_header,
    read_png_header,
    readable_kind,
)

_HEADERS = {"PNG": read_png_header, "JPEG": read_jpeg_header, "BMP": read_bmp_header}


def pixels_of(data: bytes, most: int) -> int:
    """Pixels that a file claims, at most `most`; 0 where decoding will refuse it in words."""
    kind = readable_kind(data)
    try:
        if kind == "TIFF":
            with tifffile.TiffFile(io.BytesIO(data)) as file:
                page = file.pages.first
                return _within(page.imagewidth * page.imagelength, most)
        if kind is None:
            return 0
        header = _HEADERS[kind](data)
    except Exception:  # a reader meets arbitrary bytes; the decoder says what is wrong with them
        return 0
    return _within(header.width_px * header.height_px, most)


def _within(pixels: int, most: int) -> int:
    return pixels if 0 <= pixels <= most else 0
