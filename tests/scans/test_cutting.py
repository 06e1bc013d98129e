"""Pictures of flakes: how large, in which view, with which outline; and what is kept decoded."""

import cv2
import numpy as np
import pytest

from service.db.blobs import FolderBlobStore
from service.errors import InvalidValue
from service.flakes.crops import Cut, Original, Originals, check_look, cut
from service.flakes.schemas import Look
from tests.api.drawn import FLAKE_PX, MONOLAYER_RGB, SUBSTRATE_RGB, draw_tile, png_of

X, Y, WIDTH, HEIGHT = FLAKE_PX
OUTLINE = [[X, Y], [X + WIDTH, Y], [X + WIDTH, Y + HEIGHT], [X, Y + HEIGHT]]


def picture(look: Look, pixels: np.ndarray | None = None) -> np.ndarray:
    original = Original(draw_tile(FLAKE_PX) if pixels is None else pixels)
    png = cut(original, Cut("a" * 64, FLAKE_PX, OUTLINE, look))
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]


def middle(shown: np.ndarray) -> np.ndarray:
    rows, columns = (slice(side // 2 - 5, side // 2 + 5) for side in shown.shape[:2])
    return shown[rows, columns].reshape(-1, 3).mean(axis=0)


def test_colour_is_the_tiles_own():
    shown = picture(Look())
    assert shown.shape == (HEIGHT + 32, WIDTH + 32, 3)
    assert shown[:10, :10].reshape(-1, 3).mean(axis=0) == pytest.approx(SUBSTRATE_RGB, abs=2)


def test_contrast_shows_bare_substrate_in_grey_whatever_the_light():
    for factor in (1.0, 0.6):
        pixels = (draw_tile(FLAKE_PX) * factor).astype(np.uint8)
        shown = picture(Look(view="contrast"), pixels)
        assert shown[:10, :10].reshape(-1, 3).mean(axis=0) == pytest.approx((128,) * 3, abs=4)
        expected = 128 + 128 / 0.4 * np.array(MONOLAYER_RGB)
        assert middle(shown) == pytest.approx(expected, abs=6)


def test_sixteen_bits_have_the_same_contrast():
    pixels = draw_tile(FLAKE_PX).astype(np.uint16) * 200
    of_eight, of_sixteen = picture(Look(view="contrast")), picture(Look(view="contrast"), pixels)
    assert np.abs(of_eight.astype(int) - of_sixteen).mean() < 2


@pytest.mark.parametrize("size_px", [32, 100, 1024])
@pytest.mark.parametrize("view", ["colour", "contrast"])
def test_the_longer_side_is_as_long_as_was_asked(size_px: int, view):
    shown = picture(Look(view=view, size_px=size_px))
    assert max(shown.shape[:2]) == size_px
    assert shown.shape[0] / shown.shape[1] == pytest.approx(82 / 92, abs=0.02)


def test_the_margin_is_a_share_of_the_longer_side_within_the_tile():
    assert picture(Look(margin=1)).shape[:2] == (HEIGHT + 2 * WIDTH, WIDTH + 2 * WIDTH)
    assert picture(Look(margin=4)).shape[:2] == (300, 400)


def test_the_outline_is_yellow_where_the_flake_ends():
    plain, drawn = picture(Look(size_px=400)), picture(Look(outline=True, size_px=400))
    changed = np.argwhere(np.any(plain != drawn, axis=2))
    scale = 400 / 92
    assert changed.min(axis=0) == pytest.approx((16 * scale, 16 * scale), abs=4)
    assert changed.max(axis=0) == pytest.approx((66 * scale, 76 * scale), abs=4)
    assert (drawn == (255, 220, 0)).all(axis=2).sum() > 500


@pytest.mark.parametrize("look", [Look(margin=5), Look(size_px=31), Look(size_px=1025)])
def test_pictures_have_a_size_that_can_be_drawn(look: Look):
    with pytest.raises(InvalidValue):
        check_look(look)


def test_what_was_looked_at_last_is_kept_up_to_a_limit(tmp_path):
    blobs = FolderBlobStore(tmp_path)
    names = [blobs.put(png_of(draw_tile(seed=seed))) for seed in range(3)]
    originals = Originals(most_bytes=2 * 400 * 300 * 3)

    first, second = (originals.open(blobs, name) for name in names[:2])

    assert originals.open(blobs, names[0]) is first
    originals.open(blobs, names[2])
    assert originals.open(blobs, names[0]) is first
    assert originals.open(blobs, names[1]) is not second
