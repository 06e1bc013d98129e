"""The flat field of one tile, from the picture of its scan."""

import numpy as np
from numpy.typing import NDArray

from service.errors import FlakescopeError
from service.vision.light_picture import read_light
from service.vision.tile import Tile


def flat_field_of(
    picture: bytes | None, tile: Tile
) -> tuple[NDArray[np.float32] | None, tuple[str, ...]]:
    """Light over a tile, None where there is no picture, and why a picture could not be used."""
    if picture is None:
        return None, ()
    try:
        return read_light(picture, tile.width_px, tile.height_px), ()
    except FlakescopeError as error:
        return None, (f"Screened without a flat field: {error}",)
