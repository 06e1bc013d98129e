"""What an image file says of itself: size and scale, without decoding a pixel."""

from dataclasses import dataclass
from pathlib import Path

import tifffile

from service.errors import FlakescopeError
from service.images.image_header import (
    ImageHeader,
    read_bmp_header,
    read_jpeg_header,
    read_png_header,
    readable_kind,
)
from service.images.tiff_scale import scale_of_page

# Headers stand in the first bytes; a JPEG is read whole, as only its end tells that it has one.
_HEAD_BYTES = 2**16
_LARGEST_JPEG_BYTES = 2**28


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Size and scale; unknown is None."""

    width_px: int | None = None
    height_px: int | None = None
    um_per_px: float | None = None


def image_facts(path: Path) -> ImageFacts:
    """What the file says; nothing where it cannot be read: that is for the decoder to say."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            kind = readable_kind(head)
            if kind == "TIFF":
                return _tiff_facts(path)
            if kind == "JPEG":
                # As many as there are: Python takes the memory of all that are asked for at once.
                head += file.read(min(path.stat().st_size, _LARGEST_JPEG_BYTES))
        header = _header(kind, head)
    except (OSError, FlakescopeError):
        return ImageFacts()
    return ImageFacts() if header is None else ImageFacts(header.width_px, header.height_px)


def _header(kind: str | None, data: bytes) -> ImageHeader | None:
    readers = {"PNG": read_png_header, "JPEG": read_jpeg_header, "BMP": read_bmp_header}
    read = readers.get(kind or "")
    return None if read is None else read(data)


def _tiff_facts(path: Path) -> ImageFacts:
    try:
        # _multifile: OME metadata may name other files to open.
        with tifffile.TiffFile(path, _multifile=False) as tiff:
            page = tiff.pages.first
            return ImageFacts(int(page.imagewidth), int(page.imagelength), scale_of_page(page))
    # The parser meets arbitrary bytes and fails as it happens; see service.images.decode_tiff.
    except Exception:
        return ImageFacts()
