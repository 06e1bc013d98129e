"""Say which flakes an export holds, and why it cannot be made."""

from sqlalchemy.orm import Session

from service.db.queries.chip_map import count_known
from service.db.queries.flakes import FlakeFilter
from service.errors import Conflict

_COLUMNS = {"area_um2": "area", "id": "number"}


def criteria(which: FlakeFilter, sort: str, *, everything: bool) -> str:
    """Describe the selection as a sentence's end."""
    parts = [_kind(which.graphene, everything=everything)]
    for value, words in (
        (which.min_area_um2, "at least {:g} um2"),
        (which.max_area_um2, "at most {:g} um2"),
        (which.min_p, "p_graphene at least {:g}"),
    ):
        if value is not None:
            parts.append(words.format(value))
    if which.layers:
        parts.append(f"of {', '.join(map(str, which.layers))} layers")
    if which.reviewed is not None:
        parts.append("reviewed" if which.reviewed else "not reviewed")
    return f"{', '.join(parts)}; {_order(sort)}"


def check_positions_known(session: Session, scan_id: int) -> None:
    """Raise `Conflict` where no flake of a scan can have a place on the stage."""
    tiles, placed, scaled = count_known(session, scan_id)
    send = f"to POST /v1/scans/{scan_id}/positions"
    if not tiles:
        raise Conflict(f"Scan {scan_id} has no tiles yet: there is nothing with a position.")
    if not placed:
        raise Conflict(
            f"Scan {scan_id} has no stage coordinates: none of its {tiles:,} tiles has a stage "
            f"position. Send a list of them {send}; csv, json and coco work without."
        )
    if not scaled:
        raise Conflict(
            f"Scan {scan_id} has stage positions but no scale: um per pixel is unknown for its "
            f"{tiles:,} tiles. Send um_per_px {send}; csv, json and coco work without."
        )


def no_positions(scan_id: int, left_out: int) -> Conflict:
    """Flakes match, but none of them lies on a tile with position and scale."""
    return Conflict(
        f"None of the {left_out:,} flakes asked for has stage coordinates: their tiles lack a "
        f"position or a scale. Send them to POST /v1/scans/{scan_id}/positions; csv, json and coco "
        "work without."
    )


def left_out_note(left_out: int) -> list[str]:
    """Note how many flakes are left out for want of a position."""
    if not left_out:
        return []
    return [f"{left_out:,} flakes have no stage coordinates and are left out."]


def _kind(graphene: bool | None, *, everything: bool) -> str:
    if graphene is not None:
        return f"what the model calls {'graphene' if graphene else 'no graphene'}"
    if everything:
        return "everything that was found"
    return "graphene by a person's verdict, else by the model's"


def _order(sort: str) -> str:
    column = sort.removeprefix("-")
    end = "largest" if sort.startswith("-") else "smallest"
    return f"by {_COLUMNS.get(column, column)}, {end} first"
