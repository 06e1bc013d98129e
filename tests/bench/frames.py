"""Drawn frames with a known answer, and a stand-in for a network."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.match import Found
from bench.quality.region import Box, Region
from bench.quality.truth import Annotated, Frame, TrueFlake

CHOSEN = "instances, chosen flakes only (unmarked thin flakes exist)"
EVERY = "instances, every 1-4 layer flake over 200 px"


def region(x: int, y: int, width: int, height: int, *, boxed: bool = False) -> Region:
    return Region(Box(x, y, width, height), None if boxed else np.ones((height, width), bool))


def found(where: Region, p: float = 0.9, layers: int | None = 1) -> Found:
    return Found(where, p, p >= 0.5, layers)


def frame(*flakes: Region, annotated: Annotated = "every") -> Frame:
    return Frame(
        name="drawn",
        path=Path("drawn.png"),
        sets=("a",),
        annotated=annotated,
        flakes=tuple(TrueFlake(r, 1, r.area_px >= 300) for r in flakes),
        um_per_px=None,
        oxide_nm=90,
        min_area_px=300,
    )


class DarkIsGraphene:
    """Calls a crop graphene where its green contrast is between -0.05 and -0.3."""

    version = "stand-in"
    input_size = 16
    threshold = 0.5
    provider = "CPUExecutionProvider"

    def classify(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        green, mask = crops[..., 1], crops[..., 3]
        mean = (green * mask).sum(axis=(1, 2)) / np.maximum(mask.sum(axis=(1, 2)), 1)
        return np.where((mean < -0.05) & (mean > -0.3), 0.9, 0.1).astype(np.float32)


def draw_tile(flakes: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Bare substrate with noise; number 1 in `flakes` is a monolayer, 2 is thick graphite."""
    rng = np.random.default_rng(1)
    image = np.full((*flakes.shape, 3), (120.0, 100.0, 170.0))
    image[flakes == 1] *= (0.863, 0.86, 0.93)
    image[flakes == 2] = (240, 240, 235)
    image = cv2.GaussianBlur(image, (0, 0), 1.0) + rng.normal(0, 1.0, image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def write_frames(folder: Path) -> None:
    """A folder of two frames: one with a monolayer and thick graphite, one of another material."""
    flakes = np.zeros((300, 400), np.int32)
    flakes[60:110, 80:160] = 1
    flakes[180:260, 250:350] = 2
    for name, numbers in (("gh_drawn", flakes), ("other_drawn", np.where(flakes == 1, 0, flakes))):
        cv2.imwrite(str(folder / f"{name}.png"), draw_tile(numbers)[..., ::-1])
    cv2.imwrite(str(folder / "gh_drawn.mask.png"), (flakes == 1).astype(np.uint8))
    (folder / "boxes.json").write_text(
        json.dumps({"gh_drawn.png": [{"layers": 1, "bbox_xywh": [79, 60, 80, 50]}]})
    )
    rows = [
        ["gh_drawn.png", "gh_drawn.mask.png", 400, 300, "graphene", 90, 0.4, EVERY, "x"],
        ["other_drawn.png", "", 400, 300, "WS2", "", "", "none; holds no graphene", "y"],
    ]
    with (folder / "frames.csv").open("w", newline="") as file:
        file.write(
            "file,mask,width_px,height_px,material,oxide_nm,um_per_px,annotation,"
            "acquisition_group\r\n"
        )
        csv.writer(file).writerows(rows)
