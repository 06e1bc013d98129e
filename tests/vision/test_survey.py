import numpy as np

from service.vision.coding import ZERO, Code
from service.vision.survey import BAND_PX, CORE, SUBSTRATE, UNDECIDED, Survey, survey

LIMITS = np.full(3, 7.0), np.full(3, 9.0)


def look(coded: np.ndarray, least_px: int = 90) -> Survey:
    return survey(Code(coded, *LIMITS), least_px)


def empty(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), ZERO, np.uint8)


def test_an_empty_tile_has_no_places() -> None:
    seen = look(empty(150, 201))

    assert (seen.kind == SUBSTRATE).all()
    assert seen.boxes.shape == (0, 4)


def test_a_flake_is_flat_inside_steep_at_its_edge_and_in_a_place() -> None:
    coded = empty(400, 400)
    coded[100:140, 200:260] = ZERO - 30

    seen = look(coded)

    assert (seen.kind[102:138, 202:258] == CORE).all()
    assert seen.kind[100, 230] == UNDECIDED
    ((top, bottom, left, right),) = seen.boxes.tolist()
    assert max(top, left - 100) < 95
    assert min(bottom, right - 120) > 145
    assert (bottom - top) * (right - left) < 0.1 * 400 * 400


def test_what_a_pixel_is_does_not_depend_on_the_band_it_lies_in() -> None:
    coded = empty(3 * BAND_PX, 200)
    coded[BAND_PX - 20 : BAND_PX + 20, 50:100] = ZERO - 30
    lower = empty(3 * BAND_PX, 200)
    lower[BAND_PX : BAND_PX + 40, 50:100] = ZERO - 30

    assert (look(coded).kind[:-20] == look(lower).kind[20:]).all()


def test_thick_graphite_alone_is_no_place_for_a_flake() -> None:
    coded = empty(400, 400)
    coded[100:200, 100:200] = 255

    seen = look(coded)

    assert seen.boxes.shape == (0, 4)
    assert seen.idle[37, 37] != 0


def test_places_do_not_overlap() -> None:
    coded = empty(600, 800)
    for i in range(6):
        coded[60 + 70 * i : 100 + 70 * i, 40 + 30 * i : 80 + 30 * i] = ZERO - 30
    coded[500:540, 600:640] = ZERO - 30

    seen = look(coded)

    covered = np.zeros((600, 800), int)
    for top, bottom, left, right in seen.boxes.tolist():
        covered[top:bottom, left:right] += 1
    assert covered.max() == 1
    assert (covered[seen.kind == CORE] == 1).all()
