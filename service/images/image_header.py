"""Read kind, size and depth of an image file before a single pixel is allocated."""

import re
import struct
import zlib
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
    """Make the error for a file on which its decoder failed."""
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


SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY = 0
# What pixels are made of. All else (colour profiles, gamma, texts, transparency, orientation) is
# left out: libpng would warn about it on stderr, unpack it or apply it.
_PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


def read_png_header(data: bytes) -> ImageHeader:
    """Header of a PNG file.

    Raises
    ------
    InvalidImage
        Cut short in its header, or less than 8 bits of grey.
    """
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise InvalidImage(f"The PNG file is cut short in its header: it has {len(data):,} bytes.")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    if colour == _GREY and depth < 8:
        raise InvalidImage(f"The PNG image has {depth} bits of grey a pixel; 8 or 16 are needed.")
    return ImageHeader(width, height)


def png_of_pixels(data: bytes) -> bytes:
    """Strip a PNG of everything but its pixels.

    Raises
    ------
    InvalidImage
        Cut short, animated, or a checksum is wrong.
    """
    kept: list[bytes | memoryview] = [SIGNATURE]
    names: set[bytes] = set()
    for name, chunk in _chunks(data):
        if name == b"acTL":
            raise InvalidImage("The PNG file is an animation; a tile is one still image.")
        if name not in _PIXEL_CHUNKS:
            continue
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise InvalidImage(
                f"The PNG file is damaged: its {name.decode()} chunk has a wrong checksum."
            )
        kept.append(chunk)
        names.add(name)
        if name == b"IEND" and b"IDAT" in names:
            return b"".join(kept)
    raise InvalidImage(f"The PNG file is cut short: its {len(data):,} bytes hold no whole image.")


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    # A chunk is length, name, content and checksum; one that the file does not hold whole is none.
    view = memoryview(data)
    offset = len(SIGNATURE)
    while offset + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, offset)
        end = offset + 12 + length
        if end > len(data):
            return
        yield name, view[offset:end]
        offset = end


# Read here. The order matters nowhere: no signature begins another.
_READABLE = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  ": "JP2",
    b"\xff\x4f\xff\x51": "JP2",
}
# Not read, but worth a name in the answer to whoever sent it.
_FOREIGN = {
    b"GIF8": "a GIF image",
    b"8BPS": "a Photoshop image",
    b"ZISRAWFILE": "a Zeiss CZI file",
    b"\xda\xce\xbe\x0a": "a Nikon ND2 file",
    b"\x70\0\0\0": "a Leica LIF file",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
}
# ASCII or UTF-8, which the end of the window may cut.
_TEXT = re.compile(rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3})+[\xc2-\xf4]?")


def readable_kind(data: bytes) -> str | None:
    """PNG, JPEG, TIFF, BMP, JP2 (JPEG 2000) or WebP; None for everything else.

    In small letters it is the kind's media type.
    """
    for signature, kind in _READABLE.items():
        if data.startswith(signature):
            return kind
    # Two letters alone could be text; the reserved field of a bitmap is zero.
    if data[:2] == b"BM" and data[6:10] == bytes(4)[: len(data[6:10])]:
        return "BMP"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    return None


def describe(data: bytes) -> str:
    """Describe bytes that are no readable image: "a PDF document", "text"."""
    for signature, name in _FOREIGN.items():
        if data.startswith(signature):
            return name
    if data[4:8] == b"ftyp":
        return "a HEIC or AVIF image" if data[8:10] in (b"he", b"mi", b"av") else "a video"
    start = data[:512]
    if start.lstrip()[:1] == b"<":
        return "an HTML or XML page"
    if _TEXT.fullmatch(start):
        return "text"
    return f"bytes that begin with {data[:8].hex(' ')}"
