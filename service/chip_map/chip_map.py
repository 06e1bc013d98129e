"""The chip map of a scan: what it shows, and its squares at each zoom."""

from dataclasses import dataclass
from math import ceil, floor, log2

from service.checks import found
from service.chip_map.drawing import Desk, Drawn, Shelves, Window, draw
from service.chip_map.layout import Layout, read_layout
from service.chip_map.schemas import ChipMap
from service.db.engine import Sessions
from service.db.tables import Scan
from service.errors import NotFound

SQUARE_PX = 256
# 0.4 um/px then reaches 1.6 m in one square, so that hardly any scan outgrows its pyramid.
_LEAST_ZOOM = 14

Extent = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Pyramid:
    """Zooms and squares; lengths are in the map's unit.

    Attributes
    ----------
    origin : (x, y)
        Top left corner of the squares (0, 0).
    resolutions : tuple of float
        Unit per pixel, coarse to fine.
    min_zoom : int
        The finest at which all fits into the length of a square.
    """

    origin: tuple[float, float]
    resolutions: tuple[float, ...]
    min_zoom: int

    @property
    def max_zoom(self) -> int:
        """The finest."""
        return len(self.resolutions) - 1

    def corner(self, zoom: int, x: int, y: int) -> tuple[float, float]:
        """Top left corner of a square on the map."""
        side = SQUARE_PX * self.resolutions[zoom]
        return self.origin[0] + x * side, self.origin[1] + y * side


def build_pyramid(extent: Extent, unit_per_px: float) -> Pyramid:
    """Build the pyramid of a map of this extent, 1:1 at the scale of its tiles."""
    left, top, right, bottom = extent
    fits = max(0, ceil(log2(max(right - left, bottom - top) / (SQUARE_PX * unit_per_px))))
    deepest = max(_LEAST_ZOOM, fits)
    side = SQUARE_PX * unit_per_px * 2**deepest
    return Pyramid(
        origin=(floor(left / side) * side, floor(top / side) * side),
        resolutions=tuple(unit_per_px * 2.0 ** (deepest - zoom) for zoom in range(deepest + 1)),
        min_zoom=deepest - fits,
    )


@dataclass(frozen=True, slots=True)
class MapPicture:
    """A picture of a map, and whether it is of the revision that was asked for."""

    drawn: Drawn
    is_current: bool


def map_of_scan(sessions: Sessions, shelves: Shelves, scan_id: int) -> ChipMap:
    """Describe what the map of a scan shows now; raises `NotFound`."""
    layout = layout_of(sessions, shelves, scan_id)
    pyramid = _pyramid(layout)
    shown = len(layout.ids)
    return ChipMap(
        scan_id=scan_id,
        revision=str(layout.revision),
        laid_out="stage" if layout.on_stage else "grid",
        unit="um" if layout.on_stage else "px",
        extent=_stage_extent(layout) if shown else None,
        y_axis="down" if layout.y_sign == 1 else "up",
        camera_turn_deg=layout.turn_deg,
        um_per_px=layout.unit_per_px if layout.on_stage else None,
        tiles=shown,
        tiles_without_place=layout.without_place,
        tiles_without_picture=shown - int(layout.has_picture.sum()),
        square_px=SQUARE_PX,
        origin=None if pyramid is None else (pyramid.origin[0], layout.y_sign * pyramid.origin[1]),
        resolutions=[] if pyramid is None else list(pyramid.resolutions),
        min_zoom=0 if pyramid is None else pyramid.min_zoom,
        max_zoom=0 if pyramid is None else pyramid.max_zoom,
    )


def draw_square(
    desk: Desk, scan_id: int, place: tuple[int, int, int], revision: str | None
) -> MapPicture:
    """Draw the square (zoom, x, y) of a scan's map; raises `NotFound`."""
    layout, pyramid = _shown(desk, scan_id)
    zoom, x, y = place
    if not 0 <= zoom <= pyramid.max_zoom:
        raise NotFound(f"There is no zoom {zoom}: this map has 0 to {pyramid.max_zoom}.")
    left, top = pyramid.corner(zoom, x, y)
    window = Window(left, top, pyramid.resolutions[zoom], SQUARE_PX, SQUARE_PX)
    return MapPicture(draw(desk, layout, window), revision == str(layout.revision))


def draw_overview(desk: Desk, scan_id: int, most_px: int, revision: str | None) -> MapPicture:
    """Draw a scan's whole map in one picture; raises `NotFound`."""
    layout, _ = _shown(desk, scan_id)
    left, top, right, bottom = layout.extent
    # Not finer than the tiles are.
    resolution = max((right - left) / most_px, (bottom - top) / most_px, layout.unit_per_px)
    width, height = (max(1, round(way / resolution)) for way in (right - left, bottom - top))
    window = Window(left, top, resolution, min(width, most_px), min(height, most_px))
    return MapPicture(draw(desk, layout, window), revision == str(layout.revision))


def layout_of(sessions: Sessions, shelves: Shelves, scan_id: int) -> Layout:
    """Read the present layout of a scan; raises `NotFound`."""
    with sessions() as session:
        scan = found(session.get(Scan, scan_id), f"scan {scan_id}")
        key = scan_id, scan.map_revision
        return shelves.layouts.get(key, lambda: read_layout(session, scan))


def _shown(desk: Desk, scan_id: int) -> tuple[Layout, Pyramid]:
    layout = layout_of(desk.stores.sessions, desk.shelves, scan_id)
    pyramid = _pyramid(layout)
    if pyramid is None:
        raise NotFound(f"Scan {scan_id} has nothing to show yet: none of its tiles was screened.")
    return layout, pyramid


def _pyramid(layout: Layout) -> Pyramid | None:
    return build_pyramid(layout.extent, layout.unit_per_px) if len(layout.ids) else None


def _stage_extent(layout: Layout) -> Extent:
    left, top, right, bottom = layout.extent
    if layout.y_sign == 1:
        return left, top, right, bottom
    return left, -bottom, right, -top
