"""CSV: one line a flake or a tile, units in the headings, unknown cells empty."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from service.exports.writers.json import um_or_none
from service.exports.writers.rows import ExportedFlake, ExportedScan, ExportedTile
from service.scans.tile_schemas import Review

# A spreadsheet takes a cell that begins so for a formula, which may call programs.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

_FLAKE = """label flake_id scan_id scan_name tile_id tile_name x_um y_um z_um layers layers_source
p_graphene is_graphene threshold model_version area_um2 area_px bbox_x_px bbox_y_px bbox_width_px
bbox_height_px centre_x_px centre_y_px contrast_r contrast_g contrast_b touches_border review
reviewed_layers reviewer review_note reviewed_at""".split()  # noqa: SIM905 - readable as a list

_TILE = ("name", "row", "col", "stage_x_um", "stage_y_um", "stage_z_um", "um_per_px", "state")


def flakes_csv(scan: ExportedScan, flakes: Iterable[ExportedFlake]) -> Iterator[bytes]:
    """Write a table of flakes, line by line."""
    yield _line(_FLAKE)
    for flake in flakes:
        yield _line([*_seen(scan, flake), *_reviewed(flake.review)])


def tiles_csv(tiles: Iterable[ExportedTile]) -> Iterator[bytes]:
    """Write a table of tiles; with other numbers in it, it ties a scan to the stage again."""
    yield _line(_TILE)
    for tile in tiles:
        yield _line([getattr(tile, name) for name in _TILE])


def harmless(text: str) -> str:
    """Escape with an apostrophe a text that looks like what a spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _seen(scan: ExportedScan, flake: ExportedFlake) -> list[Any]:
    x_um, y_um = flake.centre_um or (None, None)
    return [
        flake.label,
        flake.id,
        flake.scan_id,
        scan.name,
        flake.tile.id,
        flake.tile.name,
        um_or_none(x_um),
        um_or_none(y_um),
        um_or_none(flake.stage_z_um),
        flake.layers,
        flake.layers_source,
        round(flake.p_graphene, 6),
        flake.is_graphene,
        round(flake.threshold, 6),
        flake.model_version,
        um_or_none(flake.area_um2),
        flake.area_px,
        *flake.bbox_px,
        *(round(px, 2) for px in flake.centre_px),
        *(round(contrast, 5) for contrast in flake.contrast_rgb),
        flake.touches_border,
    ]


def _reviewed(review: Review | None) -> list[Any]:
    if review is None:
        return [None] * 5
    when = review.created_at.isoformat()
    return [review.label, review.layers, review.reviewer, review.note, when]


def _line(cells: Iterable[Any]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow([_cell(cell) for cell in cells])
    return written.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return harmless(value) if isinstance(value, str) else value
