"""Shapes, and filling them: areas are known, so they must come out."""

import numpy as np
import pytest

from service.render.shapes import area_um2, blob, clip, fill, rotate, shard, shatter, split, strip


def test_filling_keeps_the_area_of_any_polygon() -> None:
    rng = np.random.default_rng(5)
    for _ in range(30):
        polygon = shard(rng, 60, rng.uniform(1, 3)) + (60, 60)
        filled = fill(polygon, 120, 120)
        assert filled is not None
        # The boundary of such a shape runs through some 200 pixels, in or out by chance.
        assert filled.mask.sum() == pytest.approx(area_um2(polygon), abs=20)


def test_a_pixel_is_in_where_its_centre_is() -> None:
    square = np.array([[1.4, 1.4], [3.6, 1.4], [3.6, 3.6], [1.4, 3.6]])
    filled = fill(square, 10, 10)
    assert filled is not None
    grid = np.zeros((10, 10), bool)
    grid[filled.where] = filled.mask
    assert np.argwhere(grid).tolist() == [
        [1, 1],
        [1, 2],
        [1, 3],
        [2, 1],
        [2, 2],
        [2, 3],
        *[[3, 1], [3, 2], [3, 3]],
    ]


def test_what_lies_outside_the_grid_is_cut_off() -> None:
    square = np.array([[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0]])
    filled = fill(square, 3, 4)
    assert filled is not None
    assert filled.mask.shape == (4, 3)
    assert filled.mask.all()
    assert fill(square + 100, 3, 4) is None


def test_both_parts_of_a_split_make_up_the_whole() -> None:
    rng = np.random.default_rng(6)
    polygon = shard(rng, 40, 1.5)
    one, other = split(polygon, 0.7, 0.4)
    assert area_um2(one) + area_um2(other) == pytest.approx(area_um2(polygon))
    assert len(clip(polygon, np.array([1.0, 0.0]), -100.0)) == 0


def test_pieces_of_a_shattered_flake_lose_no_area() -> None:
    rng = np.random.default_rng(7)
    polygon = shard(rng, 40, 1.2)
    pieces = shatter(rng, polygon, 5, gap_um=1.5)
    assert len(pieces) == 5
    assert sum(map(area_um2, pieces)) == pytest.approx(area_um2(polygon))


def test_shapes_have_the_asked_size() -> None:
    rng = np.random.default_rng(8)
    assert np.ptp(rotate(strip(rng, 50, 4), np.pi / 2)[:, 1]) == pytest.approx(50, abs=10)
    assert area_um2(blob(rng, 10, 0)) == pytest.approx(np.pi * 100, rel=0.01)
    for _ in range(20):
        corners = shard(rng, 30, 2)
        longest = np.hypot(*(corners[:, None] - corners).transpose(2, 0, 1)).max()
        assert 9 < longest < 50
