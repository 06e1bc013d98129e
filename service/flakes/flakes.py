"""Find and show flakes."""

from service.checks import (
    AREA_UM2_RANGE,
    LAYERS_RANGE,
    check_limit,
    check_range,
    found,
    read_cursor,
    write_cursor,
)
from service.db.engine import Sessions
from service.db.queries.flake_pages import find_flakes
from service.db.queries.flakes import SORTS, FlakeFilter, Order, PageEnd
from service.db.tables import Detection, Scan, Tile
from service.errors import InvalidValue
from service.flakes.crops import Cut, Originals, check_look, cut
from service.flakes.schemas import Look
from service.scans import tile_schemas
from service.scans.reading import flake_row, read_flakes, seen
from service.scans.rows import seen_columns
from service.scans.tile_schemas import FlakePage
from service.scans.tiles import Stores
from service.screening.screen import Screened


def list_flakes(
    sessions: Sessions,
    which: FlakeFilter,
    *,
    sort: str = "-area_um2",
    limit: int = 100,
    cursor: str | None = None,
) -> FlakePage:
    """Flakes that match, sorted by id, area_um2, p_graphene or layers ('-' = largest first).

    Unknown areas and layers come last either way. Where the filters leave few of very many, a
    page may be short, even empty, and still have a cursor.

    Raises
    ------
    NotFound
        `which.scan_id` names no scan.
    InvalidValue
        A bad filter, sort, limit or cursor.
    """
    check_limit(limit)
    check_filter(which)
    order = _order(sort)
    after = None if cursor is None else PageEnd(*read_cursor(cursor, sort))
    with sessions() as session:
        if which.scan_id is not None:
            found(session.get(Scan, which.scan_id), f"scan {which.scan_id}")
        found_flakes = find_flakes(session, which, order, after, limit)
        behind = found_flakes.behind
        return FlakePage(
            items=read_flakes(session, found_flakes.flakes),
            next_cursor=None if behind is None else write_cursor(sort, behind.value, behind.id),
            total=found_flakes.total,
            total_is_exact=found_flakes.total_is_exact,
        )


def get_flake(sessions: Sessions, flake_id: int) -> tile_schemas.Flake:
    """Find one flake, also a lost one; raises `NotFound`."""
    with sessions() as session:
        return read_flakes(session, [flake_row(session, flake_id)])[0]


def cut_of_flake(sessions: Sessions, flake_id: int, look: Look) -> Cut:
    """Find what a picture of a flake is to be cut from; nothing is decoded yet.

    Raises
    ------
    NotFound
        No such flake.
    InvalidValue
        The picture would be too large or too small.
    """
    check_look(look)
    with sessions() as session:
        flake = flake_row(session, flake_id)
        tile = found(session.get(Tile, flake.tile_id), f"tile {flake.tile_id}")
        box_px = (flake.bbox_x_px, flake.bbox_y_px, flake.bbox_width_px, flake.bbox_height_px)
        return Cut(tile.sha256, box_px, flake.polygon_px, look)


def crop_of_flake(stores: Stores, originals: Originals, what: Cut) -> bytes:
    """Cut a flake and its surroundings from its best tile, as PNG; raises `NotFound`."""
    return cut(originals.open(stores.blobs, what.sha256), what)


def _order(sort: str) -> Order:
    column = sort.removeprefix("-")
    if column not in SORTS:
        raise InvalidValue(
            f"sort is {sort!r}; it has to be one of {', '.join(SORTS)}, with - for largest first."
        )
    return Order(column, descending=sort.startswith("-"))


def check_filter(which: FlakeFilter) -> None:
    """Raise `InvalidValue` on the first value that is wrong."""
    check_range("min_area_um2", which.min_area_um2, AREA_UM2_RANGE)
    check_range("max_area_um2", which.max_area_um2, AREA_UM2_RANGE)
    check_range("min_p", which.min_p, (0, 1))
    for layers in which.layers:
        check_range("layers", layers, LAYERS_RANGE)


def unsaved_flakes(screened: Screened) -> list[tile_schemas.Flake]:
    """Make a flake of every candidate of one image, without ids and without a stage position."""
    flakes = []
    for found_there in screened.screening.detections:
        row = Detection(**seen_columns(screened.screening, found_there, screened.um_per_px))
        flakes.append(
            tile_schemas.Flake.read(
                row,
                **seen(row),
                id=None,
                scan_id=None,
                # As measured: only what is saved is rounded.
                polygon_px=found_there.measurement.polygon_px.tolist(),
                polygon_um=None,
                centre_um=None,
                is_lost=False,
                review=None,
            )
        )
    return flakes
