import cv2
import numpy as np
import pytest

from service.vision.candidate import Candidate
from service.vision.decode import Tile
from service.vision.normalise import normalise
from service.vision.segment import SegmentParams, segment
from tests.vision.drawing import LAYERS, THICK, draw, square, vignette


def candidates(tile: Tile) -> list[Candidate]:
    return segment(normalise(tile), SegmentParams())


def overlap(candidate: Candidate, x: int, y: int, side: int) -> float:
    """Intersection over union with a square."""
    left, top, width, height = candidate.bbox_px
    square_mask = np.zeros((max(top + height, y + side), max(left + width, x + side)), bool)
    mask = square_mask.copy()
    square_mask[y : y + side, x : x + side] = True
    mask[top : top + height, left : left + width] = candidate.mask
    return float((mask & square_mask).sum() / (mask | square_mask).sum())


def test_an_empty_tile_has_no_candidates() -> None:
    assert candidates(draw([])) == []


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_flake_is_one_candidate_with_a_tight_outline(layers: int) -> None:
    (found,) = candidates(draw([(square(200, 150, 40), LAYERS[layers])]))

    assert overlap(found, 200, 150, 40) > 0.9


def test_the_faint_step_of_one_layer_is_found_on_15_pixels() -> None:
    (found,) = candidates(draw([(square(300, 100, 15), LAYERS[1])]))

    assert overlap(found, 300, 100, 15) > 0.75


def test_terraces_are_candidates_of_their_own_and_thick_graphite_is_none() -> None:
    tile = draw(
        [
            (square(100, 100, 40), LAYERS[1]),
            (square(140, 100, 40), LAYERS[2]),
            (square(180, 60, 120), THICK),
        ]
    )

    found = candidates(tile)

    assert len(found) == 2
    assert max(overlap(one, 100, 100, 40) for one in found) > 0.85
    assert max(overlap(one, 140, 100, 40) for one in found) > 0.85


def test_a_flake_crossed_by_a_fold_is_one_candidate() -> None:
    fold = [(100, 128), (180, 128), (180, 131), (100, 131)]

    (found,) = candidates(draw([(square(100, 90, 80), LAYERS[1]), (fold, LAYERS[2])]))

    assert overlap(found, 100, 90, 80) > 0.85


def test_flakes_divided_by_a_gap_are_two() -> None:
    tile = draw([(square(100, 100, 40), LAYERS[2]), (square(144, 100, 40), LAYERS[2])])

    assert len(candidates(tile)) == 2


def test_a_fading_halo_is_no_candidate() -> None:
    y, x = np.mgrid[:480, :640].astype(np.float32)
    halo = 1 - 0.15 * np.exp(-((x - 320) ** 2 + (y - 240) ** 2) / (2 * 25**2))

    assert candidates(draw([], light=halo[..., None])) == []


def test_a_vignette_makes_no_candidates() -> None:
    assert candidates(draw([], light=vignette((640, 480), 0.5))) == []


def test_a_flake_at_the_border_is_found_up_to_it() -> None:
    (found,) = candidates(draw([(square(-20, 100, 60), LAYERS[2])]))

    assert found.x == 0
    assert found.bbox_px[2] == pytest.approx(40, abs=2)


def test_two_flakes_in_the_corner_of_a_tile_of_odd_size_are_found() -> None:
    corner = [
        (square(590, 450, 60), LAYERS[2]),
        ([(560, 400), (660, 400), (660, 430), (560, 430)], LAYERS[1]),
    ]

    found = candidates(draw(corner, size=(641, 485)))

    ends = sorted((c.x + c.mask.shape[1], c.y + c.mask.shape[0]) for c in found)
    assert np.array(ends) == pytest.approx(np.array([(641, 430), (641, 485)]), abs=2)


def test_noise_does_not_become_candidates() -> None:
    assert len(candidates(draw([], noise=0.04))) <= 2


def test_smaller_ones_than_asked_for_are_left_out_by_area_in_um2() -> None:
    normalised = normalise(draw([(square(200, 150, 20), LAYERS[2])]))
    params = SegmentParams(min_area_um2=50.0)

    assert len(segment(normalised, params, um_per_px=0.4)) == 1  # 64 um2
    assert segment(normalised, params, um_per_px=0.3) == []  # 36 um2


def test_a_strip_of_four_pixels_is_found_on_a_coarse_tile() -> None:
    strip = [(100, 100), (260, 100), (260, 107), (100, 107)]
    fine = draw([(strip, LAYERS[2]), (square(400, 200, 120), THICK)], size=(1280, 960))
    coarse = Tile(cv2.resize(fine.pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))

    (found,) = candidates(coarse)

    x, y, width, height = found.bbox_px
    assert (x, y) == pytest.approx((50, 50), abs=2)
    assert (width, height) == pytest.approx((81, 4), abs=2)
