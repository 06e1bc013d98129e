"""Images that cannot be screened, and some odd ones that can: each gets a clear answer."""

import io
import struct
import zlib
from collections.abc import Iterator

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.api.drawn import FLAKE_PX, draw_tile, png_of
from tests.api.problem import problem_of
from tests.api.serving import Running

TILE = draw_tile(FLAKE_PX)


def saved(picture: np.ndarray, kind: str, mode: str | None = None, **options) -> bytes:
    """A picture as Pillow writes it."""
    file = io.BytesIO()
    image = Image.fromarray(picture)
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes whose header promises a huge image."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def tiff_of(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, picture, photometric="rgb")
    return file.getvalue()


def upright_flag() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by a quarter to display
    return exif


REFUSED = {
    "empty": (b"", 422, "0 bytes"),
    "truncated PNG": (png_of(TILE)[:2000], 422, "PNG file is cut short"),
    "truncated JPEG": (saved(TILE, "JPEG")[:2000], 422, "JPEG"),
    "truncated TIFF": (tiff_of(TILE)[:2000], 422, "TIFF"),
    "not an image": (b"PK\x03\x04 tiles", 422, "zip archive"),
    "text": (b"dear service, please find my flake", 422, "text"),
    "1 x 1": (png_of(TILE[:1, :1]), 422, "1 x 1"),
    "30,000 x 30,000": (png_that_claims(30_000, 30_000), 413, "limit is 100,000,000"),
    "CMYK": (saved(TILE, "JPEG", "CMYK"), 422, "CMYK"),
    "animated PNG": (
        saved(TILE, "PNG", save_all=True, append_images=[Image.fromarray(draw_tile())]),
        422,
        "animation",
    ),
    "animated GIF": (saved(TILE, "GIF"), 422, "GIF"),
    "32 bit float": (tiff_of(TILE.astype(np.float32)), 422, "float"),
    "float with NaN": (tiff_of(np.full((64, 64, 3), np.nan, np.float32)), 422, "float"),
}
ACCEPTED = {
    "EXIF-rotated": (saved(TILE, "JPEG", quality=95, exif=upright_flag()), 1),
    "all black": (png_of(np.zeros((200, 300, 3), np.uint8)), 0),
    "all white": (png_of(np.full((200, 300, 3), 255, np.uint8)), 0),
    "all one colour": (png_of(np.full((200, 300, 3), (120, 105, 112), np.uint8)), 0),
    "16 bit": (imagecodecs.png_encode(TILE.astype(np.uint16) * 257), 1),
    "grey": (png_of(TILE[..., 1]), 1),
}
WRONG_VALUES = {
    "NaN scale": ({"um_per_px": "nan"}, "um_per_px is nan"),
    "infinite scale": ({"um_per_px": "inf"}, "um_per_px is inf"),
    "negative scale": ({"um_per_px": "-0.4"}, "um_per_px is -0.4"),
    "no number": ({"um_per_px": "twenty"}, "um_per_px"),
    "NaN position": ({"stage_x_um": "nan", "stage_y_um": "1"}, "stage_x_um is nan"),
    "half a position": ({"row": "1"}, "row is given without col"),
    "unknown field": ({"um_px": "0.4"}, "um_px is no field of this call"),
}


@pytest.fixture
def scan_id(running: Running) -> Iterator[int]:
    """A scan into which nothing may get, and a service that is well afterwards."""
    opened = running.open_scan()
    yield opened
    scan = running.http.get(f"/v1/scans/{opened}").raise_for_status().json()
    assert scan["tiles"] == {"expected": None, "queued": 0, "screened": 0, "failed": 0}
    assert running.http.get("/readyz").status_code == 200


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_image_is_refused_in_words_and_nothing_is_saved(
    running: Running, scan_id: int, name: str
):
    image, status, words = REFUSED[name]

    screened = running.http.post("/v1/screen", files={"image": image})
    added = running.post_tile(scan_id, image, row=0, col=0)

    for response in (screened, added):
        assert words in problem_of(response, status)["detail"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_odd_but_valid_image_is_screened(running: Running, name: str):
    image, flakes = ACCEPTED[name]

    screened = running.http.post("/v1/screen", files={"image": image})
    added = running.post_tile(running.open_scan(), image, row=0, col=0)

    assert (screened.status_code, added.status_code) == (200, 201)
    assert len(screened.json()["flakes"]) == len(added.json()["flakes"]) == flakes
    # EXIF rotation is not applied: the stage knows the sensor's grid.
    assert screened.json()["width_px"] > screened.json()["height_px"]


@pytest.mark.parametrize("name", WRONG_VALUES)
def test_a_wrong_value_beside_a_good_image_is_named(
    running: Running, scan_id: int, flake_png: bytes, name: str
):
    form, words = WRONG_VALUES[name]

    assert words in problem_of(running.post_tile(scan_id, flake_png, **form), 422)["detail"]
