"""Sheet: the parts of a tile that can hold flakes, side by side on one small image."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.coding import ZERO, Code
from service.vision.survey import CELL_PX, Extent, Survey

# Bare substrate between two places: the middle row of three is flat on its own.
GAP_PX = 3
# A place at the tile's border goes on beyond it for so much, as its last pixels do: what flows in
# from the gap is then cut off with the border itself.
BEYOND_PX = 2
# Where places have more than this share of a tile, all of it costs no more than its parts.
MOST = 0.5

# First row, end row, first column, end column.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Places of a tile, cut out and laid side by side on bare substrate.

    Where two overlap, each shows bare substrate in place of the other's thing.

    Attributes
    ----------
    coded : (h, w, 3) uint8
        Coded contrast.
    boxes : (n, 4) int64
        First row, end row, first column, end column of each place on the tile, or beyond it.
    corners : (n, 2) int64
        Row and column of each place's first pixel on the sheet.
    borders : list of (slice, slice)
        Rows and columns of the sheet that are the tile's outermost pixels, or beyond them.
    size_px : (height, width)
        Of the tile.
    """

    coded: NDArray[np.uint8]
    boxes: NDArray[np.int64]
    corners: NDArray[np.int64]
    borders: list[tuple[slice, slice]]
    size_px: tuple[int, int]

    def around(self, box: NDArray[np.int64], margin: int) -> tuple[slice, slice, int, int]:
        """Rows and columns around a box on the sheet, and the first ones' numbers on the tile.

        They end where the tile does. The box lies within one place.
        """
        end = self.corners + self.boxes[:, 1::2] - self.boxes[:, ::2]
        first = box[::2]
        within = ((self.corners <= first) & (first < end)).all(axis=1)
        place = int(within.argmax())
        shift = self.boxes[place, ::2] - self.corners[place]
        low = np.maximum(np.maximum(first - margin, self.corners[place]) + shift, 0)
        high = np.minimum(np.minimum(box[1::2] + margin, end[place]) + shift, self.size_px)
        (top, left), (bottom, right) = low.tolist(), high.tolist()
        down, along = shift.tolist()
        return slice(top - down, bottom - down), slice(left - along, right - along), top, left


def lay(code: Code, seen: Survey) -> Sheet:
    """Lay a tile's places on a sheet; where they are most of it, it is its own sheet."""
    height, width = size_px = code.size_px
    if sum(place.area_px for place in seen.places) > MOST * height * width:
        whole = np.array([[0, height, 0, width]], np.int64)
        coded = code.cut(slice(0, height), slice(0, width))
        return Sheet(coded, whole, np.zeros((1, 2), np.int64), [], size_px)
    places = sorted(seen.places, key=lambda place: place.top - place.bottom)
    boxes = [_beyond(place, size_px) for place in places]
    corners, size = _arrange(boxes)
    sheet = np.full((*size, 3), ZERO, np.uint8)
    borders: list[tuple[slice, slice]] = []
    for place, box, (row, column) in zip(places, boxes, corners, strict=True):
        rows, columns = slice(row, row + box[1] - box[0]), slice(column, column + box[3] - box[2])
        sheet[rows, columns] = _extend(_alone(code, seen, place), place, box)
        borders += _borders(box, rows, columns, size_px)
    return Sheet(sheet, np.array(boxes), np.array(corners), borders, size_px)


def _alone(code: Code, seen: Survey, place: Extent) -> NDArray[np.uint8]:
    """Cut out a place without the things of others."""
    coded = code.cut(slice(place.top, place.bottom), slice(place.left, place.right))
    things = seen.things[
        place.top // CELL_PX : -(-place.bottom // CELL_PX),
        place.left // CELL_PX : -(-place.right // CELL_PX),
    ]
    own = cv2.bitwise_or(cv2.inRange(things, place.thing, place.thing), cv2.inRange(things, 0, 0))
    if own.all():
        return coded
    wide = cv2.resize(own, None, fx=CELL_PX, fy=CELL_PX, interpolation=cv2.INTER_NEAREST)
    bare = np.full_like(coded, ZERO)
    return np.asarray(cv2.copyTo(coded, wide[: coded.shape[0], : coded.shape[1]], bare), np.uint8)


def _beyond(place: Extent, size_px: tuple[int, int]) -> Box:
    return (
        place.top - BEYOND_PX * (place.top == 0),
        place.bottom + BEYOND_PX * (place.bottom == size_px[0]),
        place.left - BEYOND_PX * (place.left == 0),
        place.right + BEYOND_PX * (place.right == size_px[1]),
    )


def _borders(
    box: Box, rows: slice, columns: slice, size: tuple[int, ...]
) -> list[tuple[slice, slice]]:
    wide = BEYOND_PX + 1
    sides = [
        (box[0] < 0, (slice(rows.start, rows.start + wide), columns)),
        (box[1] > size[0], (slice(rows.stop - wide, rows.stop), columns)),
        (box[2] < 0, (rows, slice(columns.start, columns.start + wide))),
        (box[3] > size[1], (rows, slice(columns.stop - wide, columns.stop))),
    ]
    return [side for beyond, side in sides if beyond]


def _arrange(boxes: list[Box]) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Corners of boxes in rows on a sheet, and its height and width."""
    area_px = sum((bottom - top) * (right - left) for top, bottom, left, right in boxes)
    widest_px = max((right - left for *_, left, right in boxes), default=0)
    sheet_width = max(widest_px, int(area_px**0.5)) + 2 * GAP_PX + CELL_PX
    corners = []
    row, column, next_row = GAP_PX, GAP_PX, GAP_PX
    for top, bottom, left, right in boxes:
        if column + CELL_PX - 1 + right - left + GAP_PX > sheet_width:
            row, column = next_row, GAP_PX
        # Cells and every second pixel are the same on the sheet as on the tile.
        corner = row + (top - row) % CELL_PX, column + (left - column) % CELL_PX
        corners.append(corner)
        column = corner[1] + right - left + GAP_PX
        next_row = max(next_row, corner[0] + bottom - top + GAP_PX)
    return corners, (next_row, sheet_width)


def _extend(image: NDArray[np.uint8], place: Extent, box: Box) -> NDArray[np.uint8]:
    beyond = place.top - box[0], box[1] - place.bottom, place.left - box[2], box[3] - place.right
    if not any(beyond):
        return image
    return np.asarray(cv2.copyMakeBorder(image, *beyond, cv2.BORDER_REPLICATE), np.uint8)
