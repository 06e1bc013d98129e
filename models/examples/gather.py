"""Every example that the shipped network learns from."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.examples.annotation import read_frames
from models.examples.frames import frame_examples
from models.examples.labelled import Examples, join, load, save
from models.examples.rendered import rendered_examples
from models.examples.tight import read_index, tight_examples
from service.vision.crop import PREPROCESSING_VERSION


@dataclass(frozen=True, slots=True)
class GatherConfig:
    """How many examples are made of what."""

    size: int = 48  # side of a crop: FlakeNet then takes 0.15 ms for one
    variants: int = 8  # badly outlined copies of each marked flake
    tiles: int = 1200  # rendered ones to train on
    test_tiles: int = 120  # rendered ones that no network is trained on
    seed: int = 10_000  # of the first rendered tile; the test tiles follow the others


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Real and rendered examples.

    Attributes
    ----------
    verdicts : source -> what became of its candidates or files -> number
    """

    real: Examples
    rendered: Examples
    rendered_test: Examples
    verdicts: Mapping[str, Mapping[str, int]]


def gather(
    folder: Path, config: GatherConfig, workers: int = 1, cache: Path | None = None
) -> Gathered:
    """Examples of a data folder with `frames` and `crops`, and of rendered tiles.

    Parameters
    ----------
    cache : Path, optional
        Folder that keeps the rendered examples for the next time; to be emptied when the renderer
        changed.
    """
    cv2.setNumThreads(1)
    rng = np.random.default_rng(config.seed)
    parts, of_frames = [], Counter[str]()
    for frame in read_frames(folder / "frames"):
        examples, verdicts = frame_examples(frame, rng, config.size, config.variants)
        parts.append(examples)
        of_frames.update(verdicts)
    tight, of_crops = tight_examples(read_index(folder), config.seed, config.size)
    first_test = config.seed + config.tiles
    return Gathered(
        real=join([*parts, tight]),
        rendered=_rendered(config.tiles, config.seed, config.size, workers, cache),
        rendered_test=_rendered(config.test_tiles, first_test, config.size, workers, cache),
        verdicts={"frames": dict(of_frames), "crops": dict(of_crops)},
    )


def _rendered(tiles: int, seed: int, size: int, workers: int, cache: Path | None) -> Examples:
    if cache is None:
        return rendered_examples(tiles, seed, size, workers)
    path = cache / f"rendered-{tiles}-{seed}-{size}-p{PREPROCESSING_VERSION}.npz"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        save(rendered_examples(tiles, seed, size, workers), path)
    return load(path)
