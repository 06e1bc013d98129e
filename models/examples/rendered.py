"""Examples from rendered tiles: chips, lamps and cameras that nobody had to photograph."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.progress import track

from models.examples.labelled import SYNTHETIC, UNKNOWN_LAYERS, Examples, examples_of, join
from models.examples.outlines import jittered
from service.render.photograph import Pixels
from service.render.scan import RenderedTile
from service.render.variety import Variety, random_tile
from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.decode import Tile
from service.vision.normalise import normalise
from service.vision.segment import SegmentParams, segment

# Two in five near 90 and two in five near 285 nm, which nearly all labs have; the rest so that
# other oxides are not unheard of.
OXIDES_NM = ((78, 112), (82, 98), (265, 312), (275, 298), (70, 320))
# Rich in flakes, and rich in everything that is taken for flakes: tiles of both kinds alternate.
RICH = Variety(oxide_nm=OXIDES_NM, families=(2, 26), crystals=(3, 50), gamma=(0.45, 1.25))
DIRTY = Variety(
    oxide_nm=OXIDES_NM,
    families=(0, 16),
    crystals=(8, 60),
    residues=(2, 30),
    stains=(0, 8),
    scratches=(0, 10),
    foreign_share=0.5,
    gold_share=0.4,
    gamma=(0.45, 1.25),
    flare=(0.02, 0.16),
)
# Share of the dirty tiles on which a shadow falls.
SHADED = 0.25
IOU_OF_A_FLAKE = 0.5
# Up to this share of graphene in a candidate it is something else, beside graphene.
LEAST_SHARE = 0.1
# Smaller flakes than this, in pixels, are not asked for.
LEAST_PX = 120


def rendered_examples(tiles: int, seed: int, size: int, workers: int = 1) -> Examples:
    """Examples of this many tiles; the same seed gives the same examples for any `workers`."""
    make = partial(tile_examples, size=size)
    seeds = [seed + number for number in range(tiles)]
    if workers == 1:
        return join(list(_shown(map(make, seeds), tiles)))
    # Spawned: a fork after OpenCV was used may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return join(list(_shown(pool.map(make, seeds, chunksize=8), tiles)))


def _shown(made: Iterator[Examples], tiles: int) -> Iterable[Examples]:
    return track(made, "rendering", total=tiles, transient=True)


def tile_examples(seed: int, size: int) -> Examples:
    """Examples of one random tile: a rich one of odd seeds, a dirty one of even."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    rendered = random_tile(rng, variety=RICH if seed % 2 else DIRTY)
    pixels = rendered.pixels
    shaded = seed % 2 == 0 and rng.random() < SHADED
    if shaded:
        pixels = _darken(pixels, shadow(rng, pixels.shape[1], pixels.shape[0]))
    normalised = normalise(Tile(pixels))
    sure = [
        (candidate, layers)
        for candidate in segment(normalised, SegmentParams(), None)
        if (layers := layers_of(candidate, rendered)) is not None
        # A flake in a shadow has no contrast that means anything.
        and not (shaded and layers)
    ]
    found = [candidate for candidate, _ in sure]
    wrong = [] if shaded else list(_flakes_badly_outlined(rendered, rng))
    return join(
        [
            examples_of(
                crop(normalised, found, size),
                [layers for _, layers in sure],
                positive=[layers > 0 for _, layers in sure],
                source="rendered",
            ),
            examples_of(
                crop(normalised, [candidate for candidate, _ in wrong], size),
                [layers for _, layers in wrong],
                positive=[True] * len(wrong),
                source="rendered outline",
            ),
        ]
    ).of_group(SYNTHETIC)


def shadow(rng: Generator, width_px: int, height_px: int) -> NDArray[np.float32]:
    """Light left by the edge of a stop, or of something tall and far out of focus, (h, w)."""
    y, x = np.mgrid[:height_px, :width_px].astype(np.float32)
    radius = rng.uniform(0.1, 2) * width_px
    angle = rng.uniform(0, 2 * np.pi)
    # Its edge crosses the tile somewhere between the middle and a corner.
    away = radius + rng.uniform(0.1, 0.55) * width_px
    centre_x = width_px / 2 + away * np.cos(angle)
    centre_y = height_px / 2 + away * np.sin(angle)
    depth = np.hypot(x - centre_x, y - centre_y) - radius
    softness = float(np.exp(rng.uniform(np.log(6), np.log(80))))
    return np.asarray(1 - rng.uniform(0.6, 1) / (1 + np.exp(depth / softness)), np.float32)


def _darken(pixels: Pixels, light: NDArray[np.float32]) -> Pixels:
    dark = pixels * light[..., None]
    return dark.astype(np.uint8) if pixels.dtype == np.uint8 else dark.astype(np.uint16)


def layers_of(candidate: Candidate, rendered: RenderedTile) -> int | None:
    """Layers of the flake that a candidate is, 0 where it is none, None where that is not sure."""
    x, y, width, height = candidate.bbox_px
    numbers = rendered.instances[y : y + height, x : x + width]
    inside = numbers[candidate.mask[: numbers.shape[0], : numbers.shape[1]]]
    if np.count_nonzero(inside) <= LEAST_SHARE * len(inside):
        return UNKNOWN_LAYERS
    number = int(np.argmax(np.bincount(inside[inside > 0])))
    shared = int(np.count_nonzero(inside == number))
    whole = int(np.count_nonzero(rendered.instances == number))
    if shared < IOU_OF_A_FLAKE * (whole + np.count_nonzero(candidate.mask) - shared):
        return None
    return next(flake.layers for flake in rendered.flakes if flake.number == number)


def _flakes_badly_outlined(
    rendered: RenderedTile, rng: Generator
) -> Iterator[tuple[Candidate, int]]:
    size_px = rendered.instances.shape[1], rendered.instances.shape[0]
    for flake in rendered.flakes:
        mask = (rendered.instances == flake.number).astype(np.uint8)
        if np.count_nonzero(mask) >= LEAST_PX:
            x, y, width, height = cv2.boundingRect(mask)
            whole = Candidate(x, y, mask[y : y + height, x : x + width] > 0)
            yield jittered(whole, rng, size_px), flake.layers
