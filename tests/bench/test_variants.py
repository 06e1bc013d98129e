"""Variants of a frame keep its annotation true."""

import numpy as np
import pytest

from bench.quality.region import Box, Region
from bench.quality.variants import half_region, variants
from service.vision.decode import Tile
from tests.bench.frames import draw_tile, frame

FLAKES = np.zeros((120, 160), np.int32)
FLAKES[31:62, 45:96] = 1
TRUTH = Region(Box(45, 31, 51, 31), np.ones((31, 51), bool))
TILE = Tile(draw_tile(FLAKES), um_per_px=0.4)


@pytest.fixture(scope="module")
def by_name() -> dict:
    return {name: (f, tile) for name, f, tile in variants(frame(TRUTH), TILE)}


def test_the_dark_flake_lies_under_its_annotation_in_every_variant(by_name: dict) -> None:
    assert len(by_name) == 13
    for name, (changed, tile) in by_name.items():
        box = changed.flakes[0].region.box
        inside = np.s_[box.y + 3 : box.y + box.height - 3, box.x + 3 : box.x + box.width - 3]
        ring = tile.pixels[
            max(box.y - 6, 0) : box.y + box.height + 6, max(box.x - 6, 0) : box.x + box.width + 6
        ].astype(float)
        ring[6 : 6 + box.height, 6 : 6 + box.width] = np.nan
        contrast = np.median(tile.pixels[inside][..., 1]) / np.nanmedian(ring[..., 1]) - 1
        assert -0.22 < contrast < -0.08, name


def test_half_size_halves_the_areas_and_doubles_the_scale(by_name: dict) -> None:
    changed, tile = by_name["half size"]
    assert (tile.width_px, tile.height_px, tile.um_per_px) == (80, 60, 0.8)
    assert changed.min_area_px == 75
    assert changed.flakes[0].counts
    assert changed.flakes[0].region.area_px == pytest.approx(TRUTH.area_px / 4, rel=0.06)


def test_halving_keeps_a_pixel_of_which_half_was_the_flake() -> None:
    half = half_region(Region(Box(1, 1, 2, 3), np.ones((3, 2), bool)))
    assert half.box == Box(0, 0, 2, 2)
    assert half.mask is not None
    assert half.mask.tolist() == [[False, False], [True, True]]


def test_turning_follows_numpys_direction(by_name: dict) -> None:
    changed, tile = by_name["rotated by 90 deg"]
    assert tile.pixels.shape[:2] == (160, 120)
    labels = np.rot90(FLAKES)
    box = changed.flakes[0].region.box
    assert (labels[box.y : box.y + box.height, box.x : box.x + box.width] == 1).all()
    assert box.area_px == np.count_nonzero(labels)
