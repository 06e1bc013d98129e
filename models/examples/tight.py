"""Examples from tight crops: flakes cut out of their surroundings, laid on others."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from models.examples.annotation import group_of
from models.examples.cut_out import CutOut, cut_out
from models.examples.labelled import UNKNOWN_LAYERS, Examples, examples_of, join, no_examples
from models.examples.outlines import jittered
from service.errors import InvalidImage
from service.render.variety import Variety, random_tile
from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.decode import Tile
from service.vision.normalise import Normalised, normalise

OXIDE_NM = 90.0
# Wafers of one label differ by about this much.
OXIDE_SPREAD_NM = 4.0
# Tiles without flakes at the scale of the crops, on the same substrate.
GROUND = Variety(
    oxide_nm=((OXIDE_NM - OXIDE_SPREAD_NM, OXIDE_NM + OXIDE_SPREAD_NM),),
    um_per_px=(0.3844, 0.3845),
    families=(0, 0),
    foreign_share=0,
    gold_share=0,
)
FLAKES_PER_TILE = 24
# Bare ground: no more contrast than noise and dust leave; a flake needs this share of it bare.
BARE, BARE_SHARE = 0.05, 0.95
TRIES = 60
# Width of the edge that the optics blur, as a standard deviation in pixels.
EDGE_PX = 0.8


@dataclass(frozen=True, slots=True)
class TightCrop:
    """One file: a flake and next to nothing around it.

    Attributes
    ----------
    layers : int or None
        0 where it is not graphene, None where it is graphene of unknown layers.
    """

    path: Path
    layers: int | None
    group: str

    @property
    def is_graphene(self) -> bool:
        """Tell whether it is labelled graphene."""
        return self.layers != 0


def read_index(folder: Path) -> list[TightCrop]:
    """Read the crops of `folder/crops/index.csv`; layers are 0 where it is not graphene."""
    with (folder / "crops" / "index.csv").open(newline="") as file:
        return [
            TightCrop(
                folder / row["file"],
                int(row["layers"][0]) if row["material"] == "graphene" else 0,
                group_of(row["acquisition_group"]),
            )
            for row in csv.DictReader(file)
        ]


def tight_examples(
    crops: Sequence[TightCrop], seed: int, size: int, oxide_nm: float = OXIDE_NM
) -> tuple[Examples, Counter[str]]:
    """Examples of tight crops, and how many became none and why."""
    laid, outcome = laid_crops(crops, seed, size, oxide_nm)
    return join([no_examples(size), *(example for _, example in laid)]), outcome


def laid_crops(
    crops: Sequence[TightCrop], seed: int, size: int, oxide_nm: float = OXIDE_NM
) -> tuple[list[tuple[TightCrop, Examples]], Counter[str]]:
    """Lay tight crops on other ground as examples; count how many became none and why."""
    rng = np.random.default_rng(seed)
    outcome: Counter[str] = Counter()
    cut_outs: list[tuple[TightCrop, CutOut]] = []
    for tight in crops:
        found = cut_out(read_picture(tight.path), tight.layers, oxide_nm)
        outcome["no substrate seen" if found is None else "cut out"] += 1
        if found is not None:
            cut_outs.append((tight, found))
    rng.shuffle(cut_outs)
    made = []
    ground_of = replace(
        GROUND, oxide_nm=((oxide_nm - OXIDE_SPREAD_NM, oxide_nm + OXIDE_SPREAD_NM),)
    )
    for start in range(0, len(cut_outs), FLAKES_PER_TILE):
        ground = normalise(Tile(random_tile(rng, variety=ground_of).pixels))
        for tight, found in cut_outs[start : start + FLAKES_PER_TILE]:
            laid = lay(found, ground, rng)
            outcome["no room" if laid is None else "laid"] += 1
            if laid is not None:
                made.append((tight, _example(tight, *laid, size=size, rng=rng)))
    return made, outcome


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Pixels (h, w, 3) of a picture, 8 bit, R, G, B; raises `InvalidImage`."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise InvalidImage(f"{path.name} is no image")
    return np.asarray(pixels, np.uint8)


def lay(found: CutOut, ground: Normalised, rng: Generator) -> tuple[Candidate, Normalised] | None:
    """Lay a flake on a bare place of other ground; None where it finds no room."""
    height, width = ground.pixels.shape[:2]
    contrast = ground.contrast(0, 0, width * ground.reduction, height * ground.reduction)
    rows, columns = found.mask.shape
    if contrast.shape[0] <= rows or contrast.shape[1] <= columns:
        return None
    for _ in range(TRIES):
        y = int(rng.integers(contrast.shape[0] - rows))
        x = int(rng.integers(contrast.shape[1] - columns))
        place = contrast[y : y + rows, x : x + columns]
        bare: NDArray[np.bool_] = np.abs(place).max(axis=2) < BARE
        if bare[found.mask].mean() < BARE_SHARE:
            continue
        opacity = np.zeros(contrast.shape[:2], np.float32)
        opacity[y : y + rows, x : x + columns] = found.mask
        soft = np.asarray(cv2.GaussianBlur(opacity, (0, 0), EDGE_PX), np.float32)[..., None]
        flake = np.empty_like(contrast)
        flake[:] = np.median(found.contrast[found.mask], axis=0)
        flake[y : y + rows, x : x + columns][found.mask] = found.contrast[found.mask]
        mixed = contrast * (1 - soft) + flake * soft
        return Candidate(x, y, found.mask), _of_contrast(mixed, ground)
    return None


def _of_contrast(contrast: NDArray[np.float32], ground: Normalised) -> Normalised:
    """Make a tile of this contrast, evenly lit, at the tile's own pixels."""
    light = np.ones_like(contrast)
    return Normalised(1 + contrast, light, 1, ground.bare, ground.light)


def _example(
    tight: TightCrop, candidate: Candidate, laid: Normalised, *, size: int, rng: Generator
) -> Examples:
    size_px = laid.pixels.shape[1], laid.pixels.shape[0]
    outlined = jittered(candidate, rng, size_px, reach_px=1)
    return examples_of(
        crop(laid, [outlined], size),
        [tight.layers or UNKNOWN_LAYERS],
        positive=[tight.is_graphene],
        source="tight",
    ).of_group(tight.group)
