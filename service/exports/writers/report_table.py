"""The table of the report: one line a flake, in the order of the export."""

from collections.abc import Sequence

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

from service.exports.writers.report_page import (
    BOLD,
    INK,
    MARGIN,
    PALE,
    RULE,
    WIDTH,
    Page,
    colour_of,
    fitted_end,
)
from service.exports.writers.rows import ExportedFlake

_STRIPE = HexColor("#f5f6f7")
_LINE = 13
# A heading with fewer lines below it than these goes to the next page.
_LEAST_ROOM = 34 + 5 * _LINE
_SIGNS = "* counted by a person; ? the contrast fits no number of layers; > cut by the scan's edge"
# Heading, right edge in mm from the margin (left edge where negative: text).
_COLUMNS = (
    ("No.", 10),
    ("flake", -14),
    ("x (µm)", 56),
    ("y (µm)", 78),
    ("area (µm²)", 98),
    ("layers", 112),
    ("p", 124),
    ("review", -129),
    ("tile", -150),
)


def draw_table(page: Page, flakes: Sequence[ExportedFlake], total: int) -> None:
    """Draw the table on as many pages as it needs."""
    if page.top - _LEAST_ROOM < MARGIN:
        page.turn()
    page.heading("Flakes")
    page.top -= 10
    first = f"The first {len(flakes):,} of {total:,}. " if total > len(flakes) else ""
    page.write(MARGIN, page.top, first + _SIGNS, 8, PALE)
    page.top -= 2
    _draw_headings(page)
    for number, flake in enumerate(flakes, 1):
        if page.top - _LINE < MARGIN:
            page.turn()
            _draw_headings(page)
        _draw_line(page, number, flake)


def _draw_headings(page: Page) -> None:
    page.top -= _LINE
    page.canvas.setFont(BOLD, 8.5)
    page.canvas.setFillColor(INK)
    for heading, edge_mm in _COLUMNS:
        _put(page, heading, edge_mm)
    page.canvas.setStrokeColor(RULE)
    page.canvas.line(MARGIN, page.top - 3.5, WIDTH - MARGIN, page.top - 3.5)
    page.top -= 3


def _draw_line(page: Page, number: int, flake: ExportedFlake) -> None:
    page.top -= _LINE
    canvas = page.canvas
    if number % 2 == 0:
        canvas.setFillColor(_STRIPE)
        canvas.rect(MARGIN, page.top - 3.5, WIDTH - 2 * MARGIN, _LINE, stroke=0, fill=1)
    canvas.setFillColor(colour_of(flake.best_layers))
    canvas.rect(MARGIN, page.top, 1.6 * mm, 6, stroke=0, fill=1)
    canvas.setFont("Helvetica", 8.5)
    canvas.setFillColor(INK)
    for text, (_, edge_mm) in zip(_cells(number, flake), _COLUMNS, strict=True):
        _put(page, text, edge_mm)


def _cells(number: int, flake: ExportedFlake) -> tuple[str, ...]:
    x_um, y_um = flake.centre_um or (None, None)
    layers = flake.best_layers
    counted = flake.review is not None and flake.review.layers is not None
    review = "" if flake.review is None else flake.review.label.replace("_", " ")
    return (
        str(number),
        flake.label,
        "-" if x_um is None else f"{x_um:.2f}",
        "-" if y_um is None else f"{y_um:.2f}",
        _area(flake),
        "?" if layers is None else f"{layers}{'*' if counted else ''}",
        f"{flake.p_graphene:.2f}",
        review,
        fitted_end(flake.tile.name or f"tile {flake.tile.id}", 29 * mm, 8.5),
    )


def _area(flake: ExportedFlake) -> str:
    if flake.area_um2 is None:
        return f"{flake.area_px:,} px"
    # A cut flake is at least as large as what was seen of it.
    return f"{'> ' if flake.touches_border else ''}{flake.area_um2:,.1f}"


def _put(page: Page, text: str, edge_mm: float) -> None:
    x = MARGIN + abs(edge_mm) * mm
    if edge_mm < 0:
        page.canvas.drawString(x, page.top, text)
    else:
        page.canvas.drawRightString(x, page.top, text)
