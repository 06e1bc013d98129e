"""Write the PDF report of a scan."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from service.exports.writers.report_crops import draw_crops
from service.exports.writers.report_map import draw_map
from service.exports.writers.report_page import (
    BOLD,
    INK,
    MARGIN,
    PALE,
    RULE,
    WIDTH,
    Page,
    fitted,
    plain,
)
from service.exports.writers.report_table import draw_table
from service.exports.writers.rows import Crop, ExportedFlake, ExportedScan, ExportedTile

_LINE = 13


def draw_header(page: Page, scan: ExportedScan, exported: int) -> None:
    """Name and facts, in two columns."""
    canvas = page.canvas
    page.top -= 18
    canvas.setFont(BOLD, 18)
    canvas.setFillColor(INK)
    canvas.drawString(MARGIN, page.top, fitted(scan.name, WIDTH - 2 * MARGIN, 18, BOLD))
    page.top -= 8
    canvas.setStrokeColor(RULE)
    canvas.line(MARGIN, page.top, WIDTH - MARGIN, page.top)
    facts = _facts(scan, exported)
    half = (len(facts) + 1) // 2
    column = (WIDTH - 2 * MARGIN) / 2
    for index, (name, value) in enumerate(facts):
        x = MARGIN + column * (index // half)
        y = page.top - _LINE * (index % half + 1)
        page.write(x, y, name, 9, PALE)
        page.write(x + 26 * mm, y, fitted(value, column - 30 * mm, 9), 9)
    page.top -= _LINE * half + 6
    page.write(
        MARGIN, page.top - 9, fitted(f"Shown: {_in_signs(scan.criteria)}", WIDTH - 2 * MARGIN, 9)
    )
    page.top -= 18


def _facts(scan: ExportedScan, exported: int) -> list[tuple[str, str]]:
    failed = f", {scan.tiles_failed:,} failed" if scan.tiles_failed else ""
    return [
        ("Scan", f"{scan.id} ({scan.state})"),
        ("Taken in", f"{scan.created_at:%Y-%m-%d %H:%M} UTC"),
        ("Material", scan.material or "not stated"),
        ("Oxide", "not stated" if scan.oxide_nm is None else f"{scan.oxide_nm:g} nm"),
        ("Scale", "unknown" if scan.um_per_px is None else f"{scan.um_per_px:.4g} µm per pixel"),
        ("Tiles", f"{scan.tiles_screened:,} screened{failed}"),
        ("Flakes found", f"{scan.flakes_graphene:,} graphene, {scan.flakes_other:,} other"),
        ("In this report", f"{exported:,} flakes"),
        ("Model", ", ".join(scan.model_versions) or "none yet"),
        ("Report of", f"{scan.exported_at:%Y-%m-%d %H:%M} UTC"),
    ]


def _in_signs(words: str) -> str:
    return re.sub(r"\bum2\b", "µm²", words)


# Gives the pictures of some flakes, by flake id; one that cannot be cut is missing.
Crops = Callable[[Sequence[ExportedFlake]], dict[int, Crop]]

# The table's first lines are what anyone reads on paper; a list of more is a file to search in.
MOST_IN_TABLE = 500
# Nine pages of pictures.
MOST_CROPS = 108


def write_report(
    path: Path,
    scan: ExportedScan,
    flakes: Iterable[ExportedFlake],
    tiles: Sequence[ExportedTile],
    crops: Crops,
) -> None:
    """Write the report; flakes are numbered in the order in which they come."""
    numbered = list(flakes)
    canvas = Canvas(str(path), pagesize=A4, pageCompression=1)
    canvas.setTitle(plain(f"Scan {scan.id}: {scan.name}"))
    canvas.setCreator("Flakescope")
    page = Page(canvas, plain(f"Scan {scan.id}: {scan.name}"))
    draw_header(page, scan, len(numbered))
    draw_map(page, scan, tiles, numbered, MOST_IN_TABLE)
    if numbered:
        draw_table(page, numbered[:MOST_IN_TABLE], len(numbered))
        shown = numbered[:MOST_CROPS]
        draw_crops(page, shown, crops, len(numbered))
    page.end()
    canvas.save()
