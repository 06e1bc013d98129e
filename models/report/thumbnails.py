"""Thumbnails: small pictures inside a page."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# Bare substrate is shown as this grey: there is room for what is brighter and what is darker.
SUBSTRATE = 150.0
# Longest side of a thumbnail of a file.
SIDE_PX = 132


def of_crop(crop: NDArray[Any]) -> str:
    """Data address of a crop (size, size, 4): colours on grey ground, the outline in yellow."""
    contrast = crop[..., :3].astype(np.float32)
    pixels: NDArray[Any] = np.clip(SUBSTRATE * (1 + contrast), 0, 255).astype(np.uint8)
    large = cv2.resize(pixels, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_NEAREST)
    mask: NDArray[Any] = (crop[..., 3] > 0.5).astype(np.uint8)
    mask = cv2.resize(mask, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return _address(cv2.drawContours(large, outlines, -1, (255, 220, 0), 1))


def of_file(path: Path) -> str:
    """Data address of an image file, not larger than a thumbnail."""
    pixels: NDArray[Any] | None = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        return ""
    factor = SIDE_PX / max(pixels.shape[:2])
    if factor < 1:
        pixels = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return _address(pixels)


def _address(pixels: NDArray[Any]) -> str:
    _, png = cv2.imencode(".png", pixels[..., ::-1])
    return "data:image/png;base64," + b64encode(png.tobytes()).decode()
