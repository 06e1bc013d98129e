"""Drawn tiles whose flakes are known."""

from pathlib import Path

import cv2
import imagecodecs
import numpy as np

# Bare 90 nm oxide, and how one layer of graphene changes it (measured, R, G, B).
SUBSTRATE_RGB = (120, 105, 112)
MONOLAYER_RGB = (-0.137, -0.140, -0.071)


def draw_tile(*flakes_px: tuple[int, int, int, int], seed: int = 1) -> np.ndarray:
    """Substrate of 400 x 300 pixels with monolayers of (x, y, width, height)."""
    picture = np.full((300, 400, 3), SUBSTRATE_RGB, np.float64)
    for x, y, width, height in flakes_px:
        picture[y : y + height, x : x + width] *= 1 + np.array(MONOLAYER_RGB)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8)
    noise = np.random.default_rng(seed).normal(0, 1.2, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def png_of(picture: np.ndarray) -> bytes:
    """An image as PNG."""
    return imagecodecs.png_encode(np.ascontiguousarray(picture))


FLAKE_PX = (200, 100, 60, 50)


def draw_folder(folder: Path, tiles: int, least_bytes: int = 0) -> Path:
    """A scan folder: tiles two abreast with two flakes each; names tell row and column."""
    folder.mkdir()
    for number in range(tiles):
        image = png_of(draw_tile(FLAKE_PX, (20 + 12 * number, 150, 20, 20)))
        # After its end a PNG may hold anything.
        (folder / f"tile_r{number // 2:03}_c{number % 2:03}.png").write_bytes(
            image.ljust(least_bytes, b"\0")
        )
    return folder
