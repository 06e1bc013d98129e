"""PNG: its header, and the file without what could mislead a decoder."""

import struct
import zlib
from collections.abc import Iterator

from service.errors import InvalidImage
from service.vision.image_header import ImageHeader

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
    """The same PNG with nothing in it but its pixels.

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
