"""Stages: processor time of each step on a sparse and on a crowded tile, one thread."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2

from bench.models import load_classifier
from bench.speed import time_images
from bench.stages import STAGES


def measure(tiles: Mapping[str, bytes], repeats: int) -> dict[str, Any]:
    """Milliseconds by stage, and how often the decoding of the same tile fits into the whole."""
    cv2.setNumThreads(1)
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.jpg" for name in tiles]
        for path, image in zip(paths, tiles.values(), strict=True):
            path.write_bytes(image)
        report = time_images(paths, load_classifier(None), repeats)
    return {
        "model_version": report["model_version"],
        "repeats": repeats,
        "tiles": {
            Path(tile["name"]).stem: {
                "candidates": tile["candidates"],
                "ms": {stage: round(tile["ms"][stage], 2) for stage in STAGES},
                "tile_ms": round(tile["ms"]["tile"], 1),
                "decoding_ms": round(tile["ms"]["decoding_alone"], 1),
                "ratio": round(tile["ratio"], 2),
                "least_ratio": round(tile["least_ratio"], 2),
            }
            for tile in report["tiles"]
        },
    }
