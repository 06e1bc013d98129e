import numpy as np

from service.vision.coding import ZERO
from service.vision.survey import BAND_PX, CORE, SUBSTRATE, THICK, UNDECIDED, tell_kinds
from tests.vision.coded import NOISE, empty


def kinds(coded: np.ndarray, least_px: int = 90) -> np.ndarray:
    return tell_kinds(coded, NOISE, least_px)


def test_bare_substrate_is_substrate() -> None:
    assert (kinds(empty(150, 201)) == SUBSTRATE).all()


def test_a_flake_is_flat_inside_and_steep_at_its_edge() -> None:
    coded = empty(400, 400)
    coded[100:140, 200:260] = ZERO - 30

    kind = kinds(coded)

    assert (kind[102:138, 202:258] == CORE).all()
    assert kind[100, 230] == UNDECIDED


def test_what_a_pixel_is_does_not_depend_on_the_band_it_lies_in() -> None:
    coded = empty(3 * BAND_PX, 200)
    coded[BAND_PX - 20 : BAND_PX + 20, 50:100] = ZERO - 30
    lower = empty(3 * BAND_PX, 200)
    lower[BAND_PX : BAND_PX + 40, 50:100] = ZERO - 30

    assert (kinds(coded)[:-20] == kinds(lower)[20:]).all()


def test_thick_graphite_alone_holds_no_region() -> None:
    coded = empty(400, 400)
    coded[100:200, 100:200] = 255

    kind = kinds(coded)

    assert (kind[102:198, 102:198] == THICK).all()
    assert not (kind == CORE).any()


def test_a_speck_without_anything_flat_is_substrate() -> None:
    coded = empty(100, 100)
    coded[50:53, 50:53] = ZERO - 80

    assert (kinds(coded) == SUBSTRATE).all()
