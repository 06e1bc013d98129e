"""Pixels of a tile that is no file of its own, as a TIFF file without loss."""

import io
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

Pixels = NDArray[Any]  # uint8 or uint16


def tiff_of_pixels(pixels: Pixels) -> bytes:
    """A TIFF file of (h, w) or (h, w, 3): the same bytes for the same pixels, always."""
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.ascontiguousarray(pixels),
        photometric="rgb" if pixels.ndim == 3 else "minisblack",
        # Deflate is read everywhere; its fastest level is a third smaller than nothing.
        compression="zlib",
        compressionargs={"level": 1},
        predictor=True,
        # No date and no version: tiles are told apart by their bytes.
        metadata=None,
        software=False,
    )
    return file.getvalue()
