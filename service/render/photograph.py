"""Photograph a painting: lamp, objective and camera between the chip and the saved image."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.optics.camera import DEFAULT_CAMERA, Camera

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
FloatImage = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Optics:
    """A microscope and how it was set. Beside each number stands the range that labs show.

    Attributes
    ----------
    camera : Camera
        Spectral bands, lamp, aperture and the gamma of the saved image.
    bare_level : float
        Brightness of bare substrate in the middle of a tile, mean of the channels, 1 = full scale.
    gains_rgb : (r, g, b)
        White balance.
    saturation : float
        How far the camera spreads the channels apart; contrast is exact at 1 only.
    white_level : float
        Where the saved image stays white.
    vignette : float
        Light lost in the farthest corner.
    vignette_tint : float
        How much more of it is lost in red than in blue, as a part.
    vignette_centre : (x, y)
        Brightest place, as parts of width and height.
    gradient : (x, y)
        Change of the light from one side of the tile to the other.
    blur_um : float
        Standard deviation of the point spread in green.
    blue_blur : float
        How much wider it is in blue: the residual colour error of a common objective.
    flare : float
        Part of the light that is scattered over `flare_um`: the halo around what is bright.
    electrons : float
        Full well of a pixel in electrons; its square root is the shot noise.
    grain_px : float
        Width of the noise after the camera interpolated its colours.
    jpeg_quality : int or None
        None saves without loss.
    sensor_dust : int
        Soft dark spots that stay at the same place of every tile.
    """

    camera: Camera = DEFAULT_CAMERA
    um_per_px: float = 0.3844  # 0.07 to 0.45
    width_px: int = 1024
    height_px: int = 768
    bare_level: float = 0.5  # 0.2 to 0.75
    gains_rgb: tuple[float, float, float] = (1.0, 0.9, 0.9)  # 0.5 to 1.7
    saturation: float = 1.0  # 1 to 1.7
    white_level: float = 0.95  # 0.6 to 1
    vignette: float = 0.03  # 0 to 0.45
    vignette_tint: float = 0.0  # -0.3 to 0.3
    vignette_centre: tuple[float, float] = (0.5, 0.5)  # 0.3 to 0.7
    gradient: tuple[float, float] = (0.0, 0.0)  # -0.15 to 0.15
    blur_um: float = 0.3  # 0.15 to 0.6
    blue_blur: float = 1.4  # 1 to 2
    flare: float = 0.02  # 0 to 0.06
    flare_um: float = 2.5  # 1 to 6
    electrons: float = 20_000.0  # 5,000 to 60,000
    read_noise: float = 0.002  # 0.0005 to 0.006 of full scale
    grain_px: float = 0.6  # 0.3 to 0.9
    bits: int = 8  # 8 or 16
    jpeg_quality: int | None = None  # 80 to 98
    sensor_dust: int = 0  # 0 to 12


# Colour error bends the point spread of red less than that of blue.
RED_BLUE_RATIO = 0.3


def photograph(
    reflectance: FloatImage, bare_rgb: FloatImage, optics: Optics, rng: Generator
) -> Pixels:
    """Image of a painting, (height, width, 3) R, G, B.

    Parameters
    ----------
    reflectance : (height, width, 3) float32
        Linear, as `paint` gives it.
    bare_rgb : (3,) float32
        Reflectance of the bare substrate: exposure is set to it.
    """
    light = _expose(_blur(reflectance, optics), bare_rgb, optics)
    light *= light_field(optics)
    light = _noise(light, optics, rng)
    saved = np.clip(light, 0, None) ** np.float32(optics.camera.gamma)
    return _store(np.minimum(saved, optics.white_level), optics)


def light_field(optics: Optics) -> FloatImage:
    """Factor of the light on each pixel of every tile, (height, width, 3), 1 at its brightest."""
    x = (np.arange(optics.width_px, dtype=np.float32) + 0.5) / optics.width_px
    y = (np.arange(optics.height_px, dtype=np.float32) + 0.5) / optics.height_px
    centre_x, centre_y = optics.vignette_centre
    aspect = optics.height_px / optics.width_px
    squared = (x - centre_x) ** 2 + ((y - centre_y) * aspect)[:, None] ** 2
    fall = squared / squared.max()
    tint = np.array([optics.vignette_tint, 0, -optics.vignette_tint], np.float32)
    field = 1 - optics.vignette * (1 + tint) * fall[..., None]
    slope_x, slope_y = optics.gradient
    field *= (1 + slope_x * (x - 0.5) + (slope_y * (y - 0.5))[:, None])[..., None]
    _spot(field, optics)
    return np.asarray(field, np.float32)


def _spot(field: FloatImage, optics: Optics) -> None:
    # The dust belongs to the microscope, not to the tile: its places never change.
    rng = np.random.default_rng(optics.sensor_dust)
    for _ in range(optics.sensor_dust):
        x, y = rng.uniform((8, 8), (optics.width_px - 8, optics.height_px - 8)).astype(int)
        radius, depth = int(rng.integers(2, 7)), rng.uniform(0.05, 0.35)
        reach = 2 * radius
        top, left = max(y - reach, 0), max(x - reach, 0)
        part = field[top : y + reach, left : x + reach]
        rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
        distance = ((rows + top - y) ** 2 + (columns + left - x) ** 2) / radius**2
        part *= 1 - (depth * np.exp(-distance))[..., None].astype(np.float32)


def _blur(reflectance: FloatImage, optics: Optics) -> FloatImage:
    sigma = optics.blur_um / optics.um_per_px
    wider = np.array([1 + RED_BLUE_RATIO * (optics.blue_blur - 1), 1, optics.blue_blur])
    planes = [
        cv2.GaussianBlur(reflectance[..., channel], (0, 0), max(sigma * factor, 0.05))
        for channel, factor in enumerate(wider.tolist())
    ]
    sharp = np.dstack(planes)
    if optics.flare == 0:
        return np.asarray(sharp, np.float32)
    # A halo has no detail: a quarter of the size is enough for it.
    height, width = sharp.shape[:2]
    small = cv2.resize(sharp, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    halo = cv2.GaussianBlur(small, (0, 0), optics.flare_um / optics.um_per_px / 4)
    halo = cv2.resize(halo, (width, height), interpolation=cv2.INTER_LINEAR)
    mixed = cv2.addWeighted(sharp, 1 - optics.flare, halo, optics.flare, 0)
    return np.asarray(mixed, np.float32)


def _expose(reflectance: FloatImage, bare_rgb: FloatImage, optics: Optics) -> FloatImage:
    gains = np.array(optics.gains_rgb, np.float32)
    mix = optics.saturation * np.eye(3) + (1 - optics.saturation) / 3
    matrix = (mix * gains).astype(np.float32)
    gamma = optics.camera.gamma
    bare = np.clip(matrix @ bare_rgb, 1e-4, None)
    scale = (optics.bare_level / float(np.mean(bare**gamma))) ** (1 / gamma)
    return np.asarray(cv2.transform(reflectance, matrix * np.float32(scale)), np.float32)


def _noise(light: FloatImage, optics: Optics, rng: Generator) -> FloatImage:
    if optics.electrons == np.inf and optics.read_noise == 0:
        return light
    grain = rng.standard_normal(light.shape, dtype=np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), optics.grain_px), np.float32)
    grain /= grain[::4, ::4].std()
    deviation = np.sqrt(np.clip(light, 0, None) / optics.electrons + optics.read_noise**2)
    return np.asarray(light + grain * deviation, np.float32)


def _store(saved: FloatImage, optics: Optics) -> Pixels:
    if optics.bits == 16:
        return np.round(saved * 65535).astype(np.uint16)
    pixels: NDArray[np.uint8] = np.round(saved * 255).astype(np.uint8)
    if optics.jpeg_quality is None:
        return pixels
    quality = [cv2.IMWRITE_JPEG_QUALITY, optics.jpeg_quality]
    _, packed = cv2.imencode(".jpg", pixels[..., ::-1], quality)
    unpacked = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(unpacked[..., ::-1])
