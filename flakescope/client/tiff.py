"""An array as the bytes of a TIFF file, without compression and without a library.

PNG would be smaller by a third or so, for a tenth of a second of a core a frame: too much for a
computer that drives a microscope. And the same array gives the same bytes in every version of
every library, so that sending it again is seen as the same tile. TIFF 6.0, part 1, is followed.
"""

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHORT, _LONG = 3, 4
_HEADER_BYTES = 8
_MOST_BYTES = 2**32 - 1024  # offsets have 32 bits


def tiff_of(array: "NDArray[Any]") -> bytes:
    """Encode an array as a little-endian TIFF file of one strip.

    Parameters
    ----------
    array : (h, w) or (h, w, 3) uint8 or uint16
        Grey, or RGB.
    """
    if array.nbytes > _MOST_BYTES:
        raise ValueError(f"The array has {array.nbytes:,} bytes; a TIFF file holds 4 GiB.")
    height, width = array.shape[:2]
    samples = 3 if array.ndim == 3 else 1
    bits = 8 * array.dtype.itemsize
    pixels = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    # Three depths do not fit into an entry: they stand behind the header.
    depths = struct.pack("<3H", bits, bits, bits) + b"\0\0"
    strip = _HEADER_BYTES + len(depths)
    entries = [
        (256, _LONG, 1, width),
        (257, _LONG, 1, height),
        (258, _SHORT, samples, bits if samples == 1 else _HEADER_BYTES),
        (259, _SHORT, 1, 1),  # no compression
        (262, _SHORT, 1, 1 if samples == 1 else 2),  # black is zero, or RGB
        (273, _LONG, 1, strip),
        (277, _SHORT, 1, samples),
        (278, _LONG, 1, height),
        (279, _LONG, 1, len(pixels)),
        (284, _SHORT, 1, 1),  # interleaved
    ]
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    padding = b"\0" * (len(pixels) % 2)  # a directory begins at an even offset
    start = strip + len(pixels) + len(padding)
    header = struct.pack("<2sHI", b"II", 42, start)
    count = struct.pack("<H", len(entries))
    return b"".join((header, depths, pixels, padding, count, directory, bytes(4)))
