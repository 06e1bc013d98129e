"""Pictures of blobs, written where a data set wants them."""

from pathlib import Path

import cv2
import numpy as np

DARK = np.array([-0.3, -0.5, -0.6])


def write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels[..., ::-1])


def tight(contrast: np.ndarray, seed: int) -> np.ndarray:
    """A blob of its own shape with a little substrate around it."""
    rng = np.random.default_rng(seed)
    pixels = np.tile(np.array([140.0, 120, 180]), (64, 64, 1))
    mask = np.zeros((64, 64), np.uint8)
    corners = rng.integers(8, 56, (5, 2)).astype(np.int32)
    cv2.fillPoly(mask, [cv2.convexHull(corners)], 1)
    cv2.circle(mask, (32, 32), 10, 1, -1)
    pixels[mask > 0] *= 1 + contrast
    return np.clip(pixels + rng.normal(0, 1, pixels.shape), 0, 255).astype(np.uint8)
