"""Examples from reviews: what people said of flakes, cut from the tiles that show them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.examples.labelled import UNKNOWN_LAYERS, Examples, examples_of, join, no_examples
from service.db.blobs import BlobStore
from service.db.engine import Sessions
from service.db.queries.reviews import latest_reviews
from service.db.tables import Detection, Flake, Review, Tile
from service.errors import FlakescopeError
from service.scans.rows import decode_mask
from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.decode import decode
from service.vision.normalise import normalise

# A flake, as its best tile shows it, and what was said of it last.
Said = tuple[Detection, Review]
# An INTEGER list in one query: SQLite takes 32,766 parameters, older builds 999.
AT_ONCE = 900


def reviewed_examples(
    sessions: Sessions, blobs: BlobStore, size: int
) -> tuple[Examples, Counter[str]]:
    """Examples of every flake whose latest review is sure, and how many reviews gave none.

    The group is the scan; scans that hold the same image are one group, as their flakes are the
    same. Source `frame`: they are the pipeline's own candidates, as serving sees them.
    """
    outcome: Counter[str] = Counter()
    with sessions() as session:
        tiles = _tiles_with_reviews(session, outcome)
        group_of = _groups(session, {tile.scan_id for tile, _ in tiles})
    parts = [no_examples(size)]
    for tile, said in tiles:
        try:
            examples = _of_tile(blobs.get(tile.sha256), said, size)
        except FlakescopeError:
            # A tile that was lost or replaced since: its reviews cannot be learned from.
            outcome["tile cannot be read"] += len(said)
            continue
        outcome["used"] += len(examples)
        parts.append(examples.of_group(group_of[tile.scan_id]))
    return join(parts), outcome


def _tiles_with_reviews(session: Session, outcome: Counter[str]) -> list[tuple[Tile, list[Said]]]:
    reviewed = select(Review.flake_id).where(Review.undone_at.is_(None)).distinct()
    flakes = session.scalars(select(Flake).where(Flake.id.in_(reviewed)).order_by(Flake.id)).all()
    by_tile: dict[int, list[Said]] = defaultdict(list)
    for flake, detection, review in _with_detections(session, flakes):
        if review.label == "unsure" or flake.is_lost or detection is None:
            outcome["unsure" if review.label == "unsure" else "no longer found"] += 1
            continue
        by_tile[flake.tile_id].append((detection, review))
    found = (session.get_one(Tile, tile_id) for tile_id in sorted(by_tile))
    return [(tile, by_tile[tile.id]) for tile in found]


def _with_detections(
    session: Session, flakes: Sequence[Flake]
) -> Iterator[tuple[Flake, Detection | None, Review]]:
    """Each flake with its largest detection on its best tile, and its latest review."""
    for start in range(0, len(flakes), AT_ONCE):
        some = {flake.id: flake for flake in flakes[start : start + AT_ONCE]}
        reviews = latest_reviews(session, list(some))
        largest: dict[int, Detection] = {}
        of_some = select(Detection).where(Detection.flake_id.in_(some)).order_by(Detection.area_px)
        for detection in session.scalars(of_some):
            if detection.flake_id is not None and (
                detection.tile_id == some[detection.flake_id].tile_id
            ):
                largest[detection.flake_id] = detection
        for flake_id, flake in some.items():
            yield flake, largest.get(flake_id), reviews[flake_id]


def _groups(session: Session, scans: set[int]) -> Mapping[int, str]:
    """A name for each scan; scans that share an image share it."""
    first: dict[int, int] = {scan: scan for scan in scans}
    seen: dict[str, int] = {}
    rows = session.execute(select(Tile.sha256, Tile.scan_id).order_by(Tile.scan_id)).all()
    for sha256, scan in ((row[0], row[1]) for row in rows if row[1] in scans):
        other = seen.setdefault(sha256, first[scan])
        joined = {first[scan], first[other]}
        first = {s: min(joined) if f in joined else f for s, f in first.items()}
    return {scan: f"scan {name}" for scan, name in first.items()}


def _of_tile(image: bytes, said: Sequence[Said], size: int) -> Examples:
    normalised = normalise(decode(image))
    candidates = [
        Candidate(detection.bbox_x_px, detection.bbox_y_px, decode_mask(detection.mask_png))
        for detection, _ in said
    ]
    return examples_of(
        crop(normalised, candidates, size),
        [_layers(review) for _, review in said],
        positive=[review.label == "graphene" for _, review in said],
        source="frame",
    )


def _layers(review: Review) -> int:
    """What the person said; the column holds a byte."""
    known = review.label == "graphene" and review.layers is not None
    return min(review.layers or UNKNOWN_LAYERS, 100) if known else UNKNOWN_LAYERS
