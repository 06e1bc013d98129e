import numpy as np

from service.vision.coding import ZERO
from service.vision.sheet import Sheet, lay
from service.vision.survey import survey
from tests.vision.coded import GivenCode, empty

FLAKES = [(0, 300, 40), (100, 100, 30), (450, 560, 50)]  # first row, first column, side


def lay_out(coded: np.ndarray) -> Sheet:
    code = GivenCode(coded)
    return lay(code, survey(code, 90))


def sheet_of_flakes() -> Sheet:
    coded = empty(600, 800)
    for row, column, side in FLAKES:
        coded[row : row + side, column : column + side] = ZERO - 20 - side
    return lay_out(coded)


def test_a_sheet_is_smaller_than_its_tile_and_holds_each_flake_once() -> None:
    sheet = sheet_of_flakes()

    assert sheet.coded[..., 0].size < 0.2 * 600 * 800
    # The flake at the border goes on for two pixels beyond it.
    assert [np.count_nonzero(sheet.coded[..., 1] == ZERO - 20 - side) for _, _, side in FLAKES] == [
        42 * 40,
        30 * 30,
        50 * 50,
    ]


def test_places_are_divided_by_bare_substrate() -> None:
    sheet = sheet_of_flakes()

    outside = np.ones(sheet.coded.shape[:2], bool)
    for box, (row, column) in zip(sheet.boxes.tolist(), sheet.corners.tolist(), strict=True):
        outside[row : row + box[1] - box[0], column : column + box[3] - box[2]] = False
    assert (sheet.coded[outside] == ZERO).all()
    assert outside[[0, -1]].all()
    assert outside[:, [0, -1]].all()


def test_places_that_overlap_show_each_its_own_thing_only() -> None:
    coded = empty(400, 600)
    coded[100:200, 100:120] = ZERO - 30
    coded[180:200, 120:300] = ZERO - 30
    coded[120:150, 160:200] = ZERO - 60  # in the corner of the L, apart from it

    sheet = lay_out(coded)

    assert len(sheet.boxes) == 2
    assert np.count_nonzero(sheet.coded[..., 1] == ZERO - 60) == 30 * 40
    assert np.count_nonzero(sheet.coded[..., 1] == ZERO - 30) == 100 * 20 + 20 * 180


def test_what_lies_on_the_sheet_is_found_again_on_the_tile() -> None:
    sheet = sheet_of_flakes()

    for row, column, side in FLAKES:
        rows, columns = np.nonzero(sheet.coded[..., 0] == ZERO - 20 - side)
        box = np.array([rows.min(), rows.max() + 1, columns.min(), columns.max() + 1])
        cut, across, top, left = sheet.around(box, 4)
        inner = np.argwhere(sheet.coded[cut, across, 0] == ZERO - 20 - side)
        assert (inner.min(axis=0) + (top, left)).tolist() == [row, column]
        assert (inner.max(axis=0) + (top, left)).tolist() == [row + side - 1, column + side - 1]


def test_a_tile_that_is_all_one_place_is_its_own_sheet() -> None:
    coded = empty(200, 200)
    coded[10:190, 10:190] = ZERO - 30

    sheet = lay_out(coded)

    assert (sheet.coded == coded).all()
    assert sheet.boxes.tolist() == [[0, 200, 0, 200]]
