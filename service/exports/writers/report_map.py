"""Draw the report's map: tiles, flakes, labels, scale."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor, log10
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth

from service.exports.writers.report_page import (
    BOLD,
    FONT,
    INK,
    MARGIN,
    PALE,
    WIDTH,
    Page,
    colour_of,
)
from service.exports.writers.rows import ExportedFlake, ExportedScan, ExportedTile, Points

Box = tuple[float, float, float, float]

# Ways from a flake to its number: close ones first, right before left.
_WAYS = [(radius, angle) for radius in (5, 10, 17, 26) for angle in (0, 45, -45, 180, 90, -90)]
_CELL = 20.0


@dataclass(frozen=True, slots=True)
class Label:
    """A label's place; `leads` where it stands so far off that a line has to lead to it."""

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
        """Find a free place near a flake; None where everything around it is taken."""
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


def bar_um(most_um: float) -> float:
    """Choose the longest of 1, 2 and 5 times a power of ten that fits."""
    power = 10.0 ** floor(log10(most_um))
    return max(step * power for step in (1, 2, 5) if step * power <= most_um)


def length_words(length_um: float) -> str:
    """Format a length in the unit that a person would choose."""
    return f"{length_um / 1000:g} mm" if length_um >= 1000 else f"{length_um:g} µm"


Float = NDArray[np.float64]

_TILE, _FRAME = HexColor("#f1f3f5"), HexColor("#b4bac0")
# Below this many points a frame is only a grey of lines.
_LEAST_FRAME = 2.5
# A flake smaller than this on paper gets a ring around it.
_LEAST_MARK = 2.2
# Room for legend, scale bar and axes.
_BELOW = 22 * mm


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """Stage to paper: `paper = matrix @ (stage - middle_um) + middle`; `foot` is its lower edge."""

    matrix: Float
    middle_um: Float
    middle: Float
    foot: float

    def to_paper(self, points_um: Points | Float) -> Float:
        points = np.asarray(points_um, np.float64)
        placed: Float = (points - self.middle_um) @ self.matrix.T + self.middle
        return placed

    @property
    def points_per_um(self) -> float:
        return float(abs(np.linalg.det(self.matrix)) ** 0.5)


def draw_map(
    page: Page,
    scan: ExportedScan,
    tiles: Sequence[ExportedTile],
    flakes: Sequence[ExportedFlake],
    most_numbers: int,
) -> None:
    """Draw the map as large as the rest of the page allows; number the first flakes."""
    page.heading("Map")
    corners = [tile.corners_um for tile in tiles if tile.corners_um is not None]
    if not corners:
        page.top -= 12
        page.write(
            MARGIN,
            page.top,
            "No map: the tiles have no stage coordinates, or their scale is unknown.",
        )
        return
    view = _view(page, scan, corners)
    _draw_tiles(page, view, corners)
    _draw_flakes(page, view, flakes, most_numbers)
    _draw_legend(page, view, flakes)


def _view(page: Page, scan: ExportedScan, corners: Sequence[Points]) -> _View:
    around = np.array(corners).reshape(-1, 2)
    turned = _as_seen(scan)
    seen = around @ turned.T
    size_um = np.maximum(seen.max(axis=0) - seen.min(axis=0), 1e-9)
    low, high = np.array([MARGIN, MARGIN + _BELOW]), np.array([WIDTH - MARGIN, page.top])
    scale = float(((high - low) / size_um).min())
    middle_um = np.linalg.inv(turned) @ ((seen.max(axis=0) + seen.min(axis=0)) / 2)
    # Against the top of its room.
    height = float(size_um[1]) * scale
    middle = np.array([(low[0] + high[0]) / 2, high[1] - height / 2])
    return _View(turned * scale, middle_um, middle, page.top - height)


def _as_seen(scan: ExportedScan) -> Float:
    """Find how the stage's axes lie in the camera's picture: turned by quarters and mirrored."""
    if scan.image_to_stage is None:
        return np.eye(2)
    to_stage = np.array(scan.image_to_stage).reshape(2, 2)
    right, down = np.linalg.inv(to_stage)  # stage -> pixels
    across = abs(right[1]) > abs(right[0])
    axes = np.zeros((2, 2))
    axes[0, int(across)] = np.sign(right[int(across)])
    # Paper counts upwards, pixels downwards.
    axes[1, int(not across)] = -np.sign(down[int(not across)])
    return axes


