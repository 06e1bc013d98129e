"""Sheet: the parts of a tile that can hold flakes, side by side on one small image."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.coding import ZERO
from service.vision.survey import CELL_PX, SUBSTRATE, THICK, Survey

# Bare substrate between two places: the middle row of three is flat on its own.
GAP_PX = 3
# A place at the tile's border goes on beyond it for so much, as its last pixels do: what flows in
# from the gap is then cut off with the border itself.
BEYOND_PX = 1
# Wide enough for the widest place, and for others of its kind.
LEAST_WIDTH_PX = 512


# The kind of a pixel plus four times that of the idle thing it belongs to, 0 for none: bare
# substrate stays what it is, all else is what the thing is.
KIND_IN_SHEET = np.array(
    [0, 1, 2, 3]
    + [SUBSTRATE] * 4
    + [THICK, SUBSTRATE, THICK, THICK]
    + [0] * 244,  # OpenCV wants a table of 256
    np.uint8,
)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Places of a tile, cut out and laid side by side on bare substrate.

    Attributes
    ----------
    coded : (h, w, 3) uint8
        Coded contrast.
    kind : (h, w) uint8
        As in `Survey`, the idle things counted as what they are.
    boxes : (n, 4) int64
        First row, end row, first column, end column of each place on the tile.
    corners : (n, 2) int64
        Row and column of each place's first pixel on the sheet.
    borders : list of (slice, slice)
        Rows and columns of the sheet that are the tile's outermost pixels, or beyond them.
    size_px : (height, width)
        Of the tile.
    """

    coded: NDArray[np.uint8]
    kind: NDArray[np.uint8]
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


def lay(coded: NDArray[np.uint8], seen: Survey) -> Sheet:
    """Lay a tile's places on a sheet; where all of it is one place, it is its own sheet."""
    height, width = coded.shape[:2]
    if seen.boxes.tolist() == [[0, height, 0, width]]:
        kind = _kind(seen, [0, height, 0, width])
        return Sheet(coded, kind, seen.boxes, np.zeros((1, 2), np.int64), [], (height, width))
    boxes, corners, size = _arrange(_beyond(seen.boxes, height, width))
    sheet = np.full((*size, 3), ZERO, np.uint8)
    kind = np.full(size, SUBSTRATE, np.uint8)
    borders: list[tuple[slice, slice]] = []
    for box, (row, column) in zip(boxes.tolist(), corners.tolist(), strict=True):
        rows, columns = slice(row, row + box[1] - box[0]), slice(column, column + box[3] - box[2])
        sheet[rows, columns] = _cut_out(coded, box)
        kind[rows, columns] = _kind(seen, box)
        borders += _borders(box, rows, columns, (height, width))
    return Sheet(sheet, kind, boxes, corners, borders, (height, width))


def _beyond(boxes: NDArray[np.int64], height: int, width: int) -> NDArray[np.int64]:
    at_border = boxes == [0, height, 0, width]
    return np.asarray(boxes + at_border * np.array([-1, 1, -1, 1]) * BEYOND_PX, np.int64)


def _borders(
    box: list[int], rows: slice, columns: slice, size: tuple[int, ...]
) -> list[tuple[slice, slice]]:
    wide = BEYOND_PX + 1
    sides = [
        (box[0] < 0, (slice(rows.start, rows.start + wide), columns)),
        (box[1] > size[0], (slice(rows.stop - wide, rows.stop), columns)),
        (box[2] < 0, (rows, slice(columns.start, columns.start + wide))),
        (box[3] > size[1], (rows, slice(columns.stop - wide, columns.stop))),
    ]
    return [side for beyond, side in sides if beyond]


def _arrange(
    boxes: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[int, int]]:
    """Boxes, the highest first, their corners in rows on a sheet, and its height and width."""
    heights, widths = boxes[:, 1] - boxes[:, 0], boxes[:, 3] - boxes[:, 2]
    boxes = boxes[np.argsort(-heights, kind="stable")]
    area_px = float((heights * widths).sum())
    sheet_width = max(int(widths.max(initial=0)), int(area_px**0.5)) + 2 * GAP_PX
    corners = []
    row, column, next_row = GAP_PX, GAP_PX, GAP_PX
    for top, bottom, left, right in boxes.tolist():
        if column + right - left + GAP_PX > sheet_width:
            row, column = next_row, GAP_PX
        corners.append((row, column))
        column += right - left + GAP_PX
        next_row = max(next_row, row + bottom - top + GAP_PX)
    return boxes, np.array(corners, np.int64).reshape(-1, 2), (next_row, sheet_width)


def _cut_out(image: NDArray[np.uint8], box: list[int]) -> NDArray[np.uint8]:
    top, bottom, left, right = box
    height, width = image.shape[:2]
    inner = image[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    beyond = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    if not any(beyond):
        return inner
    return np.asarray(cv2.copyMakeBorder(inner, *beyond, cv2.BORDER_REPLICATE), np.uint8)


def _kind(seen: Survey, box: list[int]) -> NDArray[np.uint8]:
    both = cv2.add(_cut_out(seen.kind, box), _cut_cells(4 * seen.idle, box))
    return np.asarray(cv2.LUT(both, KIND_IN_SHEET), np.uint8)


def _cut_cells(cells: NDArray[np.uint8], box: list[int]) -> NDArray[np.uint8]:
    """The cells' values on the pixels of a box."""
    top, left = max(box[0], 0) // CELL_PX, max(box[2], 0) // CELL_PX
    part = cells[top : -(-box[1] // CELL_PX), left : -(-box[3] // CELL_PX)]
    wide = cv2.resize(part, None, fx=CELL_PX, fy=CELL_PX, interpolation=cv2.INTER_NEAREST)
    inner = [box[0] - top * CELL_PX, box[1] - top * CELL_PX]
    inner += [box[2] - left * CELL_PX, box[3] - left * CELL_PX]
    return _cut_out(np.asarray(wide, np.uint8), inner)
