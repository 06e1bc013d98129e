"""Images as callers have them, kept such that later changes of theirs do not matter."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flakescope.client.tiff import tiff_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[Any] | bytes | bytearray | memoryview | str | os.PathLike[str]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An image that waits.

    Attributes
    ----------
    size_bytes : int
        What it takes in memory while it waits.
    name : str or None
        The file's, where it is one.
    encode : callable
        The bytes of an image file; takes time, so it is not called in `send`.
    """

    size_bytes: int
    name: str | None
    encode: Callable[[], bytes]


def hold(image: "Image") -> Held:
    """Keep an image: an array is copied, of a file only the name is kept.

    Raises
    ------
    ValueError
        An array has another shape or type than a tile.
    OSError
        There is no such file.
    """
    if isinstance(image, (str, os.PathLike)):
        path = Path(image)
        return Held(path.stat().st_size, path.name, path.read_bytes)
    if isinstance(image, (bytes, bytearray, memoryview)):
        content = bytes(image)
        return Held(len(content), None, lambda: content)
    return _hold_array(image)


def _hold_array(image: "NDArray[Any]") -> Held:
    import numpy as np  # noqa: PLC0415 - who sends files needs no numpy

    shape, kind = np.shape(image), np.asarray(image).dtype
    if kind.kind != "u" or kind.itemsize > 2:
        raise ValueError(f"The array is of {kind}; a tile is uint8 or uint16.")
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 3):
        raise ValueError(f"The array has shape {shape}; a tile is (h, w) or (h, w, 3), in RGB.")
    # Faster than a copied array, and without giving way to another thread.
    pixels = image.tobytes() if isinstance(image, np.ndarray) else np.asarray(image).tobytes()
    return Held(len(pixels), None, lambda: tiff_of(np.frombuffer(pixels, kind).reshape(shape)))