def _draw_tiles(page: Page, view: _View, corners: Sequence[Points]) -> None:
    canvas = page.canvas
    canvas.setFillColor(_TILE)
    canvas.setStrokeColor(_FRAME)
    canvas.setLineWidth(0.3)
    placed = [view.to_paper(tile) for tile in corners]
    for tile in placed:
        _draw_outline(page, tile, fill=True, stroke=False)
    # After all areas: where tiles overlap, each shows its edge.
    for tile in placed:
        if float(np.ptp(tile, axis=0).min()) >= _LEAST_FRAME:
            _draw_outline(page, tile, fill=False, stroke=True)


def _draw_flakes(
    page: Page, view: _View, flakes: Sequence[ExportedFlake], most_numbers: int
) -> None:
    canvas = page.canvas
    labels = Labels()
    marks: list[tuple[str, float, float]] = []
    for number, flake in enumerate(flakes, 1):
        if flake.polygon_um is None:
            continue
        placed = view.to_paper(flake.polygon_um)
        canvas.setFillColor(colour_of(flake.best_layers))
        canvas.setStrokeColor(colour_of(flake.best_layers))
        canvas.setLineWidth(0.4)
        _draw_outline(page, placed, fill=True, stroke=True)
        x, y = placed.mean(axis=0).tolist()
        if float(np.ptp(placed, axis=0).max()) < _LEAST_MARK:
            canvas.circle(x, y, _LEAST_MARK, stroke=1, fill=0)
        labels.keep_free(placed)
        marks.append((str(number), x, y))
    _write_labels(page, labels, marks[:most_numbers])


def _write_labels(page: Page, labels: Labels, marks: Sequence[tuple[str, float, float]]) -> None:
    canvas = page.canvas
    canvas.setFont(BOLD, Labels.SIZE)
    for text, x, y in marks:
        # The first of the list are the ones that matter: they get their place first.
        label = labels.place(text, x, y)
        if label is None:
            continue
        canvas.setFillColor(INK)
        canvas.drawString(label.x, label.y, text)
        if label.leads:
            canvas.setStrokeColor(PALE)
            canvas.setLineWidth(0.25)
            canvas.line(x, y, label.lead_x, label.lead_y)


def _draw_outline(page: Page, placed: Float, *, fill: bool, stroke: bool) -> None:
    path = page.canvas.beginPath()
    (x, y), *others = placed.tolist()
    path.moveTo(x, y)
    for x, y in others:
        path.lineTo(x, y)
    path.close()
    page.canvas.drawPath(path, stroke=int(stroke), fill=int(fill))


def _draw_legend(page: Page, view: _View, flakes: Sequence[ExportedFlake]) -> None:
    canvas = page.canvas
    base = view.foot - 11 * mm
    page.top = view.foot - _BELOW
    length_um = bar_um(45 * mm / view.points_per_um)
    length = length_um * view.points_per_um
    canvas.setFillColor(INK)
    canvas.rect(MARGIN, base, length, 1.2 * mm, stroke=0, fill=1)
    page.write(MARGIN, base + 2.2 * mm, length_words(length_um))
    _draw_axes(page, view, MARGIN + 75 * mm, base + 2 * mm)
    x = MARGIN + 105 * mm
    seen = {flake.best_layers for flake in flakes if flake.polygon_um is not None}
    for layers in sorted(seen, key=lambda one: (one is None, one)):
        text = "layers unknown" if layers is None else f"{layers} layer{'s' * (layers != 1)}"
        canvas.setFillColor(colour_of(layers))
        canvas.rect(x, base, 2.5 * mm, 2.5 * mm, stroke=0, fill=1)
        page.write(x + 3.5 * mm, base, text, 8)
        x += 6 * mm + canvas.stringWidth(text, FONT, 8)
        if x > WIDTH - MARGIN - 15 * mm:
            break


def _draw_axes(page: Page, view: _View, x: float, y: float) -> None:
    """Draw the directions in which the stage's x and y grow."""
    canvas = page.canvas
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.6)
    length = 6 * mm
    for axis, name in enumerate(("x", "y")):
        toward = view.matrix[:, axis] / np.linalg.norm(view.matrix[:, axis])
        end_x, end_y = (np.array([x, y]) + toward * length).tolist()
        canvas.line(x, y, end_x, end_y)
        side = np.array([-toward[1], toward[0]])
        for turn in (side, -side):
            barb = np.array([end_x, end_y]) - toward * 4 + turn * 2
            canvas.line(end_x, end_y, *barb.tolist())
        letter = np.array([end_x, end_y]) + toward * 5
        canvas.setFont(FONT, 8)
        canvas.setFillColor(INK)
        canvas.drawCentredString(float(letter[0]), float(letter[1]) - 2.5, name)
    page.write(x - 12 * mm, y - 1 * mm, "stage", 8, PALE)
