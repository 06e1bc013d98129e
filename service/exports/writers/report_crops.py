"""Pictures of the report: each flake with its outline, a scale bar and what is known of it."""

import io
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from service.exports.writers.report_map import bar_um, length_words
from service.exports.writers.report_page import BOLD, INK, MARGIN, PALE, RULE, WIDTH, Page, fitted
from service.exports.writers.rows import Crop, ExportedFlake

_ACROSS = 3
_GAP = 5 * mm
_BOX = (WIDTH - 2 * MARGIN - (_ACROSS - 1) * _GAP) / _ACROSS
_PICTURE = 47 * mm
_CELL = _PICTURE + 15 * mm
# Longest side of an embedded picture: 300 dots an inch on paper, with room.
_LONGEST_PX = 700
_JPEG_QUALITY = 88

_OUTLINE, _SEAM = HexColor("#ffd60a"), HexColor("#80000000", hasAlpha=True)

Crops = Callable[[Sequence[ExportedFlake]], dict[int, Crop]]


def draw_crops(page: Page, flakes: Sequence[ExportedFlake], crops: Crops, total: int) -> None:
    """Twelve pictures a page; those of one page are in memory at a time."""
    a_page = _ACROSS * int((page.canvas._pagesize[1] - 2 * MARGIN - 30) // _CELL)
    for start in range(0, len(flakes), a_page):
        some = flakes[start : start + a_page]
        page.turn()
        page.heading("Pictures")
        if start == 0 and total > len(flakes):
            page.write(
                MARGIN + 25 * mm,
                page.top + 8,
                f"of the first {len(flakes):,} of {total:,}",
                9,
                PALE,
            )
        pictures = crops(some)
        for index, flake in enumerate(some):
            x = MARGIN + (index % _ACROSS) * (_BOX + _GAP)
            y = page.top - (index // _ACROSS) * _CELL - _PICTURE
            _draw_picture(page, x, y, flake, pictures.get(flake.id))
            _write_facts(page, x, y, start + index + 1, flake)


def _draw_picture(page: Page, x: float, y: float, flake: ExportedFlake, crop: Crop | None) -> None:
    canvas = page.canvas
    if crop is None:
        canvas.setStrokeColor(RULE)
        canvas.rect(x, y, _BOX, _PICTURE, stroke=1, fill=0)
        page.write(x + 4 * mm, y + _PICTURE / 2, "The tile's image cannot be read.", 8, PALE)
        return
    height_px, width_px = crop.rgb.shape[:2]
    scale = min(_BOX / width_px, _PICTURE / height_px)
    width, height = width_px * scale, height_px * scale
    left, top = x, y + _PICTURE
    canvas.drawImage(_embedded(crop), left, top - height, width, height)
    path = canvas.beginPath()
    (first_x, first_y), *others = [
        (left + (px - crop.corner_px[0]) * scale, top - (py - crop.corner_px[1]) * scale)
        for px, py in flake.polygon_px
    ]
    path.moveTo(first_x, first_y)
    for point_x, point_y in others:
        path.lineTo(point_x, point_y)
    path.close()
    # Yellow in a dark seam shows on bare oxide, on graphene and on white graphite.
    for colour, width_pt in ((_SEAM, 2.0), (_OUTLINE, 0.8)):
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(width_pt)
        canvas.drawPath(path, stroke=1, fill=0)
    if flake.tile.um_per_px:
        _draw_bar(page, left, top - height, width, scale / flake.tile.um_per_px)


def _draw_bar(page: Page, x: float, y: float, width: float, points_per_um: float) -> None:
    length_um = bar_um(width * 0.4 / points_per_um)
    length = length_um * points_per_um
    canvas = page.canvas
    text = length_words(length_um)
    room = max(length, canvas.stringWidth(text, "Helvetica", 6.5)) + 4
    canvas.setFillColorRGB(1, 1, 1, alpha=0.8)
    canvas.rect(x, y, room, 12, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0, alpha=1)
    canvas.rect(x + 2, y + 2, length, 1.5, stroke=0, fill=1)
    page.write(x + 2, y + 5.2, text, 6.5)


def _embedded(crop: Crop) -> ImageReader:
    rgb = crop.rgb
    factor = _LONGEST_PX / max(rgb.shape[:2])
    if factor < 1:
        reduced = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        rgb = np.asarray(reduced, np.uint8)
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY))
    return ImageReader(io.BytesIO(jpeg.tobytes()))


def _write_facts(page: Page, x: float, y: float, number: int, flake: ExportedFlake) -> None:
    canvas = page.canvas
    canvas.setFont(BOLD, 9)
    canvas.setFillColor(INK)
    canvas.drawString(x, y - 10, f"{number}")
    indent = canvas.stringWidth(f"{number}", BOLD, 9) + 4
    page.write(x + indent, y - 10, fitted(f"{flake.label}  {_verdict(flake)}", _BOX - indent, 8), 8)
    page.write(x, y - 20, fitted(_sizes(flake), _BOX, 8), 8)
    page.write(x, y - 30, fitted(_place(flake), _BOX, 8), 8, PALE)


def _verdict(flake: ExportedFlake) -> str:
    review = "" if flake.review is None else f", {flake.review.label.replace('_', ' ')}"
    return f"p = {flake.p_graphene:.2f}{review}"


def _sizes(flake: ExportedFlake) -> str:
    layers = flake.best_layers
    counted = "layers unknown" if layers is None else f"{layers} layer{'s' * (layers != 1)}"
    if flake.area_um2 is None:
        return f"{counted}, {flake.area_px:,} px"
    more = "over " if flake.touches_border else ""
    return f"{counted}, {more}{flake.area_um2:,.1f} µm²"


def _place(flake: ExportedFlake) -> str:
    if flake.centre_um is None:
        return f"tile {flake.tile.name or flake.tile.id}"
    return f"x {flake.centre_um[0]:.2f}, y {flake.centre_um[1]:.2f} µm"
