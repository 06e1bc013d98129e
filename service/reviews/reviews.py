"""What people say of flakes: one by one, many at once, taken back; the history is kept."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.checks import LAYERS_RANGE, check_range, check_text, found
from service.db.base import utc_now
from service.db.engine import Sessions, writing
from service.db.queries.events import add_event
from service.db.queries.flakes import flakes_by_id
from service.db.queries.reviews import latest_reviews, reviews_of_flake
from service.db.queries.scans import lock_scan
from service.db.tables import Flake, Review
from service.db.tables.model import EventKind
from service.errors import InvalidValue, NotFound
from service.reviews.schemas import PastReview, Undone
from service.scans import tile_schemas
from service.scans.reading import flake_row, read_flakes
from service.scans.tile_schemas import NewReview

REVIEWED: EventKind = "reviewed"

# More than a person selects in one sitting; one transaction of well under a second.
MOST_AT_ONCE = 1000

# Ids are 64 bit in both databases; a larger number would overflow there.
_MOST_ID = 2**63 - 1


def review_flake(sessions: Sessions, flake_id: int, new: NewReview, who: str) -> tile_schemas.Flake:
    """Add a review to a flake's history; raises `NotFound` or `InvalidValue`.

    The latest review said again by the same person adds nothing.
    """
    return review_flakes(sessions, [flake_id], new, who)[0]


def review_flakes(
    sessions: Sessions, flake_ids: Sequence[int], new: NewReview, who: str
) -> list[tile_schemas.Flake]:
    """Several flakes, each with the same review added, all or none; by ascending id.

    Raises
    ------
    NotFound
        One of the flakes is not there; its id is named.
    InvalidValue
        The review is wrong, or there are no or too many ids.
    """
    check_range("layers", new.layers, LAYERS_RANGE)
    check_text("reviewer", who, longest=200)
    check_text("note", new.note or None, longest=4000)
    ids = _checked("flake_ids", flake_ids)
    said = (new.label, new.layers, new.note or None, who)
    with writing(sessions) as session:
        flakes = _locked(session, ids)
        latest = latest_reviews(session, ids)
        judged = [flake for flake in flakes if _add(session, flake, said, latest.get(flake.id))]
        session.flush()
        _tell(session, judged, who)
        return read_flakes(session, flakes)


def undo_review(sessions: Sessions, flake_id: int, who: str) -> tile_schemas.Flake:
    """Undo a flake's latest review, which no longer counts; the one before it does again.

    Raises
    ------
    NotFound
        No such flake, or it has no review that counts.
    """
    with writing(sessions) as session:
        flake = _locked(session, [flake_id])[0]
        latest = latest_reviews(session, [flake_id]).get(flake_id)
        _undo(session, [flake], [found(latest, f"review of flake {flake_id}")], who)
        return read_flakes(session, [flake])[0]


def undo_reviews(sessions: Sessions, review_ids: Sequence[int], who: str) -> Undone:
    """Several reviews that no longer count, in one transaction; the ones before them do again.

    One that was undone already, that is gone with its flake, or after which somebody said
    something else stays as it is.

    Raises
    ------
    InvalidValue
        There are no or too many ids.
    """
    ids = _checked("review_ids", review_ids)
    with writing(sessions) as session:
        asked = session.execute(select(Review.id, Review.flake_id).where(Review.id.in_(ids))).all()
        flakes = _locked(session, sorted({row.flake_id for row in asked}))
        latest = latest_reviews(session, [flake.id for flake in flakes])
        wanted = {row.id for row in asked}
        taken = [review for review in latest.values() if review.id in wanted]
        gone = {review.flake_id for review in taken}
        losing = [flake for flake in flakes if flake.id in gone]
        _undo(session, losing, taken, who)
        kept = [flake.id for flake in flakes if flake.id not in gone]
        return Undone(items=read_flakes(session, losing), kept=kept)


def list_reviews(sessions: Sessions, flake_id: int) -> list[PastReview]:
    """List every review of a flake, oldest first, also undone ones; raises `NotFound`."""
    with sessions() as session:
        flake_row(session, flake_id)
        return [PastReview.read(review) for review in reviews_of_flake(session, flake_id)]


def _checked(name: str, given: Sequence[int]) -> list[int]:
    ids = sorted(set(given))
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise InvalidValue(f"{name} has {len(ids)} ids; it has to have 1 to {MOST_AT_ONCE}.")
    check_range(f"The largest of {name}", ids[-1], (1, _MOST_ID))
    check_range(f"The least of {name}", ids[0], (1, _MOST_ID))
    return ids


def _undo(session: Session, flakes: Sequence[Flake], reviews: Sequence[Review], who: str) -> None:
    """Undo `reviews`, the latest of `flakes`, which are locked."""
    for review in reviews:
        review.undone_at, review.undone_by = utc_now(), who[:200]
    session.flush()
    left = latest_reviews(session, [flake.id for flake in flakes])
    for flake in flakes:
        flake.is_reviewed = flake.id in left
    session.flush()
    _tell(session, flakes, who)


def _tell(session: Session, flakes: Sequence[Flake], who: str) -> None:
    """Tell everybody what counts of some flakes now: one event a scan, however many they are."""
    latest = latest_reviews(session, [flake.id for flake in flakes])
    told: dict[int, list[dict[str, object]]] = {}
    for flake in flakes:
        said = latest.get(flake.id)
        told.setdefault(flake.scan_id, []).append(
            {
                "flake_id": flake.id,
                "label": said.label if said else None,
                "layers": said.layers if said else None,
                "reviewer": said.reviewer if said else None,
            }
        )
    for scan_id, reviews in told.items():
        add_event(session, REVIEWED, {"by": who, "reviews": reviews}, scan_id=scan_id)


def _locked(session: Session, ids: Sequence[int]) -> list[Flake]:
    """Lock the flakes' scans, then read the flakes: a merge sees the review, or comes first."""
    # In the order of ids: two that lock the same scans wait, and do not block each other.
    for scan_id in sorted({flake.scan_id for flake in flakes_by_id(session, ids).values()}):
        lock_scan(session, scan_id)
    session.expire_all()
    flakes = flakes_by_id(session, ids)
    missing = [str(flake_id) for flake_id in ids if flake_id not in flakes]
    if missing:
        words = "flake" if len(missing) == 1 else "flakes"
        raise NotFound(f"There is no {words} {', '.join(missing[:10])}.")
    return [flakes[flake_id] for flake_id in ids]


# Label, layers, note, reviewer.
Said = tuple[str, int | None, str | None, str]


def _add(session: Session, flake: Flake, said: Said, latest: Review | None) -> bool:
    """Add a review; tell whether it says something new."""
    if latest and said == (latest.label, latest.layers, latest.note, latest.reviewer):
        return False
    label, layers, note, reviewer = said
    session.add(Review(flake_id=flake.id, label=label, layers=layers, note=note, reviewer=reviewer))
    return True
