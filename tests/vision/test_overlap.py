import numpy as np
import pytest

from service.vision.overlap import find_shift, look_at
from tests.vision.drawing import LAYERS, THICK, Polygon, draw, vignette

SIZE = (640, 480)
FAR = 4000


def scene(left: int, top: int, **kwargs) -> np.ndarray:
    """What a tile shows whose origin lies at a place of one large drawn chip."""
    rng = np.random.default_rng(3)
    flakes: list[tuple[Polygon, tuple[float, float, float]]] = []
    for _ in range(400):
        x, y, size = rng.integers((-400, -400, 8), (1400, 1400, 40)).tolist()
        angles, radii = np.sort(rng.uniform(0, 6.28, 7)), rng.uniform(0.4, 1.4, 7) * size
        corners = (radii * np.cos(angles) + x - left, radii * np.sin(angles) + y - top)
        contrast = [*LAYERS.values(), THICK][int(rng.integers(4))]
        flakes.append((np.rint(np.transpose(corners)).astype(int).tolist(), contrast))
    # Each image has noise of its own: draw uses the same.
    seen = draw(flakes, size=SIZE, noise=0.0, **kwargs).pixels
    full = np.iinfo(seen.dtype).max
    noise = np.random.default_rng((left + FAR, top + FAR)).normal(0, 0.006 * full, seen.shape)
    return np.clip(np.rint(seen + noise), 0, full).astype(seen.dtype)


@pytest.mark.parametrize("way", [(500, 3), (-4, 400), (300, -200), (-70, 40)])
def test_an_image_is_found_where_it_lies_beside_another(way):
    light = vignette(SIZE, 0.2)

    shift = find_shift(look_at(scene(0, 0, light=light)), look_at(scene(*way, light=light)))

    assert shift is not None
    assert (shift.x_px, shift.y_px) == pytest.approx(way, abs=0.35)


def test_an_image_of_an_odd_number_of_pixels_is_found_as_exactly():
    one, other = scene(0, 0)[:479, :639], scene(560, 3)[:479, :639]

    shift = find_shift(look_at(one), look_at(other))

    assert shift is not None
    assert (shift.x_px, shift.y_px) == pytest.approx((560, 3), abs=0.35)


def test_sixteen_bits_say_the_same():
    one, other = (look_at(scene(x, 0, dtype=np.uint16)) for x in (0, 560))

    shift = find_shift(one, other)

    assert shift is not None
    assert (shift.x_px, shift.y_px) == pytest.approx((560, 0), abs=0.35)


def test_images_of_other_places_have_nothing_in_common():
    assert find_shift(look_at(scene(0, 0)), look_at(scene(700, 700))) is None


def test_bare_substrate_says_nothing_though_dust_on_the_camera_is_everywhere():
    light = vignette(SIZE, 0.3)
    y, x = np.mgrid[:480, :640]
    light = light * np.where((x - 200) ** 2 + (y - 300) ** 2 < 40, 0.6, 1.0)[..., None]

    assert (
        find_shift(look_at(scene(FAR, 0, light=light)), look_at(scene(FAR, 400, light=light)))
        is None
    )


def test_images_of_different_size_are_not_compared():
    assert find_shift(look_at(scene(0, 0)), look_at(scene(560, 0)[:400])) is None


def test_near_a_place_nothing_else_is_found():
    one, other = look_at(scene(0, 0)), look_at(scene(560, 0))

    assert find_shift(one, other, near=(550.0, 5.0), reach_px=30) is not None
    assert find_shift(one, other, near=(0.0, 400.0), reach_px=30) is None
