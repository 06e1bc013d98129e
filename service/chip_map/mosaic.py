"""Mosaic: tiles drawn into a square of a map, each where its corners lie. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Rgb8 = NDArray[np.uint8]

# JPEG of a tile is made at this quality, WebP at about the same look.
_JPEG_QUALITY, _WEBP_QUALITY = 85, 80
# A hundredth of a pixel: edges that fall on a pixel's centre must not flicker by rounding.
_EDGE = 0.01


class Canvas:
    """Pixels of a map, transparent until something is drawn; later tiles cover earlier ones."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.pixels: Rgb8 = np.zeros((height_px, width_px, 4), np.uint8)

    def draw(self, picture: Rgb8, corners: Float) -> None:
        """Draw a picture into a parallelogram.

        Parameters
        ----------
        picture : (h, w, 3) uint8
            RGB, reduced to about the size that it will have.
        corners : (3, 2) float64
            x, y on the canvas of its top left, top right and bottom left corner.
        """
        start, right, down = corners[0], corners[1] - corners[0], corners[2] - corners[0]
        box = self._box(np.array([start, start + right, start + down, start + right + down]))
        if box is None:
            return
        left, top, width, height = box
        # From a pixel of the box to one of the picture; both count centres in OpenCV.
        across, along = picture.shape[1], picture.shape[0]
        forth = np.column_stack([right / across, down / along])
        back = _inverse(forth)
        shift = back @ (np.array([left + 0.5, top + 0.5]) - start) - 0.5
        matrix = np.column_stack([back, shift])
        drawn = cv2.warpAffine(
            picture,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        place = self.pixels[top : top + height, left : left + width]
        if _is_upright(forth):
            place[..., :3], place[..., 3] = drawn, 255
            return
        inside = _inside(back, shift, (width, height), (across, along))
        place[..., :3][inside], place[..., 3][inside] = drawn[inside], 255

    def _box(self, corners: Float) -> tuple[int, int, int, int] | None:
        """Pixels whose centres lie within the bounds of corners: x, y, width, height."""
        low = np.ceil(corners.min(axis=0) - 0.5 - _EDGE).astype(int)
        high = np.ceil(corners.max(axis=0) - 0.5 - _EDGE).astype(int)
        size = self.pixels.shape[1::-1]
        left, top = np.maximum(low, 0).tolist()
        right, bottom = np.minimum(high, size).tolist()
        return None if left >= right or top >= bottom else (left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture."""

    content: bytes
    media_type: str


def encode(canvas: Canvas) -> Picture:
    """Encode a canvas as JPEG where it is covered wholly, else as WebP with transparency."""
    if canvas.pixels[..., 3].all():
        bgr = cv2.cvtColor(canvas.pixels, cv2.COLOR_RGBA2BGR)
        _, file = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY))
        return Picture(file.tobytes(), "image/jpeg")
    bgra = cv2.cvtColor(canvas.pixels, cv2.COLOR_RGBA2BGRA)
    _, file = cv2.imencode(".webp", bgra, (cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY))
    return Picture(file.tobytes(), "image/webp")


def reduce_towards(pixels: Rgb8, ratio: float) -> Rgb8:
    """Reduce a picture by the power of two that leaves it at least as fine as it is drawn.

    Parameters
    ----------
    ratio : float
        Pixels of the picture to one of the canvas.
    """
    factor = 1
    while factor * 2 <= ratio:
        factor *= 2
    if factor == 1:
        return pixels
    height, width = pixels.shape[:2]
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _inverse(matrix: Float) -> Float:
    """Invert a 2 x 2 matrix in a tenth of the general time, which counts for ten thousand tiles."""
    (a, b), (c, d) = matrix.tolist()
    area = a * d - b * c
    return np.array([[d / area, -b / area], [-c / area, a / area]])


def _is_upright(forth: Float) -> bool:
    """Tell whether rows and columns stay rows and columns: then the bounds are the picture."""
    return all(min(abs(a), abs(b)) < 1e-6 * max(abs(a), abs(b)) for a, b in forth.tolist())


def _inside(
    back: Float, shift: Float, size: tuple[int, int], picture: tuple[int, int]
) -> NDArray[np.bool_]:
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    x = back[0, 0] * columns + back[0, 1] * rows + shift[0] + 0.5
    y = back[1, 0] * columns + back[1, 1] * rows + shift[1] + 0.5
    within: NDArray[np.bool_] = (x >= 0) & (x < picture[0]) & (y >= 0) & (y < picture[1])
    return within
