"""Headers of JPEG 2000 and WebP, read before a single pixel is allocated."""

import struct

from service.errors import InvalidImage
from service.images.image_header import ImageHeader

# Start of the codestream and of the marker with its sizes; in a JP2 file boxes stand before it.
_SIZES_MARKER = b"\xff\x4f\xff\x51"
_BOXES_BYTES = 2**16
# Capabilities; sides, offsets, sides and offsets of tiles; components.
_SIZES = struct.Struct(">HH8IH")
_DEEPEST_BITS = 16
# More tiles than any encoder makes of an image; each takes memory before its pixels do.
_MOST_TILES = 65_535


def read_jpeg_2000_header(data: bytes) -> ImageHeader:
    """Header of a JP2 file or of a bare codestream.

    Raises
    ------
    InvalidImage
        Truncated, signed, over 16 bits a channel, with subsampled or over four channels.
    """
    start = data.find(_SIZES_MARKER, 0, _BOXES_BYTES)
    if start < 0 or len(data) < start + 4 + _SIZES.size:
        raise InvalidImage("The JPEG 2000 file is cut short or damaged before its sizes.")
    sizes = _SIZES.unpack_from(data, start + 4)
    right, bottom, left, top, tile_width, tile_height = sizes[2:8]
    components = sizes[10]
    kinds = data[start + 4 + _SIZES.size : start + 4 + _SIZES.size + 3 * components]
    if not 1 <= components <= 4 or len(kinds) < 3 * components:
        raise InvalidImage(f"The JPEG 2000 image has {components} channels; 1 to 4 are read.")
    for bits, across, down in struct.iter_unpack("BBB", kinds):
        if bits & 0x80 or (bits & 0x7F) + 1 > _DEEPEST_BITS or (across, down) != (1, 1):
            raise InvalidImage(
                "The JPEG 2000 image has signed, subsampled or over 16 bit channels; save it "
                "without them."
            )
    width, height = right - left, bottom - top
    tiles = -(-width // max(tile_width, 1)) * -(-height // max(tile_height, 1))
    if tiles > _MOST_TILES:
        raise InvalidImage(f"The JPEG 2000 image has {tiles:,} tiles; {_MOST_TILES:,} are read.")
    return ImageHeader(max(width, 0), max(height, 0), components)


def read_webp_header(data: bytes) -> ImageHeader:
    """Header of a WebP file.

    Raises
    ------
    InvalidImage
        Truncated or animated.
    """
    kind = data[12:16]
    if len(data) < 30 or int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise InvalidImage("The WebP file is cut short.")
    if kind == b"VP8X":
        if data[20] & 0x02:
            raise InvalidImage("The WebP file is animated; a tile is one image.")
        return ImageHeader(_whole(data[24:27]) + 1, _whole(data[27:30]) + 1)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return ImageHeader((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return ImageHeader(width & 0x3FFF, height & 0x3FFF)
    raise InvalidImage("The WebP file is damaged: it begins with no image.")


def _whole(data: bytes) -> int:
    return int.from_bytes(data, "little")
