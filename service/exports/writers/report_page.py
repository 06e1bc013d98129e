"""A page of the report: its margins, its foot, how far it is filled."""

from dataclasses import dataclass, field

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
MARGIN = 15 * mm
FONT, BOLD = "Helvetica", "Helvetica-Bold"
INK, PALE, RULE = HexColor("#1a1a1a"), HexColor("#666666"), HexColor("#c8c8c8")

# Okabe and Ito's colours, which most colour-blind readers tell apart; print dark enough on white.
_BY_LAYERS = {
    1: HexColor("#d55e00"),
    2: HexColor("#0072b2"),
    3: HexColor("#009e73"),
    4: HexColor("#aa4499"),
}
_UNKNOWN = HexColor("#555555")
_THICKER = HexColor("#8c6d1f")


@dataclass(slots=True)
class Page:
    """A page of the report, with the height up to which it is free.

    Attributes
    ----------
    top : float
        Height above the foot of the paper, in points, up to which the page is free.
    """

    canvas: Canvas
    title: str
    number: int = 1
    top: float = field(default=HEIGHT - MARGIN)

    def turn(self) -> None:
        """Go on with a new page."""
        self.end()
        self.canvas.showPage()
        self.number += 1
        self.top = HEIGHT - MARGIN

    def end(self) -> None:
        """Write the foot."""
        self.write(MARGIN, MARGIN - 8 * mm, fitted(self.title, WIDTH - 3 * MARGIN, 8), 8, PALE)
        self.canvas.drawRightString(WIDTH - MARGIN, MARGIN - 8 * mm, f"page {self.number}")

    def write(self, x: float, y: float, text: str, size: float = 9, colour: Color = INK) -> None:
        """Write a line of text."""
        self.canvas.setFont(FONT, size)
        self.canvas.setFillColor(colour)
        self.canvas.drawString(x, y, text)

    def heading(self, text: str) -> None:
        """Write a heading; what follows goes below it."""
        self.top -= 12
        self.canvas.setFont(BOLD, 12)
        self.canvas.setFillColor(INK)
        self.canvas.drawString(MARGIN, self.top, text)
        self.top -= 8


def colour_of(layers: int | None) -> Color:
    """Choose the colour of a number of layers."""
    if layers is None:
        return _UNKNOWN
    return _BY_LAYERS.get(layers, _THICKER)


def plain(text: str) -> str:
    """Replace letters that the fonts of every PDF reader lack by "?"."""
    return " ".join(text.split()).encode("cp1252", "replace").decode("cp1252")


def fitted(text: str, width: float, size: float, font: str = FONT) -> str:
    """Cut a text to a width in points, with dots where something is missing."""
    written = plain(text)
    if stringWidth(written, font, size) <= width:
        return written
    while written and stringWidth(written + "...", font, size) > width:
        written = written[:-1]
    return written + "..."


def fitted_end(text: str, width: float, size: float) -> str:
    """Cut a text at its beginning to a width: what tells names of files apart is their end."""
    return fitted(plain(text)[::-1], width, size)[::-1]
