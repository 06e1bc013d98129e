import numpy as np

from service.vision.coding import ZERO, Code
from service.vision.sheet import Sheet, lay
from service.vision.survey import CORE, SUBSTRATE, survey

FLAKES = [(0, 300, 40), (100, 100, 30), (450, 560, 50)]  # first row, first column, side


def sheet_of_flakes() -> Sheet:
    coded = np.full((600, 800, 3), ZERO, np.uint8)
    for row, column, side in FLAKES:
        coded[row : row + side, column : column + side] = ZERO - 20 - side
    return lay(coded, survey(Code(coded, np.full(3, 7.0), np.full(3, 9.0)), 90))


def test_a_sheet_is_smaller_than_its_tile_and_holds_each_flake_once() -> None:
    sheet = sheet_of_flakes()

    assert sheet.coded[..., 0].size < 0.2 * 600 * 800
    # The flake at the border goes on for one pixel beyond it.
    assert [np.count_nonzero(sheet.coded[..., 1] == ZERO - 20 - side) for _, _, side in FLAKES] == [
        41 * 40,
        30 * 30,
        50 * 50,
    ]


def test_places_are_divided_by_bare_substrate() -> None:
    sheet = sheet_of_flakes()

    outside = np.ones(sheet.kind.shape, bool)
    for box, (row, column) in zip(sheet.boxes.tolist(), sheet.corners.tolist(), strict=True):
        outside[row : row + box[1] - box[0], column : column + box[3] - box[2]] = False
    assert (sheet.kind[outside] == SUBSTRATE).all()
    assert outside[[0, -1]].all()
    assert outside[:, [0, -1]].all()


def test_what_lies_on_the_sheet_is_found_again_on_the_tile() -> None:
    sheet = sheet_of_flakes()

    for row, column, side in FLAKES:
        rows, columns = np.nonzero(sheet.coded[..., 0] == ZERO - 20 - side)
        box = np.array([rows.min(), rows.max() + 1, columns.min(), columns.max() + 1])
        cut, across, top, left = sheet.around(box, 4)
        inner = np.argwhere(sheet.coded[cut, across, 0] == ZERO - 20 - side)
        assert (inner.min(axis=0) + (top, left)).tolist() == [row, column]
        assert (inner.max(axis=0) + (top, left)).tolist() == [row + side - 1, column + side - 1]
        assert (sheet.kind[cut, across] == CORE).any()


def test_a_tile_that_is_all_one_place_is_its_own_sheet() -> None:
    coded = np.full((200, 200, 3), ZERO, np.uint8)
    coded[10:190, 10:190] = ZERO - 30

    sheet = lay(coded, survey(Code(coded, np.full(3, 7.0), np.full(3, 9.0)), 90))

    assert sheet.coded is coded
    assert sheet.boxes.tolist() == [[0, 200, 0, 200]]
