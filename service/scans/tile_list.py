"""A tile, and the tiles of a scan."""

from service.checks import check_limit, found, read_cursor, write_cursor
from service.db.engine import Sessions
from service.db.queries.scans import page_of_tiles
from service.db.tables import Scan, Tile
from service.scans import tile_schemas
from service.scans.reading import read_tile
from service.scans.tile_schemas import TilePage

# The only order in which tiles are listed: that in which they came.
_SORT = "id"


def tile_of(sessions: Sessions, tile_id: int) -> tile_schemas.Tile:
    """Get a tile; raises `NotFound`."""
    with sessions() as session:
        return read_tile(found(session.get(Tile, tile_id), f"tile {tile_id}"))


def list_tiles(
    sessions: Sessions,
    scan_id: int,
    *,
    state: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> TilePage:
    """Tiles of a scan, in one state or all.

    Raises
    ------
    NotFound
        There is no such scan.
    InvalidValue
        The limit or the cursor is wrong.
    """
    check_limit(limit)
    after_id = 0 if cursor is None else read_cursor(cursor, _SORT)[1]
    with sessions() as session:
        found(session.get(Scan, scan_id), f"scan {scan_id}")
        # One more than asked for tells whether there is a next page.
        tiles = page_of_tiles(session, scan_id, after_id, limit + 1, state)
    last = tiles[limit - 1] if len(tiles) > limit else None
    return TilePage(
        items=[read_tile(tile) for tile in tiles[:limit]],
        next_cursor=None if last is None else write_cursor(_SORT, None, last.id),
    )
