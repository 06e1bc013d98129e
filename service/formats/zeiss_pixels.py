"""Pixels of one image of a CZI file, in the compressions that ZEN writes."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np

from service.errors import InvalidImage, InvalidValue
from service.formats.pixel_file import Pixels
from service.formats.zeiss import open_czi
from service.vision.image_header import ImageHeader, check_size

# Numbers of the ZISRAW format. Zstandard stands alone, or behind a header.
_NONE, _JPEG_XR, _ZSTD, _ZSTD_WITH_HEADER = 0, 4, 5, 6


def read_zeiss_block(path: Path, number: int, max_pixels: int) -> Pixels:
    """Pixels of a subblock, (h, w) or (h, w, 3).

    Raises
    ------
    InvalidValue
        The file cannot be read, or the library is missing.
    InvalidImage, TooLarge
        The image has a size that cannot be screened, or is cut short.
    """
    with open_czi(path, path.name) as file:
        block = file.subblock_directory[number].data_segment()
        entry = block.directory_entry
        sizes = {one.dimension: one.stored_size for one in entry.dimension_entries}
        check_size(ImageHeader(sizes["X"], sizes["Y"]), max_pixels)
        dtype = np.dtype(entry.dtype)
        # Every other axis has one place in a subblock: nothing more is ever allocated.
        pixels = np.empty((sizes["Y"], sizes["X"], *dtype.shape), dtype.base)
        if not 0 < block.data_size <= path.stat().st_size:
            raise InvalidImage(f"{path.name} is cut short: an image in it has no end.")
        _unpack(block.data(raw=True), entry.compression, pixels, path.name)
    # Blue stands first, but for JPEG XR, which knows its colours.
    is_bgr = pixels.ndim == 3 and entry.compression != _JPEG_XR
    return pixels[..., 2::-1] if is_bgr else pixels[..., :3] if pixels.ndim == 3 else pixels


def _unpack(data: bytes, compression: int, pixels: Pixels, name: str) -> None:
    """Fill the pixels; the codecs refuse data that are not exactly of this size."""
    if compression == _JPEG_XR:
        imagecodecs.jpegxr_decode(data, out=pixels)
        return
    if compression not in (_NONE, _ZSTD, _ZSTD_WITH_HEADER):
        raise InvalidValue(
            f"{name} has images with compression number {compression}; none, JPEG XR and "
            "Zstandard are read."
        )
    is_parted = False
    if compression == _ZSTD_WITH_HEADER:
        # The header's first byte is its length; its chunk of kind 1 says whether all low bytes
        # stand before all high bytes (libCZI, "ZStd compressed sub-block").
        header = data[: data[0]]
        is_parted = len(header) >= 3 and header[1] == 1 and bool(header[2] & 1)
        data = data[len(header) :]
    if compression != _NONE:
        data = bytes(imagecodecs.zstd_decode(data, out=pixels.nbytes))
    if len(data) != pixels.nbytes:
        raise InvalidImage(f"{name} is damaged: an image in it has {len(data):,} bytes.")
    values: Any = np.frombuffer(data, np.uint8)
    if is_parted and pixels.itemsize == 2:
        values = np.ascontiguousarray(values.reshape(2, -1).T)
    pixels[...] = values.reshape(-1).view(pixels.dtype).reshape(pixels.shape)
