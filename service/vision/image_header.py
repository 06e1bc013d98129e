"""Image header: what a file says about itself, read before a single pixel is allocated."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import InvalidImage, TooLarge

# A dry 20x objective on a large sensor gives 20 Mpx; stitched overviews of chips stay below this.
DEFAULT_MAX_PIXELS = 100_000_000
# Nothing smaller holds a flake and the substrate around it.
MIN_SIDE_PX = 16
# Encoders write about ten; each one more makes the decoder walk over the whole image again.
MAX_JPEG_SCANS = 64

_PROGRESSIVE = 0xC2
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = b"\xff\xd9"
_BMP_HEADER_SIZES = (40, 52, 56, 108, 124)


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Size and layout that a file claims.

    Attributes
    ----------
    channels : int
        Colour components of a JPEG, before conversion to RGB; 0 where the decoder decides.
    """

    width_px: int
    height_px: int
    channels: int = 0


def check_size(header: ImageHeader, max_pixels: int) -> None:
    """Refuse a size that cannot be screened.

    Raises
    ------
    InvalidImage
        A side is shorter than MIN_SIDE_PX.
    TooLarge
        There are more than `max_pixels` pixels.
    """
    width, height = header.width_px, header.height_px
    if min(width, height) < MIN_SIDE_PX:
        raise InvalidImage(
            f"The image has {width} x {height} pixels; each side needs at least {MIN_SIDE_PX}."
        )
    if width * height > max_pixels:
        raise TooLarge(
            f"The image has {width:,} x {height:,} = {width * height:,} pixels; "
            f"the limit is {max_pixels:,}."
        )


def damaged(kind: str, error: Exception) -> InvalidImage:
    """The error for a file on which its decoder failed."""
    # A decoder's words may quote the file; the first of them are enough.
    words = f"{type(error).__name__}: {error}"[:160].rstrip(".")
    return InvalidImage(f"The {kind} file is cut short or damaged ({words}).")


def read_jpeg_header(data: bytes) -> ImageHeader:
    """Header of a JPEG file, or of the JPEG stream in one strip of a TIFF file.

    Raises
    ------
    InvalidImage
        Truncated (a decoder would return grey for what is missing) or of a kind that is not
        screened: CMYK, 12 bit, lossless.
    """
    header: ImageHeader | None = None
    for marker, start in _jpeg_segments(data):
        if marker in _START_OF_FRAME:
            header = _read_jpeg_frame(marker, data[start : start + 6])
            progressive = marker == _PROGRESSIVE
        elif marker == _START_OF_SCAN and header is not None:
            # Inside compressed data 0xFF is always followed by 0x00, so this is the real end.
            if data.rfind(_END_OF_IMAGE, start) < 0:
                raise InvalidImage("The JPEG file is cut short: its end marker is missing.")
            # A decoder reads no second scan where the first has all channels of all frequencies.
            several = progressive or data[start : start + 1] != bytes([header.channels])
            if several and data.count(b"\xff\xda", start) >= MAX_JPEG_SCANS:
                raise InvalidImage(
                    f"The JPEG file stores its pixels in over {MAX_JPEG_SCANS} passes; "
                    f"{MAX_JPEG_SCANS} are allowed."
                )
            return header
    raise InvalidImage("The JPEG file is cut short or damaged before its pixels begin.")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    # Marker and the offset of its content, up to the first scan.
    offset = 2
    while offset + 4 <= len(data):
        marker = data[offset + 1]
        if data[offset] != 0xFF:
            return
        if marker == 0xFF:  # padding
            offset += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # these have no content
            offset += 2
            continue
        yield marker, offset + 4
        offset += 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")


def _read_jpeg_frame(marker: int, frame: bytes) -> ImageHeader:
    if len(frame) < 6:
        raise InvalidImage("The JPEG file is cut short in its header.")
    bits, height, width, channels = struct.unpack(">BHHB", frame)
    if marker > _PROGRESSIVE:
        raise InvalidImage("The JPEG file is lossless or arithmetic; save it as baseline or TIFF.")
    if bits != 8:
        raise InvalidImage(f"The JPEG image has {bits} bits a channel; JPEG is read with 8 only.")
    if channels not in (1, 3):
        kind = "CMYK" if channels == 4 else "not grey or RGB"
        raise InvalidImage(f"The JPEG image is {kind}; save it as RGB.")
    return ImageHeader(width, height, channels)


def read_bmp_header(data: bytes) -> ImageHeader:
    """Header of a Windows bitmap.

    Raises
    ------
    InvalidImage
        Truncated, compressed, or with less than 8 bits a pixel.
    """
    if len(data) < 54 or int.from_bytes(data[14:18], "little") not in _BMP_HEADER_SIZES:
        raise InvalidImage("The BMP file is cut short in its header or of an outdated kind.")
    width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    if compression != 0 or bits not in (8, 24, 32):
        raise InvalidImage(
            f"The BMP image has {bits} bits a pixel and compression {compression}; "
            "8, 24 or 32 bits without compression are read."
        )
    return ImageHeader(max(width, 0), abs(height))
