"""What a scan left in the database, row for row, without ids and times."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from service.db.base import Base
from service.db.engine import Sessions
from service.db.tables import Detection, Flake, Scan, Tile

# Ids depend on the order in which tiles came, times on when; how often is no result.
_LEFT_OUT = {"id", "scan_id", "tile_id", "flake_id", "created_at", "screened_at", "starts", "run"}

Row = tuple[object, ...]


def rows_of_scan(sessions: Sessions, scan_id: int) -> dict[str, list[str]]:
    """Every row of a scan by table, sorted; what they refer to stands in the place of ids."""
    with sessions() as session:
        scan = session.get_one(Scan, scan_id)
        tiles = {
            tile.id: tile for tile in session.scalars(select(Tile).where(Tile.scan_id == scan_id))
        }
        flakes = {
            one.id: one for one in session.scalars(select(Flake).where(Flake.scan_id == scan_id))
        }
        detections = session.scalars(select(Detection).join(Tile).where(Tile.scan_id == scan_id))
        return {
            "scan": [str(_values(scan))],
            "tile": sorted(str(_values(tile)) for tile in tiles.values()),
            "flake": sorted(_placed(flake, tiles) for flake in flakes.values()),
            "detection": sorted(
                f"{_placed(one, tiles)} of {_flake_of(one, flakes, tiles)}" for one in detections
            ),
        }


def differences(
    expected: dict[str, list[str]], found: dict[str, list[str]]
) -> Iterator[tuple[str, int, int]]:
    """Table, rows that are missing, rows that are too many; only tables that differ."""
    for table, rows in expected.items():
        missing, extra = list(rows), []
        for row in found[table]:
            if row in missing:
                missing.remove(row)
            else:
                extra.append(row)
        if missing or extra:
            yield table, len(missing), len(extra)


def _values(row: Base) -> dict[str, Any]:
    columns = row.__table__.columns.keys()
    return {name: getattr(row, name) for name in columns if name not in _LEFT_OUT}


def _placed(row: Detection | Flake, tiles: dict[int, Tile]) -> str:
    return f"{tiles[row.tile_id].position_key}: {_values(row)}"


def _flake_of(row: Detection, flakes: dict[int, Flake], tiles: dict[int, Tile]) -> str | None:
    return None if row.flake_id is None else _placed(flakes[row.flake_id], tiles)
