import cv2
import numpy as np
import pytest

from service.optics.microscopes import usual_contrasts
from service.vision.bare import is_thin
from service.vision.decode import KnownSubstrate, Tile
from service.vision.normalise import normalise
from service.vision.segment import SegmentParams, segment
from tests.vision.drawing import LAYERS, SUBSTRATE_RGB, THICK, Polygon, draw, square, vignette

SIZE = (640, 480)


def background(tile: Tile) -> np.ndarray:
    return np.array(normalise(tile).light.background_rgb)


def filling(share: float) -> Polygon:
    """A flake in the middle that fills a share of the tile, cut by its upper border."""
    width, height = SIZE
    side = share**0.5
    left, right = round(width * (1 - side) / 2), round(width * (1 + side) / 2)
    return [(left, -5), (right, -5), (right, round(height * side)), (left, round(height * side))]


@pytest.mark.parametrize("oxide_nm", [80.0, 90.0, 100.0, 285.0, 300.0])
def test_thin_graphite_under_the_usual_microscopes_is_told_as_such(oxide_nm: float) -> None:
    numbers = np.array([1.0, 2.0, 3.0])
    contrasts = np.concatenate(
        [usual_contrasts(numbers, oxide_nm, 3.0, vivid=vivid) for vivid in (False, True)]
    )

    share = is_thin(np.log(np.maximum(1 + contrasts, 1e-3))).mean(axis=0)

    assert (share > (0.95, 0.95, 0.9)).all(), share


def test_nothing_brighter_or_of_one_channel_is_thin_graphite() -> None:
    differences = np.array([(0.1, 0.12, 0.05), (0.0, -0.02, 0.0), (0.0, 0.0, -0.3), (-0.3, 0.3, 0)])

    assert not is_thin(differences).any()


@pytest.mark.parametrize("share", [0.35, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_flake_that_fills_most_of_the_tile_is_not_its_substrate(
    share: float, layers: int
) -> None:
    tile = draw([(filling(share), LAYERS[layers])], light=vignette(SIZE, 0.3))

    assert background(tile) == pytest.approx(np.array(SUBSTRATE_RGB), rel=0.06)
    largest = segment(normalise(tile), SegmentParams())[0]
    assert largest.mask.sum() == pytest.approx(share * 640 * 480, rel=0.05)


def test_thick_graphite_on_most_of_the_tile_is_not_taken_for_substrate() -> None:
    tile = draw([(filling(0.6), THICK), (square(20, 380, 60), LAYERS[1])])

    assert background(tile) == pytest.approx(np.array(SUBSTRATE_RGB), rel=0.05)


def test_a_round_field_stop_is_neither_substrate_nor_flake() -> None:
    stop = np.zeros((480, 640), np.float32)
    cv2.circle(stop, (320, 240), 200, 1.0, cv2.FILLED)
    light = cv2.GaussianBlur(stop, (0, 0), 2)[..., None]
    tile = draw([(square(260, 180, 120), LAYERS[1])], light=light)

    assert background(tile) == pytest.approx(np.array(SUBSTRATE_RGB), rel=0.2)
    sizes = [one.mask.sum() for one in segment(normalise(tile), SegmentParams())]
    assert sizes[:1] == [pytest.approx(120**2, rel=0.05)]


def test_the_black_corners_of_a_turned_mosaic_change_nothing() -> None:
    plain = draw([(square(260, 180, 120), LAYERS[1])])
    turn = cv2.getRotationMatrix2D((320, 240), 20, 1)
    turned = cv2.warpAffine(plain.pixels, turn, SIZE)

    sizes = [one.mask.sum() for one in segment(normalise(Tile(turned)), SegmentParams())]

    assert sizes[:1] == [pytest.approx(120**2, rel=0.05)]


def test_a_tile_that_is_all_flake_is_told_by_what_the_scan_knows() -> None:
    everywhere = [(-5, -5), (645, -5), (645, 485), (-5, 485)]
    tile = draw([(everywhere, LAYERS[1])])
    known = Tile(tile.pixels, known=KnownSubstrate(SUBSTRATE_RGB))

    light = normalise(known).light

    assert light.background_rgb == pytest.approx(SUBSTRATE_RGB, rel=0.03)
    assert light.doubt is not None
    assert "No bare substrate" in light.doubt
    assert normalise(tile).light.background_rgb != pytest.approx(SUBSTRATE_RGB, rel=0.03)


def test_a_scan_that_drifts_a_little_is_no_reason_for_doubt() -> None:
    tile = draw([(square(200, 150, 60), LAYERS[1])])
    known = KnownSubstrate(tuple(0.97 * value for value in SUBSTRATE_RGB))

    light = normalise(Tile(tile.pixels, known=known)).light

    assert light.doubt is None
    assert light.background_rgb == pytest.approx(SUBSTRATE_RGB, rel=0.03)


def test_a_tile_without_an_even_place_says_so() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3)).astype(np.uint8)

    assert normalise(Tile(np.zeros((240, 320, 3), np.uint8))).light.doubt is not None
    assert segment(normalise(Tile(noise)), SegmentParams()) == []


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (9, 200), (64, 48), (130, 97)])
def test_tiles_of_any_size_and_content_are_normalised(size: tuple[int, int]) -> None:
    width, height = size
    random = np.random.default_rng(1)
    for pixels in (
        np.full((height, width, 3), 128),
        np.full((height, width, 3), 255),
        random.integers(0, 256, (height, width, 3)),
        np.clip(random.normal(128, 3, (height, width, 3)), 0, 255),
    ):
        normalised = normalise(Tile(pixels.astype(np.uint8)))

        assert np.isfinite(normalised.background).all()
        segment(normalised, SegmentParams())
