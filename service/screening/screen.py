"""Screen one image, from its bytes to its detections: the one way for every caller.

The API, the workers, the command line and the crops of reviewed flakes all come through here;
`screen_tile` is the pure part that begins with pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.images.image_header import DEFAULT_MAX_PIXELS
from service.inference.classifier import Classifier
from service.optics.substrate import Substrate
from service.screening.pipeline import Screening, screen_tile
from service.vision.decode import Tile, decode
from service.vision.light import flat_field_of
from service.vision.normalise import Normalised, normalise
from service.vision.segment import SegmentParams
from service.vision.stage import scale_contradiction
from service.vision.thumbnail import SmallPicture, small_picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScreenJob:
    """An image to screen: the bytes, the scale, and the light.

    Attributes
    ----------
    flat_field : bytes or (height, width, 3) float32 or None
        Picture of the light over the field of view, or that light with mean 1.
    substrate : Substrate or None
        Contrasts that were measured; they override the thin-film model.
    wants_thumbnail : bool
        Whether the small picture is made while the pixels are at hand.
    decoded : callable
        Called with the tile when the bytes have turned out to be an image: it is worth keeping
        then.
    """

    image: bytes
    um_per_px: float | None
    oxide_nm: float | None
    flat_field: bytes | NDArray[np.float32] | None = None
    substrate: Substrate | None = None
    wants_thumbnail: bool = False
    decoded: Callable[[Tile], object] = lambda _: None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Screened:
    """A screening with what decoding told of the image.

    Attributes
    ----------
    um_per_px : float or None
        The scale of the job, else the one that the file itself states.
    thumbnail : SmallPicture or None
        None where the job did not want one.
    """

    screening: Screening
    width_px: int
    height_px: int
    um_per_px: float | None = None
    warnings: tuple[str, ...] = ()
    thumbnail: SmallPicture | None = None


# Decodes and screens; may raise InvalidImage, TooLarge or Busy, and then nothing is saved.
Screen = Callable[[ScreenJob], Screened]


def screen_image(
    job: ScreenJob,
    classifier: Classifier,
    *,
    params: SegmentParams,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    done: Callable[[str], None] = lambda _: None,
) -> Screened:
    """Decode an image, even its light, and find and label every flake on it.

    Parameters
    ----------
    done : callable, optional
        Told the name of each step that ended, as by `screen_tile`.

    Raises
    ------
    InvalidImage, InvalidValue, TooLarge
    """
    tile = _decode(job, max_pixels)
    done("decode")
    job.decoded(tile)
    flat_field, warnings = flat_field_of(job.flat_field, tile)
    screening = screen_tile(
        tile,
        params=params,
        classifier=classifier,
        flat_field=flat_field,
        substrate=job.substrate,
        done=done,
    )
    contradiction = scale_contradiction(job.um_per_px, tile.file_um_per_px)
    return Screened(
        screening=screening,
        width_px=tile.width_px,
        height_px=tile.height_px,
        um_per_px=tile.um_per_px,
        warnings=(
            *warnings,
            *screening.warnings,
            *([] if contradiction is None else [contradiction]),
        ),
        thumbnail=small_picture(tile.pixels) if job.wants_thumbnail else None,
    )


def normalise_image(job: ScreenJob, max_pixels: int = DEFAULT_MAX_PIXELS) -> Normalised:
    """Contrast of an image as `screen_image` sees it; the same errors."""
    tile = _decode(job, max_pixels)
    flat_field, _ = flat_field_of(job.flat_field, tile)
    return normalise(tile, flat_field)


def _decode(job: ScreenJob, max_pixels: int) -> Tile:
    return decode(job.image, max_pixels=max_pixels, um_per_px=job.um_per_px, oxide_nm=job.oxide_nm)
