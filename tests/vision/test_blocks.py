"""Blocks of a coarse JPEG's colour are no candidates; what looks like one and is none stays."""

import cv2
import numpy as np
import pytest

from service.vision.candidate import Candidate
from service.vision.decode import Tile
from service.vision.normalise import normalise
from service.vision.segment import SegmentParams, aligned_share, is_block, segment

# A dark tile: one step of a coarse code is a visible contrast.
BACKGROUND = (48, 42, 76)
# One step of red against green, as a JPEG of quality 60 makes it.
COLOUR_STEP = (-3, 1, 1.5)
GRAPHENE_STEP = (-7, -7, -6)


def square(x: int, y: int, side: int = 16) -> Candidate:
    return Candidate(x, y, np.ones((side, side), np.bool_))


@pytest.mark.parametrize(
    ("x", "y", "share"), [(32, 64, 1), (31, 65, 1), (40, 64, 0.5), (40, 72, 0)]
)
def test_the_outline_is_compared_with_the_borders_of_blocks(x: int, y: int, share: float):
    assert aligned_share(square(x, y)) == pytest.approx(share)


def test_a_disc_is_aligned_by_chance_only():
    rows, columns = np.ogrid[-40:41, -40:41]
    disc = Candidate(100, 50, rows**2 + columns**2 < 40**2)
    assert aligned_share(disc) < 0.35


@pytest.mark.parametrize(
    ("place", "step", "expected"),
    [
        ((32, 64), COLOUR_STEP, True),
        ((40, 72), COLOUR_STEP, False),
        ((32, 64), GRAPHENE_STEP, False),
    ],
)
def test_a_block_is_aligned_and_differs_in_colour_alone(place, step, expected: bool):
    contrast = np.array(step) / BACKGROUND
    assert is_block(square(*place), contrast, np.array(BACKGROUND) / 255) is expected


def test_a_tile_gives_no_candidate_for_blocks_but_one_for_a_flake_on_them():
    pixels = np.full((320, 480, 3), BACKGROUND, np.float64)
    for x, y in ((32, 64), (128, 32), (256, 208), (400, 96)):
        pixels[y : y + 16, x : x + 16] += COLOUR_STEP
    pixels[160:192, 64:112] += GRAPHENE_STEP
    noise = np.random.default_rng(1).normal(0, 0.3, pixels.shape)
    blurred = cv2.GaussianBlur(pixels, (0, 0), 0.8) + noise
    tile = Tile(np.clip(np.rint(blurred), 0, 255).astype(np.uint8), None, None)

    (flake,) = segment(normalise(tile), SegmentParams())

    assert (flake.x, flake.y) == (pytest.approx(64, abs=2), pytest.approx(160, abs=2))
