"""Variants: the same frames under other light, another camera and another scale."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.region import Box, Region
from bench.quality.truth import Frame, TrueFlake
from service.vision.decode import Tile

# (height, width, 3), 0 to 1
Image = NDArray[np.float32]
_NOISE_SIGMA = 4 / 255
_CORNER_LIGHT = 0.5


def light_variants() -> dict[str, Callable[[Image], Image]]:
    """Changes of the pixels that leave every flake where it is."""
    changes: dict[str, Callable[[Image], Image]] = {
        "gamma 0.8": lambda image: np.power(image, np.float32(0.8)),
        "gamma 1.25": lambda image: np.power(image, np.float32(1.25)),
    }
    for channel, name in enumerate("RGB"):
        for gain in (0.8, 1.2):
            changes[f"{name} x {gain}"] = _gain(channel, gain)
    changes["vignette to 50 %"] = _vignette
    changes["noise sigma 4"] = _noise
    changes["JPEG quality 60"] = _jpeg
    return changes


def variants(frame: Frame, tile: Tile) -> Iterator[tuple[str, Frame, Tile]]:
    """Name, frame and tile of every variant of a frame."""
    full_scale = np.iinfo(tile.pixels.dtype).max
    image = (tile.pixels / np.float32(full_scale)).astype(np.float32)
    for name, change in light_variants().items():
        yield name, frame, _with_pixels(tile, np.clip(change(image), 0, 1) * full_scale)
    yield "half size", _half_frame(frame), _half_tile(tile)
    turned = _with_pixels(tile, np.rot90(tile.pixels))
    yield "rotated by 90 deg", _with_regions(frame, lambda r: _turn(r, tile.width_px)), turned


def _with_pixels(tile: Tile, values: NDArray[Any]) -> Tile:
    same_depth = np.ascontiguousarray(np.rint(values).astype(tile.pixels.dtype))
    return replace(tile, pixels=same_depth)


def _gain(channel: int, gain: float) -> Callable[[Image], Image]:
    factors = np.ones(3, np.float32)
    factors[channel] = gain
    return lambda image: np.asarray(image * factors, np.float32)


def _vignette(image: Image) -> Image:
    height, width = image.shape[:2]
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    fall = 1 - (1 - _CORNER_LIGHT) * (x**2 + y**2) / 2
    return np.asarray(image * fall[..., None], np.float32)


def _noise(image: Image) -> Image:
    noise = np.random.default_rng(0).standard_normal(image.shape, np.float32)
    return image + np.float32(_NOISE_SIGMA) * noise


def _jpeg(image: Image) -> Image:
    bgr = np.rint(image[..., ::-1] * 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 60])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR_RGB)
    assert decoded is not None
    return (decoded / np.float32(255)).astype(np.float32)


def _half_tile(tile: Tile) -> Tile:
    pixels = cv2.resize(
        tile.pixels, (tile.width_px // 2, tile.height_px // 2), interpolation=cv2.INTER_AREA
    )
    scale = None if tile.um_per_px is None else 2 * tile.um_per_px
    return replace(_with_pixels(tile, pixels), um_per_px=scale)


def _half_frame(frame: Frame) -> Frame:
    halved = _with_regions(frame, half_region)
    return replace(halved, min_area_px=frame.min_area_px // 4)


def _with_regions(frame: Frame, change: Callable[[Region], Region]) -> Frame:
    flakes = tuple(TrueFlake(change(f.region), f.layers, f.counts) for f in frame.flakes)
    return replace(frame, flakes=flakes)


def half_region(region: Region) -> Region:
    """A region on an image of half the width and height."""
    box = region.box
    left, top = box.x // 2, box.y // 2
    right, bottom = -(-(box.x + box.width) // 2), -(-(box.y + box.height) // 2)
    half = Box(left, top, right - left, bottom - top)
    if region.mask is None:
        return Region(half, None)
    # On the grid of whole pairs: a new pixel belongs to the flake where half of its four did.
    grid = np.zeros((2 * half.height, 2 * half.width), np.float32)
    y, x = box.y - 2 * top, box.x - 2 * left
    grid[y : y + box.height, x : x + box.width] = region.mask
    return Region(half, grid.reshape(half.height, 2, half.width, 2).mean(axis=(1, 3)) >= 0.5)


def _turn(region: Region, tile_width_px: int) -> Region:
    # As numpy.rot90: counter-clockwise.
    box = region.box
    turned = Box(box.y, tile_width_px - box.x - box.width, box.height, box.width)
    return Region(turned, None if region.mask is None else np.rot90(region.mask))
