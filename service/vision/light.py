"""Learn, keep and apply flat fields: how a microscope lights its view, and whether that drifts."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.errors import FlakescopeError, InvalidValue
from service.vision.background import find_background
from service.vision.decode import Tile, decode

# Light varies slowly: the field is kept on an image this many times smaller than a tile.
REDUCTION = 8
# The median over so many tiles knows no flakes; more would only cost memory (0.4 MB each).
ENOUGH_TILES, MOST_TILES = 5, 60


class FlatField:
    """Median light over the tiles of one size.

    Unlike the surface fitted to a single tile it also follows what no smooth surface does, such as
    the shadow of dust in the light path, and it knows the light where a tile is all covered.
    """

    def __init__(self) -> None:
        self._size_px = (0, 0)
        self._fields: list[NDArray[np.float32]] = []

    def add(self, pixels: NDArray[Any]) -> None:
        """Take in a tile, (height, width, 3) of any unsigned type; past 60 tiles they are ignored.

        Raises
        ------
        ValueError
            It has another size than the tiles before.
        """
        height, width = pixels.shape[:2]
        if self._fields and (width, height) != self._size_px:
            before = f"{self._size_px[0]}x{self._size_px[1]}"
            raise ValueError(f"a tile of {width}x{height} px among tiles of {before} px")
        self._size_px = (width, height)
        if len(self._fields) == MOST_TILES:
            return
        small_size = (max(width // REDUCTION, 1), max(height // REDUCTION, 1))
        small = cv2.resize(pixels, small_size, interpolation=cv2.INTER_AREA)
        share = np.maximum(small.astype(np.float32) / float(np.iinfo(pixels.dtype).max), 1e-3)
        bare = find_background(share).bare
        if bare.mean() < 0.1:
            return  # hardly any substrate: its level is not known
        # Each tile's own level drops out: exposure may change, the field does not.
        self._fields.append(np.log(share / np.median(share[bare], axis=0)))

    def estimate(self) -> NDArray[np.float32] | None:
        """Light at each pixel, (height, width, 3), mean 1; None from too few tiles."""
        if len(self._fields) < ENOUGH_TILES:
            return None
        field = np.exp(cv2.resize(np.median(self._fields, axis=0), self._size_px))
        return np.asarray(field / field.mean(axis=(0, 1)), np.float32)


# Of the mean light, what 16 bits hold: no field of view is four times as bright in one place.
FULL_SCALE = 4.0
# Noise and specks of a picture must not go into every tile.
SMOOTH_PX = 2.0
# The field that is in use, and that of a scan beside it: 28 MB each at 1920x1200.
MOST_KEPT = 2


def write_light(field: NDArray[np.float32]) -> bytes:
    """Encode a learnt flat field as 16 bit PNG; light varies slowly, so it is kept reduced."""
    height, width = field.shape[:2]
    size = (max(width // REDUCTION, 1), max(height // REDUCTION, 1))
    small = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
    scaled = np.clip(np.rint(small / FULL_SCALE * 65535), 1, 65535).astype(np.uint16)
    _, png = cv2.imencode(".png", cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR))
    return png.tobytes()


@lru_cache(maxsize=MOST_KEPT)
def read_light(picture: bytes, width_px: int, height_px: int) -> NDArray[np.float32]:
    """Light at each pixel of a tile, (height, width, 3), mean 1; not to be written to.

    Raises
    ------
    InvalidImage, TooLarge
        The picture cannot be read.
    InvalidValue
        It is neither as large as the tile nor its reduced form.
    """
    pixels = decode(picture).pixels.astype(np.float32)
    height, width = pixels.shape[:2]
    if (width, height) == (width_px, height_px):
        field = cv2.GaussianBlur(pixels, (0, 0), SMOOTH_PX)
    elif (width, height) == (max(width_px // REDUCTION, 1), max(height_px // REDUCTION, 1)):
        field = cv2.resize(pixels, (width_px, height_px))
    else:
        raise InvalidValue(
            f"The flat field is {width}x{height} px, the tile {width_px}x{height_px}: "
            "they have to be of one size."
        )
    even = np.asarray(field / np.maximum(field.mean(axis=(0, 1)), 1e-6), np.float32)
    even.setflags(write=False)
    return even


# A change of R/G or B/G by this share moves the contrast of no layer, which is taken against each
# tile's own substrate, but says that lamp, filter or camera setting changed: at 15 % one lab's
# detector silently found nothing.
MOST_CHANGE = 0.04
# From this many tiles on there is something to compare with.
ENOUGH_TO_COMPARE = 5

Rgb = tuple[float, float, float]


def usual_light(backgrounds_rgb: Sequence[Rgb]) -> Rgb | None:
    """Median colour of the bare substrate of a scan's tiles; None from too few."""
    if len(backgrounds_rgb) < ENOUGH_TO_COMPARE:
        return None
    red, green, blue = np.median(np.array(backgrounds_rgb), axis=0).tolist()
    return red, green, blue


def light_change(background_rgb: Rgb, usual_rgb: Rgb | None) -> tuple[str, float] | None:
    """The ratio, R/G or B/G, that differs more from the usual one of its scan, and by what share.

    None where nothing can be compared.
    """
    if usual_rgb is None or min(background_rgb) <= 0 or min(usual_rgb) <= 0:
        return None
    red, green, blue = (own / usual for own, usual in zip(background_rgb, usual_rgb, strict=True))
    changes = {"R/G": red / green - 1, "B/G": blue / green - 1}
    return max(changes.items(), key=lambda item: abs(item[1]))


def light_drift(background_rgb: Rgb, usual_rgb: Rgb | None) -> str | None:
    """Warn if the bare substrate's R/G or B/G on a tile is not the usual one of its scan."""
    found = light_change(background_rgb, usual_rgb)
    if found is None or abs(found[1]) < MOST_CHANGE:
        return None
    name, change = found
    return (
        f"The light has drifted: {name} of the bare substrate is {change:+.0%} from that of the "
        f"scan's other tiles (limit {MOST_CHANGE:.0%})."
    )


def flat_field_of(
    picture: bytes | NDArray[np.float32] | None, tile: Tile
) -> tuple[NDArray[np.float32] | None, tuple[str, ...]]:
    """Read the light over a tile from its picture; and tell why a picture could not be used.

    None without a picture; light that is no picture any more is returned as it is.
    """
    if not isinstance(picture, bytes):
        return picture, ()
    try:
        return read_light(picture, tile.width_px, tile.height_px), ()
    except FlakescopeError as error:
        return None, (f"Screened without a flat field: {error}",)
