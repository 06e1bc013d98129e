"""Every example that a network learns from: real ones of a folder, and rendered ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from models.examples.kept import read_kept
from models.examples.labelled import Examples, load, no_examples, save
from models.examples.rendered import rendered_examples
from models.examples.sources import SourceConfig
from models.examples.tight import OXIDE_NM
from service.vision.crop import PREPROCESSING_VERSION


@dataclass(frozen=True, slots=True)
class GatherConfig:
    """Configuration of gathering: how many examples are made of what."""

    size: int = 48  # side of a crop: FlakeNet then takes 0.15 ms for one
    variants: int = 8  # badly outlined copies of each marked flake
    tiles: int = 1200  # rendered ones to train on
    test_tiles: int = 120  # rendered ones that no network is trained on
    seed: int = 10_000  # of the first rendered tile; the test tiles follow the others
    group_by: str = "none"  # how names of files become groups, where no table says it
    oxide_nm: float = OXIDE_NM  # of tight crops in folders
    exhaustive: bool = True  # whether COCO annotations mark every flake

    @property
    def source(self) -> SourceConfig:
        """The part of it that is about the folder."""
        return SourceConfig(
            self.size, self.variants, self.seed, self.group_by, self.oxide_nm, self.exhaustive
        )


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Real and rendered examples.

    Attributes
    ----------
    verdicts : source -> what became of its candidates or files -> number
    real_test : Examples
        What the folder's owner kept apart for a test; empty where nothing was.
    """

    real: Examples
    rendered: Examples
    rendered_test: Examples
    verdicts: Mapping[str, Mapping[str, int]]
    real_test: Examples


def gather(
    folder: Path, config: GatherConfig, workers: int = 1, cache: Path | None = None
) -> Gathered:
    """Examples of a folder of any kind that `read_source` knows, and of rendered tiles.

    Parameters
    ----------
    cache : Path, optional
        Folder that keeps the examples for the next time; to be emptied when the code that makes
        them changed.
    """
    cv2.setNumThreads(1)
    sourced = read_kept(folder, config.source, cache)
    first_test = config.seed + config.tiles
    return Gathered(
        real=sourced.train,
        rendered=_rendered(config.tiles, config.seed, config.size, workers, cache),
        rendered_test=_rendered(config.test_tiles, first_test, config.size, workers, cache),
        verdicts=sourced.verdicts,
        real_test=sourced.test,
    )


def _rendered(tiles: int, seed: int, size: int, workers: int, cache: Path | None) -> Examples:
    if tiles == 0:
        return no_examples(size)
    if cache is None:
        return rendered_examples(tiles, seed, size, workers)
    path = cache / f"rendered-{tiles}-{seed}-{size}-p{PREPROCESSING_VERSION}.npz"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        save(rendered_examples(tiles, seed, size, workers), path)
    return load(path)
