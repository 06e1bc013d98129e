import numpy as np
import pytest

from service.vision.coding import ZERO
from service.vision.survey import CELL_PX, Survey, survey
from tests.vision.coded import GivenCode, empty


def look(coded: np.ndarray, least_px: int = 90) -> Survey:
    return survey(GivenCode(coded), least_px)


def test_an_empty_tile_has_no_places() -> None:
    seen = look(empty(150, 201))

    assert seen.places == ()
    assert not seen.things.any()


@pytest.mark.parametrize("contrast", [-14, -30, -95, 14], ids=["faint", "1", "4", "brighter"])
def test_a_flake_lies_in_a_place_with_room_around_it(contrast: int) -> None:
    coded = empty(400, 400)
    coded[101:141, 203:264] = ZERO + contrast

    (place,) = look(coded).places

    assert max(place.top, place.left - 102) < 95
    assert min(place.bottom, place.right - 123) > 147
    assert place.area_px < 0.1 * 400 * 400


@pytest.mark.parametrize("first", [100, 101])
@pytest.mark.parametrize("across", [False, True])
def test_a_strip_of_five_pixels_is_in_a_place(first: int, across: bool) -> None:
    coded = empty(400, 400)
    coded[first : first + 5, 200:240] = ZERO - 30
    if across:
        coded = np.ascontiguousarray(coded.transpose(1, 0, 2))

    assert len(look(coded).places) == 1


def test_thick_graphite_alone_is_no_place_for_a_flake() -> None:
    coded = empty(400, 400)
    coded[100:200, 100:200] = 255

    seen = look(coded)

    assert seen.places == ()
    assert seen.things[37, 37] != 0


def test_what_is_smaller_than_a_flake_is_no_place() -> None:
    coded = empty(400, 400)
    coded[100:108, 100:108] = ZERO - 30

    assert look(coded, least_px=1000).places == ()


def test_each_thing_has_a_place_of_its_own_that_begins_with_a_cell() -> None:
    coded = empty(600, 802)
    for i in range(6):
        coded[60 + 70 * i : 100 + 70 * i, 40 + 30 * i : 80 + 30 * i] = ZERO - 30
    coded[500:540, 763:802] = ZERO - 30

    seen = look(coded)

    assert len({place.thing for place in seen.places}) == 7
    for place in seen.places:
        assert place.top % CELL_PX == place.left % CELL_PX == 0
        assert 0 <= place.top < place.bottom <= 600
        assert 0 <= place.left < place.right <= 802
        rows = slice(place.top // CELL_PX, -(-place.bottom // CELL_PX))
        columns = slice(place.left // CELL_PX, -(-place.right // CELL_PX))
        inside = np.count_nonzero(seen.things[rows, columns] == place.thing)
        assert inside == np.count_nonzero(seen.things == place.thing) > 0
