"""Examples from reviews: what people said of flakes, cut from the tiles that show them."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.examples.labelled import UNKNOWN_LAYERS, Examples, examples_of, join, no_examples
from service.db.queries.reviews import Reviewed, left_out_reviews
from service.db.tables import Tile
from service.reviews.crops import reviewed_tiles
from service.scans.tiles import Stores


def reviewed_examples(stores: Stores, size: int) -> tuple[Examples, Counter[str]]:
    """Make examples of every flake whose latest review is sure; and count reviews that gave none.

    The group is the scan; scans that hold the same image are one group, as their flakes are the
    same. Source `frame`: they are the pipeline's own candidates, as serving sees them.
    """
    outcome: Counter[str] = Counter()
    with stores.sessions() as session:
        unsure, gone = left_out_reviews(session)
        group_of = _groups(session)
    outcome.update({name: n for name, n in (("unsure", unsure), ("no longer found", gone)) if n})
    parts = [no_examples(size)]
    for tile in reviewed_tiles(stores, {size}):
        if tile.crops is None:
            outcome["tile cannot be read"] += len(tile.said)
            continue
        outcome["used"] += len(tile.said)
        examples = examples_of(
            tile.crops[size],
            [_layers(one) for one in tile.said],
            positive=[one.label == "graphene" for one in tile.said],
            source="frame",
        )
        parts.append(examples.of_group(group_of[tile.said[0].scan_id]))
    return join(parts), outcome


def _groups(session: Session) -> Mapping[int, str]:
    """Name a group for each scan; scans that share an image share it."""
    rows = session.execute(select(Tile.sha256, Tile.scan_id).order_by(Tile.scan_id)).all()
    first = {scan: scan for _, scan in rows}
    seen: dict[str, int] = {}
    for sha256, scan in rows:
        other = seen.setdefault(sha256, first[scan])
        joined = {first[scan], first[other]}
        if len(joined) > 1:
            first = {s: min(joined) if f in joined else f for s, f in first.items()}
    return {scan: f"scan {name}" for scan, name in first.items()}


def _layers(said: Reviewed) -> int:
    """Read the layers that the person said; the column holds a byte."""
    known = said.label == "graphene" and said.layers is not None
    return min(said.layers or UNKNOWN_LAYERS, 100) if known else UNKNOWN_LAYERS
