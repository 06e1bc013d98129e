"""Where numbers stand on the map so that none covers another."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from reportlab.pdfbase.pdfmetrics import stringWidth

from service.exports.report_page import BOLD

Box = tuple[float, float, float, float]

# Ways from a flake to its number: close ones first, right before left.
_WAYS = [(radius, angle) for radius in (5, 10, 17, 26) for angle in (0, 45, -45, 180, 90, -90)]
_CELL = 20.0


@dataclass(frozen=True, slots=True)
class Label:
    """Where a text begins; `leads` where it stands so far off that a line has to lead to it."""

    x: float
    y: float
    leads: bool
    lead_x: float
    lead_y: float


@dataclass(slots=True)
class Labels:
    """Boxes that are taken, by cells of the page; all in points."""

    SIZE: ClassVar[float] = 7.0
    _taken: dict[tuple[int, int], list[Box]] = field(default_factory=dict)

    def keep_free(self, outline: NDArray[np.float64]) -> None:
        """Let no number cover a flake."""
        (left, bottom), (right, top) = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
        # One as large as a room of numbers would push all of them away: its edge may be covered.
        if right - left < _CELL and top - bottom < _CELL:
            self._take((left, bottom, right, top))

    def place(self, text: str, x: float, y: float) -> Label | None:
        """A free place near a flake; None where everything around it is taken."""
        width, height = stringWidth(text, BOLD, self.SIZE), self.SIZE * 0.75
        for radius, angle in _WAYS:
            across, up = np.cos(np.radians(angle)) * radius, np.sin(np.radians(angle)) * radius
            centre_x = (
                x + float(across) + (width / 2 if across > 1 else -width / 2) * (abs(across) > 1)
            )
            centre_y = y + float(up)
            box = (
                centre_x - width / 2,
                centre_y - height / 2,
                centre_x + width / 2,
                centre_y + height / 2,
            )
            if not self._is_taken(box):
                self._take(box)
                lead_x = box[0] if across > 1 else box[2] if across < -1 else centre_x
                return Label(box[0], box[1], radius > 10, lead_x, centre_y)
        return None

    def _take(self, box: Box) -> None:
        for cell in _cells(box):
            self._taken.setdefault(cell, []).append(box)

    def _is_taken(self, box: Box) -> bool:
        left, bottom, right, top = box
        return any(
            left < other[2] and other[0] < right and bottom < other[3] and other[1] < top
            for cell in _cells(box)
            for other in self._taken.get(cell, ())
        )


def _cells(box: Box) -> list[tuple[int, int]]:
    columns = range(int(box[0] // _CELL), int(box[2] // _CELL) + 1)
    rows = range(int(box[1] // _CELL), int(box[3] // _CELL) + 1)
    return [(column, row) for column in columns for row in rows]
