"""What a person knows beside the images: the light over the field, contrasts on this chip."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from service.cli.errors import Unusable
from service.cli.images import find_images
from service.errors import FlakescopeError
from service.optics.references import read_references
from service.optics.substrate import Substrate
from service.vision.decode import decode
from service.vision.light import ENOUGH_TILES, MOST_TILES, FlatField

LEARN = "auto"


def find_flat_field(wish: str | None, paths: Sequence[Path]) -> NDArray[np.float32] | None:
    """Light over the field of view, from a picture of empty substrate or learnt from the images.

    Raises
    ------
    Unusable
        The picture cannot be read, or the images are too few or of different sizes.
    """
    if wish is None:
        return None
    return _learnt(list(find_images(paths))) if wish == LEARN else _pictured(Path(wish))


def _pictured(path: Path) -> NDArray[np.float32]:
    try:
        tile = decode(path.read_bytes())
    except (OSError, FlakescopeError) as error:
        raise Unusable(f"The flat field {path} cannot be read: {error}") from error
    # Noise and specks of the picture must not go into every tile.
    smooth = cv2.GaussianBlur(tile.pixels.astype(np.float32), (0, 0), 2)
    return np.asarray(smooth / smooth.mean(axis=(0, 1)), np.float32)


def _learnt(images: list[Path]) -> NDArray[np.float32]:
    field = FlatField()
    # Spread over the scan: neighbours may show the same big flake.
    for path in images[:: max(len(images) // MOST_TILES, 1)]:
        try:
            field.add(decode(path.read_bytes()).pixels)
        except ValueError as error:
            raise Unusable(f"No flat field can be learnt: {path.name} is {error}.") from error
        except (OSError, FlakescopeError):
            continue  # named with its reason when its turn to be screened comes
    estimate = field.estimate()
    if estimate is None:
        raise Unusable(
            f"No flat field can be learnt from {len(images)} images: at least {ENOUGH_TILES} must "
            "show bare substrate."
        )
    return estimate


def read_substrate(path: Path | None, oxide_nm: float | None) -> Substrate | None:
    """Measured contrasts from a file; raises `Unusable` or `InvalidValue` with what is wrong."""
    if path is None:
        return None
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Unusable(f"The substrate {path} cannot be read: {error.strerror}.") from error
    return Substrate(path.stem, oxide_nm, read_references(text))
