"""Two drawn tiles as a microscope saves them: one nearly empty, one crowded."""

import cv2
import numpy as np

from service.render.chip import Scene
from service.render.compose import make_chip
from service.render.photograph import Optics
from service.render.scan import render_tile

# A grainy camera, so that files are large, as those of microscopes are.
OPTICS = Optics(width_px=1920, height_px=1200, vignette=0.1, electrons=8_000)
SIZE_UM = (OPTICS.width_px * OPTICS.um_per_px, OPTICS.height_px * OPTICS.um_per_px)
# Both ends of what `Scene` says that real chips show, but for the empty chip.
SPARSE = Scene(*SIZE_UM, families_per_mm2=5, crystals_per_mm2=40, fragments_per_mm2=150)
DENSE = Scene(*SIZE_UM, families_per_mm2=60, crystals_per_mm2=400, fragments_per_mm2=3000)
# Real frames of this size have 0.9 to 1.2 MB in 4:2:0; this gives most of that.
_JPEG_QUALITY = 98


def draw_tiles() -> dict[str, bytes]:
    """JPEG files of 1920x1200 pixels by name; the same ones each time."""
    return {"sparse": _draw(SPARSE), "dense": _draw(DENSE)}


def _draw(scene: Scene) -> bytes:
    rng = np.random.default_rng(10)
    pixels = render_tile(make_chip(scene, rng), OPTICS, (0.0, 0.0), rng).pixels
    quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    return bytes(cv2.imencode(".jpg", pixels[..., ::-1], quality)[1])


def distinct(image: bytes, number: int) -> bytes:
    """The same picture as another file: decoders stop at the end that a JPEG marks."""
    return image + number.to_bytes(8, "little")
