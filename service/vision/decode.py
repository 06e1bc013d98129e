"""Decode the bytes of an image file to a tile."""

import logging
from dataclasses import dataclass

import cv2
import imagecodecs
import numpy as np
from numpy.typing import NDArray

from service.checks import OXIDE_NM_RANGE, UM_PER_PX_RANGE, check_range, is_within
from service.errors import FlakescopeError, InvalidImage
from service.images.decode_tiff import Pixels, decode_tiff
from service.images.image_header import (
    DEFAULT_MAX_PIXELS,
    check_size,
    damaged,
    describe,
    png_of_pixels,
    read_bmp_header,
    read_jpeg_header,
    read_png_header,
    readable_kind,
)
from service.images.newer_headers import read_jpeg_2000_header, read_webp_header
from service.images.raw_values import check_values


@dataclass(frozen=True, slots=True)
class KnownSubstrate:
    """What a scan knows of its bare substrate under one objective and exposure.

    Attributes
    ----------
    background_rgb : (r, g, b)
        `Light.background_rgb` of its other tiles: their median, 1 = full scale of the camera.
    """

    background_rgb: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One decoded microscope image.

    Attributes
    ----------
    pixels : (height, width, 3) uint8 or uint16
        RGB. A grey image has three equal channels. Only `normalise` makes 16 bit smaller.
    um_per_px : float or None
        Scale; None where unknown.
    oxide_nm : float or None
        SiO2 thickness; None where unknown.
    known : KnownSubstrate or None
        What its scan knows of the bare substrate; it decides where a flake fills the tile.

    file_um_per_px : float or None
        What the file itself says of the scale, whatever `um_per_px` is.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    um_per_px: float | None = None
    oxide_nm: float | None = None
    known: KnownSubstrate | None = None

    file_um_per_px: float | None = None

    @property
    def width_px(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def height_px(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])


# Any flag less, and 16 bit becomes 8, colour becomes BGR, or a rotation is applied.
_PNG_FLAGS = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION


def decode(
    data: bytes,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    um_per_px: float | None = None,
    oxide_nm: float | None = None,
) -> Tile:
    """Decode PNG, JPEG, TIFF, OME-TIFF, BMP, JPEG 2000 or WebP, 8 or 16 bit, grey or colour.

    16 bit stays 16 bit, and 10 to 14 bits in 16 keep their numbers. Alpha is dropped. EXIF
    rotation is not applied: stage coordinates belong to the sensor's grid. Without `um_per_px`
    the scale of OME, ImageJ or MetaMorph is taken; other resolution tags are about paper.

    Raises
    ------
    InvalidImage
        Empty, truncated, animated, a preview, a raw Bayer mosaic, of another kind, or under 16
        pixels a side.
    TooLarge
        Over `max_pixels`; known from the header, before pixels are allocated.
    InvalidValue
        `um_per_px` or `oxide_nm` is not a length that a microscope or a wafer has.
    """
    check_range("um_per_px", um_per_px, UM_PER_PX_RANGE)
    check_range("oxide_nm", oxide_nm, OXIDE_NM_RANGE)
    _keep_codecs_from_printing()
    pixels, file_um_per_px = _read(data, max_pixels)
    check_values(pixels)
    # A file's scale out of range is a placeholder, not a mistake of who sends it.
    if file_um_per_px is not None and not is_within(file_um_per_px, UM_PER_PX_RANGE):
        file_um_per_px = None
    scale = file_um_per_px if um_per_px is None else um_per_px
    return Tile(_as_rgb(pixels), scale, oxide_nm, file_um_per_px=file_um_per_px)


def _keep_codecs_from_printing() -> None:
    # They log what they find odd in a file; a logger without a handler prints that to stderr.
    for name in ("tifffile", "imagecodecs"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _read(data: bytes, max_pixels: int) -> tuple[Pixels, float | None]:
    if not data:
        raise InvalidImage("The file is empty: it has 0 bytes.")
    kind = readable_kind(data)
    if kind is None:
        raise InvalidImage(
            f"The file is no image that can be read: it looks like {describe(data)}. "
            "PNG, JPEG, TIFF, OME-TIFF, BMP, JPEG 2000 and WebP are read."
        )
    if kind == "TIFF":
        return decode_tiff(data, max_pixels)
    try:
        return _READERS[kind](data, max_pixels), None
    except FlakescopeError:
        raise
    # Codecs meet arbitrary bytes: besides their own errors, index and value errors were seen.
    except Exception as error:
        raise damaged(kind, error) from error


def _read_png(data: bytes, max_pixels: int) -> Pixels:
    check_size(read_png_header(data), max_pixels)
    # OpenCV here: imagecodecs (2026.3) drops a reference to None with every PNG that fails, which
    # after some ten thousand of them ends the process.
    pixels = cv2.imdecode(np.frombuffer(png_of_pixels(data), np.uint8), _PNG_FLAGS)
    if pixels is None:
        raise InvalidImage("The PNG file is damaged: its pixels cannot be unpacked.")
    return pixels


def _read_jpeg(data: bytes, max_pixels: int) -> Pixels:
    header = read_jpeg_header(data)
    check_size(header, max_pixels)
    shape = (header.height_px, header.width_px) + ((3,) if header.channels == 3 else ())
    # imagecodecs, not OpenCV: 13 ms against 19 for 1920x1200, and nothing on stderr. Given the
    # array, it refuses a file whose real size is another.
    pixels: Pixels = imagecodecs.jpeg8_decode(data, out=np.empty(shape, np.uint8))
    return pixels


def _read_bmp(data: bytes, max_pixels: int) -> Pixels:
    check_size(read_bmp_header(data), max_pixels)
    pixels: Pixels = imagecodecs.bmp_decode(data)
    return pixels


def _read_jpeg_2000(data: bytes, max_pixels: int) -> Pixels:
    check_size(read_jpeg_2000_header(data), max_pixels)
    pixels: Pixels = imagecodecs.jpeg2k_decode(data)
    if pixels.dtype not in (np.uint8, np.uint16):
        raise InvalidImage(
            f"The JPEG 2000 image has values of {pixels.dtype}; 8 or 16 bit are read."
        )
    return pixels


def _read_webp(data: bytes, max_pixels: int) -> Pixels:
    check_size(read_webp_header(data), max_pixels)
    pixels: Pixels = imagecodecs.webp_decode(data)
    return pixels


_READERS = {
    "PNG": _read_png,
    "JPEG": _read_jpeg,
    "BMP": _read_bmp,
    "JP2": _read_jpeg_2000,
    "WebP": _read_webp,
}


def _as_rgb(pixels: Pixels) -> Pixels:
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels == 2:  # grey with alpha
        pixels = np.ascontiguousarray(pixels[..., 0])
    if channels == 3:
        return np.ascontiguousarray(pixels)
    if channels == 4:
        return np.ascontiguousarray(pixels[..., :3])
    grey = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
