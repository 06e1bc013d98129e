"""Queries about reviews: the newest, the queue of what nobody reviewed, images taken again."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from service.db.hooks import note_review
from service.db.tables import Detection, Flake, FlakeCount, Review, Revisit, Scan


def latest_reviews(session: Session, flake_ids: Collection[int]) -> dict[int, Review]:
    """Find the review that counts of each of some flakes; those without one are left out.

    The latest that nobody undid.
    """
    if not flake_ids:
        return {}
    # Few flakes have more than a handful: to read them all is one look at one index.
    found = session.scalars(
        select(Review)
        .where(Review.flake_id.in_(flake_ids), Review.undone_at.is_(None))
        .order_by(Review.flake_id, Review.id)
    )
    return {review.flake_id: review for review in found}


def reviews_of_flake(session: Session, flake_id: int) -> list[Review]:
    """List every review of a flake, oldest first, also those that were undone."""
    query = select(Review).where(Review.flake_id == flake_id).order_by(Review.id)
    return list(session.scalars(query))


def move_reviews(session: Session, from_flake_id: int, to_flake_id: int) -> None:
    """Give one flake's reviews to another, as when both turn out to be the same."""
    moved = session.scalars(
        update(Review)
        .where(Review.flake_id == from_flake_id)
        .values(flake_id=to_flake_id)
        .returning(Review.undone_at)
    )
    if any(undone_at is None for undone_at in moved.all()):
        note_review(session, to_flake_id)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A detection of a flake on its best tile, and what the latest review of the flake says."""

    flake_id: int
    scan_id: int
    tile_id: int
    label: str
    layers: int | None
    x_px: int
    y_px: int
    mask_png: bytes


def newest_reviewed(session: Session, limit: int | None) -> list[Reviewed]:
    """Find flakes by their latest review, the newest first, at most `limit`.

    Unsure ones and lost flakes are left out: `left_out_reviews` counts them.
    """
    query = (
        select(
            Review.flake_id,
            Flake.scan_id,
            Detection.tile_id,
            Review.label,
            Review.layers,
            Detection.bbox_x_px,
            Detection.bbox_y_px,
            Detection.mask_png,
        )
        .join(Flake, Flake.id == Review.flake_id)
        .join(Detection, (Detection.flake_id == Flake.id) & (Detection.tile_id == Flake.tile_id))
        .where(
            Review.undone_at.is_(None),
            Review.label.in_(("graphene", "not_graphene")),
            Flake.is_lost.is_(False),
            ~_superseded(),
        )
        # A flake in several parts on its tile: the largest is what people looked at.
        .order_by(Review.id.desc(), Detection.area_px.desc())
        .limit(limit)
    )
    unique: dict[int, Reviewed] = {}
    for row in session.execute(query):
        unique.setdefault(row.flake_id, Reviewed(*row))
    return list(unique.values())


def left_out_reviews(session: Session) -> tuple[int, int]:
    """Count flakes whose latest review is unsure, and sure ones that nothing shows any more."""
    latest = (
        select(func.count())
        .select_from(Review)
        .join(Flake, Flake.id == Review.flake_id)
        .where(Review.undone_at.is_(None), ~_superseded())
    )
    shown = exists().where(Detection.flake_id == Flake.id, Detection.tile_id == Flake.tile_id)
    unsure = session.scalar(latest.where(Review.label == "unsure"))
    gone = latest.where(Review.label != "unsure", Flake.is_lost.is_(True) | ~shown)
    return unsure or 0, session.scalar(gone) or 0


def _superseded() -> ColumnElement[bool]:
    later = aliased(Review)
    return exists().where(
        later.flake_id == Review.flake_id, later.id > Review.id, later.undone_at.is_(None)
    )


# More layers than this is graphite to whoever looks for graphene: 1-4 are usable.
MOST_USABLE_LAYERS = 4


@dataclass(frozen=True, slots=True)
class Window:
    """A window of flakes: of which scan, and how many."""

    scan_id: int | None
    size: int


def near_threshold(session: Session, window: Window) -> list[Flake]:
    """Find the flakes next to the threshold: the least sure of both verdicts."""
    graphene = select(Flake).where(_open(window, is_graphene=True))
    other = select(Flake).where(_open(window, is_graphene=False))
    return [
        *session.scalars(graphene.order_by(Flake.p_graphene, Flake.id).limit(window.size)),
        *session.scalars(
            other.order_by(Flake.p_graphene.desc(), Flake.id.desc()).limit(window.size)
        ),
    ]


def optics_disagree(session: Session, window: Window) -> list[Flake]:
    """Find the newest with few layers by optics and no graphene, and the other way round."""
    few = [
        and_(_open(window, is_graphene=False), Flake.layers == layers)
        for layers in range(1, MOST_USABLE_LAYERS + 1)
    ]
    none = and_(_open(window, is_graphene=True), Flake.layers.is_(None))
    return list(_newest(session, [*few, none], window.size))


def _newest(
    session: Session, stretches: Sequence[ColumnElement[bool]], size: int
) -> Iterator[Flake]:
    for stretch in stretches:
        query = select(Flake).where(stretch).order_by(Flake.layers, Flake.id.desc()).limit(size)
        yield from session.scalars(query)


def oxides_of_scans(session: Session, *, reviewed: bool) -> dict[int, float]:
    """Oxide of the scans that state it, by scan; or of those that have reviews."""
    query = select(Scan.id, Scan.oxide_nm).where(Scan.oxide_nm.is_not(None))
    if reviewed:
        some = select(FlakeCount.scan_id).where(
            FlakeCount.is_reviewed.is_(True), FlakeCount.flakes > 0
        )
        query = query.where(Scan.id.in_(some))
    return {scan_id: oxide_nm for scan_id, oxide_nm in session.execute(query) if oxide_nm}


def _open(window: Window, *, is_graphene: bool) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [
        Flake.is_graphene.is_(is_graphene),
        Flake.is_reviewed.is_(False),
        Flake.is_lost.is_(False),
    ]
    if window.scan_id is not None:
        conditions.insert(0, Flake.scan_id == window.scan_id)
    return and_(*conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter of flakes worth a second look; None (or no layers) means any."""

    layers: tuple[int, ...] = ()
    min_area_um2: float | None = None
    min_p: float | None = None


