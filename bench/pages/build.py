"""A million flakes as a year of scans leaves them; written past the ORM, in minutes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.schema import CreateIndex, DropIndex

from service.db.base import utc_now
from service.db.tables import Flake, ModelVersion, Scan, Tile

FLAKES_A_TILE = 25
_AT_ONCE = 5_000

# A flake's outline has some thirty corners: rows are as fat as real ones.
_CORNERS = 30


@dataclass(frozen=True, slots=True)
class Chips:
    """Flakes of each scan; the last scan has no scale, so no areas."""

    sizes: tuple[int, ...]
    seed: int = 1


def build(engine: Engine, chips: Chips) -> None:
    """Fill an empty, migrated database; its indexes are made last, which is faster."""
    flakes = Flake.metadata.tables["flake"]
    indexes = sorted(flakes.indexes, key=lambda index: str(index.name))
    with engine.begin() as connection:
        for index in indexes:
            connection.execute(DropIndex(index))
        connection.execute(insert(ModelVersion), [_model()])
        first_tile, first_flake = 1, 1
        for number, size in enumerate(chips.sizes, 1):
            rng = np.random.default_rng((chips.seed, number))
            tiles = -(-size // FLAKES_A_TILE)
            connection.execute(insert(Scan), [_scan(number, tiles)])
            _insert(connection, Tile, _tiles(number, first_tile, tiles))
            last = number == len(chips.sizes)
            rows = _flakes(number, (first_flake, first_tile), size, rng, scaled=not last)
            _insert(connection, Flake, rows)
            first_tile, first_flake = first_tile + tiles, first_flake + size
        _add_reviews(connection)
        for index in indexes:
            connection.execute(CreateIndex(index))
        if engine.dialect.name == "postgresql":
            for table in ("scan", "tile", "flake", "review", "model_version"):
                connection.execute(
                    text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
                )
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # As autovacuum does within a minute or so.
            connection.execute(text("VACUUM ANALYZE"))


def _insert(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            connection.execute(insert(table), some)
            some = []
    if some:
        connection.execute(insert(table), some)


def _model() -> dict[str, Any]:
    return {
        "version": "pages",
        "sha256": "0" * 64,
        "input_size_px": 64,
        "threshold": 0.5,
        "temperature": 1.0,
        "data_digest": "",
        "metrics": {},
        "provenance": {},
        "is_active": False,
        "created_at": utc_now(),
    }


def _scan(number: int, tiles: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"chip {number}",
        "flip_x": False,
        "flip_y": False,
        "swap_xy": False,
        "position_reference": "centre",
        "state": "done",
        "tiles_expected": tiles,
        "notes": [],
        "run": 1,
        "taken": tiles,
        "chunks": 1,
        "created_at": utc_now(),
    }


def _tiles(scan_id: int, first: int, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "id": first + number,
            "scan_id": scan_id,
            "position_key": f"row 0, col {number}",
            "sha256": "0" * 64,
            "media_type": "image/png",
            "state": "screened",
            "warnings": [],
            "starts": 0,
            "created_at": utc_now(),
        }


def _flakes(
    scan_id: int, first: tuple[int, int], size: int, rng: np.random.Generator, *, scaled: bool
) -> Iterator[dict[str, Any]]:
    """Most candidates are residue: small, improbable, and of no number of layers.

    Large flakes are thick ones, so that few of the largest are graphene.
    """
    area_um2 = np.exp(rng.normal(3.4, 1.4, size))
    graphene = rng.random(size) < 0.12 / (1 + area_um2 / 300)
    p = np.where(graphene, rng.beta(6, 1.5, size), rng.beta(0.5, 5, size))
    layers = np.where(graphene, rng.integers(1, 5, size), rng.integers(1, 30, size))
    has_layers = graphene | (rng.random(size) < 0.35)
    lost = rng.random(size) < 0.001
    angles = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    created_at = utc_now()
    for n in range(size):
        at = rng.uniform(50, 1900, 2)
        radius = float(np.sqrt(area_um2[n] / np.pi) / 0.38)
        outline = np.round(at + radius * circle, 2).tolist()
        yield {
            "id": first[0] + n,
            "scan_id": scan_id,
            "tile_id": first[1] + n // FLAKES_A_TILE,
            "p_graphene": float(p[n]),
            "is_graphene": bool(p[n] >= 0.5),
            "threshold": 0.5,
            "model_version": "pages",
            "layers": int(layers[n]) if has_layers[n] else None,
            "layers_source": "thin_film" if has_layers[n] else None,
            "area_px": int(area_um2[n] / 0.38**2) + 1,
            "area_um2": float(area_um2[n]) if scaled else None,
            "bbox_x_px": int(at[0]),
            "bbox_y_px": int(at[1]),
            "bbox_width_px": int(2 * radius) + 1,
            "bbox_height_px": int(2 * radius) + 1,
            "centre_x_px": float(at[0]),
            "centre_y_px": float(at[1]),
            "polygon_px": outline,
            "polygon_um": outline if scaled else None,
            "contrast_r": -0.1,
            "contrast_g": -0.1,
            "contrast_b": -0.05,
            "touches_border": False,
            "is_lost": bool(lost[n]),
            "is_reviewed": False,
            "created_at": created_at,
        }


def _add_reviews(connection: Connection) -> None:
    """People look at what is called graphene: at one in eight, and at few of the others."""
    # Multiplicative hashing of the id: spread over all scans, the same each time.
    chosen = "(id * 2654435761) % 1000 < CASE WHEN is_graphene THEN 125 ELSE 2 END"
    for statement in (
        f"UPDATE flake SET is_reviewed = true WHERE {chosen}",
        "INSERT INTO review (flake_id, label, reviewer, created_at) "
        "SELECT id, 'graphene', 'bench', created_at FROM flake WHERE is_reviewed",
        "INSERT INTO flake_count (scan_id, is_graphene, is_reviewed, flakes) "
        "SELECT scan_id, is_graphene, is_reviewed, count(*) FROM flake WHERE NOT is_lost "
        "GROUP BY scan_id, is_graphene, is_reviewed",
    ):
        connection.execute(text(statement))


def describe(engine: Engine) -> dict[str, Any]:
    """How many flakes there are, of which kinds."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT is_graphene, is_reviewed, sum(flakes) FROM flake_count "
                "GROUP BY is_graphene, is_reviewed"
            )
        )
        kinds = {
            json.dumps({"graphene": bool(graphene), "reviewed": bool(reviewed)}): int(flakes)
            for graphene, reviewed, flakes in rows
        }
    return {"flakes": sum(kinds.values()), "kinds": kinds}
