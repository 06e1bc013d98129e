"""Small images and side files for folders with a known answer."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile

from service.formats.folder_scan import FolderScan, FolderTile
from service.vision.stage import from_micro_manager, orient


def pixels(level: int, *, width: int = 24, height: int = 20) -> np.ndarray:
    """RGB with another number in each corner and channel."""
    image = np.full((height, width, 3), level, np.uint8)
    image[0, 0], image[0, -1], image[-1, 0] = (255, 0, 1), (2, 254, 3), (4, 5, 253)
    return image


def write_image(path: Path, level: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels(level)
    if path.suffix in (".tif", ".tiff"):
        tifffile.imwrite(path, image, photometric="rgb")
    else:
        path.write_bytes(cv2.imencode(path.suffix, image[..., ::-1])[1].tobytes())
    return path


def write_images(folder: Path, names: Sequence[str]) -> None:
    for level, name in enumerate(names):
        write_image(folder / name, level)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def by_name(scan: FolderScan) -> dict[str, FolderTile]:
    """Tiles by the names of their files."""
    tiles = {tile.path.name: tile for tile in scan.tiles}
    assert len(tiles) == len(scan.tiles)
    return tiles


def places(scan: FolderScan) -> dict[str, tuple[float | None, float | None]]:
    return {name: (tile.stage_x_um, tile.stage_y_um) for name, tile in by_name(scan).items()}


def grid(scan: FolderScan) -> dict[str, tuple[int | None, int | None]]:
    return {name: (tile.row, tile.col) for name, tile in by_name(scan).items()}


def affine_of(scan: FolderScan) -> np.ndarray:
    """A as the service makes it from what the folder states."""
    if scan.affine is not None:
        return from_micro_manager(scan.affine)
    assert scan.um_per_px is not None
    return orient(scan.um_per_px, flip_x=scan.flip_x, flip_y=scan.flip_y, swap_xy=scan.swap_xy)


def noted(scan: FolderScan, words: str) -> bool:
    return any(words in note for note in scan.notes)
