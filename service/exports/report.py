"""The chip report: a PDF with the scan's facts, a map, a table and pictures of its flakes."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from service.exports.report_crops import draw_crops
from service.exports.report_header import draw_header
from service.exports.report_map import draw_map
from service.exports.report_page import Page, plain
from service.exports.report_table import draw_table
from service.exports.rows import Crop, ExportedFlake, ExportedScan, ExportedTile

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