# What a second look may gain: the area, times the chance that it is graphene at all.
_MERIT_UM2 = Flake.p_graphene * Flake.area_um2


def next_flakes(
    session: Session, scan_id: int, wanted: Wanted, count: int
) -> list[tuple[Flake, float]]:
    """Find the best flakes of a scan that wait for a second look, with their merit in um2."""
    query = select(Flake, _MERIT_UM2).where(*_waiting(scan_id, wanted))
    ordered = query.order_by(_MERIT_UM2.desc(), Flake.id).limit(count)
    return [(flake, float(merit)) for flake, merit in session.execute(ordered)]


def count_waiting(session: Session, scan_id: int, wanted: Wanted) -> int:
    """Count the flakes of a scan that wait for a second look."""
    query = select(func.count()).select_from(Flake).where(*_waiting(scan_id, wanted))
    return session.scalar(query) or 0


def _waiting(scan_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [
        Flake.scan_id == scan_id,
        Flake.is_lost.is_(False),
        Flake.is_graphene.is_(True),
        # Without a place on the stage nobody can drive there.
        Flake.centre_x_um.is_not(None),
        Flake.area_um2.is_not(None),
        ~exists(select(Review.id).where(Review.flake_id == Flake.id, Review.undone_at.is_(None))),
        ~exists(select(Revisit.id).where(Revisit.flake_id == Flake.id)),
    ]
    if wanted.layers:
        conditions.append(Flake.layers.in_(wanted.layers))
    if wanted.min_area_um2 is not None:
        conditions.append(Flake.area_um2 >= wanted.min_area_um2)
    if wanted.min_p is not None:
        conditions.append(Flake.p_graphene >= wanted.min_p)
    return conditions


def revisit_with(session: Session, flake_id: int, sha256: str) -> Revisit | None:
    """Find the revisit of a flake that is this image."""
    query = select(Revisit).where(Revisit.flake_id == flake_id, Revisit.sha256 == sha256)
    return session.scalars(query).one_or_none()


def revisits_of_flake(session: Session, flake_id: int) -> list[Revisit]:
    """List every revisit of a flake, oldest first."""
    query = select(Revisit).where(Revisit.flake_id == flake_id).order_by(Revisit.id)
    return list(session.scalars(query))


def revisited(session: Session, flake_ids: Collection[int]) -> set[int]:
    """Find those of some flakes that have a revisit."""
    return set(session.scalars(select(Revisit.flake_id).where(Revisit.flake_id.in_(flake_ids))))


def move_revisits(session: Session, from_flake_id: int, to_flake_id: int) -> None:
    """Give one flake's revisits to another, as when both turn out to be the same.

    An image that both have stays once.
    """
    there = select(Revisit.sha256).where(Revisit.flake_id == to_flake_id)
    session.execute(
        update(Revisit)
        .where(Revisit.flake_id == from_flake_id, Revisit.sha256.not_in(there))
        .values(flake_id=to_flake_id)
    )


def revisit_blobs_of_scan(session: Session, scan_id: int) -> list[str]:
    """Names of the blobs that a scan's revisits refer to, each once."""
    query = select(Revisit.sha256).join(Flake, Flake.id == Revisit.flake_id)
    return list(session.scalars(query.where(Flake.scan_id == scan_id).distinct()))
