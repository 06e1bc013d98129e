from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from service.errors import InvalidImage
from service.formats.folder_scan import FolderTile
from service.formats.read_folder import tile_bytes
from service.vision.decode import decode
from tests.formats.drawn import pixels, write_image


def textured(seed: int, *, width: int = 200, height: int = 150) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif"])
def test_a_file_that_is_one_image_is_sent_byte_for_byte(tmp_path, suffix):
    path = write_image(tmp_path / f"a{suffix}")

    assert tile_bytes(FolderTile(path=path)) == path.read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw", "rowsperstrip": 7},
        {"compression": "jpeg"},
        {"compression": "zstd", "tile": (64, 64)},
        {"compression": "packbits", "planarconfig": "separate"},
        {"tile": (32, 48), "planarconfig": "separate"},
    ],
)
@pytest.mark.parametrize("page", [0, 2])
def test_a_page_decodes_to_the_same_pixels_as_if_it_were_a_file(tmp_path, options, page):
    planar = options.get("planarconfig") == "separate"
    images = [textured(seed) for seed in range(3)]
    written = [image.transpose(2, 0, 1) if planar else image for image in images]
    with tifffile.TiffWriter(tmp_path / "all.tif") as tiff:
        for image in written:
            tiff.write(image, photometric="rgb", metadata=None, **options)
    alone = tmp_path / "alone.tif"
    tifffile.imwrite(alone, written[page], photometric="rgb", metadata=None, **options)

    data = tile_bytes(FolderTile(path=tmp_path / "all.tif", pages=(page,)))

    assert (decode(data).pixels == decode(alone.read_bytes()).pixels).all()
    assert len(data) < 1.05 * alone.stat().st_size + 1000


def test_a_page_with_a_palette_keeps_its_colours(tmp_path):
    palette = np.random.default_rng(1).integers(0, 65536, (3, 256), dtype=np.uint16)
    index = textured(1)[..., 0].copy()
    with tifffile.TiffWriter(tmp_path / "all.tif") as tiff:
        for _ in range(2):
            tiff.write(index, photometric="palette", colormap=palette, metadata=None)

    data = tile_bytes(FolderTile(path=tmp_path / "all.tif", pages=(1,)))

    assert (decode(data).pixels == (palette >> 8).astype(np.uint8).T[index]).all()


@pytest.mark.parametrize(
    ("pages", "keep", "words"),
    [((5,), None, "damaged"), ((1,), 0.5, "cut short"), ((0,), 0.0, "damaged")],
)
def test_pages_that_are_not_there_are_no_image(tmp_path, pages, keep, words):
    path = tmp_path / "all.tif"
    with tifffile.TiffWriter(path) as tiff:
        for level in range(2):
            tiff.write(pixels(level), photometric="rgb", metadata=None)
    if keep is not None:
        data = path.read_bytes()
        path.write_bytes(data[: int(keep * len(data))])

    with pytest.raises(InvalidImage, match=words) as caught:
        tile_bytes(FolderTile(path=path, pages=pages))

    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_became_a_link_is_not_followed(tmp_path):
    secret = write_image(tmp_path / "secret.png")
    (tmp_path / "a.png").symlink_to(secret)

    with pytest.raises(InvalidImage, match="became a symbolic link"):
        tile_bytes(FolderTile(path=tmp_path / "a.png"))


@pytest.mark.parametrize("pages", [(), (0,)])
def test_a_file_that_went_is_named_without_its_path(tmp_path, pages):
    with pytest.raises(InvalidImage, match=r"^gone\.tif cannot be read") as caught:
        tile_bytes(FolderTile(path=Path(tmp_path / "gone.tif"), pages=pages))

    assert str(tmp_path) not in str(caught.value)
