"""The head of the report: what the scan is."""

import re

from reportlab.lib.units import mm

from service.exports.report_page import BOLD, INK, MARGIN, PALE, RULE, WIDTH, Page, fitted
from service.exports.rows import ExportedScan

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
