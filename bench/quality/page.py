"""Page: every miss and every false alarm pictured, as one HTML file and one PNG."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.quality.cutout import PANEL_PX, Cutout, Picture
from bench.quality.metrics import Estimate
from bench.quality.report import COLUMNS, format_estimate

CAPTION_PX = 18
# More would not be looked at; the HTML page has all.
MOST_ON_SHEET = 90
SHEET_COLUMNS = 3

_STYLE = """
body { font: 14px system-ui, sans-serif; margin: 2rem; background: #fff; color: #222 }
table { border-collapse: collapse } td, th { padding: .2rem .6rem; border: 1px solid #ccc;
text-align: right; white-space: pre-line } figure { display: inline-block; margin: .5rem }
figcaption { font-size: 12px } .truth { color: #1a9e2c } .called { color: #d22 }
.rejected { color: #a80 }
"""


def write_page(path: Path, report: dict[str, Any], cases: Sequence[Cutout]) -> None:
    """Write the HTML page; pictures are inside, it needs no other file."""
    parts = [
        "<!doctype html><meta charset='utf-8'><title>Quality</title>",
        f"<style>{_STYLE}</style><h1>Quality</h1>",
        _table(report),
        "<p>Panels: context; outlines of the <b class='truth'>annotation</b> (blue-green: "
        "not asked for), of what is "
        "<b class='called'>called graphene</b> and of <b class='rejected'>other candidates</b>; "
        "contrast stretched to &plusmn;40 %.</p>",
    ]
    for kind in dict.fromkeys(case.kind for case in cases):
        of_kind = [case for case in cases if case.kind == kind]
        parts.append(f"<h2>{html.escape(kind)} ({len(of_kind)})</h2>")
        parts += [_figure(case) for case in of_kind]
    path.write_text("\n".join(parts), encoding="utf-8")


def _table(report: dict[str, Any]) -> str:
    counted = ("tiles", "flakes", "hit", "false", "duplicate", "ignored")
    names = [n for n in COLUMNS if any(n in s["metrics"] for s in report["sets"].values())]
    head = "".join(f"<th>{name.replace('_', ' ')}" for name in ("set", *counted, *names))
    lines = [f"<tr>{head}"]
    for set_name, numbers in report["sets"].items():
        cells = [set_name, *(str(numbers["counts"][key]) for key in counted)]
        cells += [format_estimate(Estimate(**numbers["metrics"][name])) for name in names]
        lines.append("<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells))
    return f"<table>{''.join(lines)}</table>"


def _figure(case: Cutout) -> str:
    _, encoded = cv2.imencode(".jpg", case.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    source = base64.b64encode(encoded.tobytes()).decode()
    caption = html.escape(f"{case.caption} ({case.sets[0]})")
    return f"<figure><img src='data:image/jpeg;base64,{source}'><figcaption>{caption}</figure>"


def write_sheet(path: Path, cases: Sequence[Cutout]) -> None:
    """Write a contact sheet of the first cases, misses before false alarms."""
    ordered = sorted(cases, key=lambda case: case.kind != "missed")[:MOST_ON_SHEET]
    cells = [_cell(case) for case in ordered] or [_blank_cell()]
    cells += [_blank_cell()] * (-len(cells) % SHEET_COLUMNS)
    lines = [
        np.hstack(cells[start : start + SHEET_COLUMNS])
        for start in range(0, len(cells), SHEET_COLUMNS)
    ]
    cv2.imwrite(str(path), np.vstack(lines)[..., ::-1])


def _blank_cell() -> Picture:
    return np.full((PANEL_PX + CAPTION_PX, 3 * PANEL_PX + 8, 3), 255, np.uint8)


def _cell(case: Cutout) -> Picture:
    cell = _blank_cell()
    cell[CAPTION_PX:, : 3 * PANEL_PX] = case.picture
    text = f"{case.kind}: {case.caption}"
    cv2.putText(cell, text, (2, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return cell
