"""Find, show and review flakes."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.db.engine import Sessions, writing
from service.db.queries.flakes import (
    SORTS,
    FlakeFilter,
    Order,
    Place,
    count_matching,
    page_of_flakes,
)
from service.db.queries.reviews import latest_reviews, reviews_of_flake
from service.db.queries.scans import lock_scan
from service.db.tables import REVIEW_LABELS, Flake, Review, Scan, Tile
from service.errors import InvalidValue
from service.scans.cutting import cut
from service.scans.found import found
from service.scans.paging import check_limit, read_cursor, write_cursor
from service.scans.tiles import Stores
from service.scans.values import check_one_of, check_text
from service.scans.viewing import flake_views, review_view
from service.scans.views import FlakePage, FlakeView, ReviewView
from service.vision.decode import check_range

__all__ = [
    "FlakeFilter",
    "NewReview",
    "crop_of_flake",
    "get_flake",
    "list_flakes",
    "list_reviews",
    "review_flake",
]

# Graphite of more layers is no graphene to anyone.
LAYERS_RANGE = (1, 100)

# A square metre: no chip is larger.
AREA_UM2_RANGE = (0, 1e12)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """A person's verdict: label is graphene, not_graphene or unsure."""

    label: str
    reviewer: str
    layers: int | None = None
    note: str | None = None


def list_flakes(
    sessions: Sessions,
    which: FlakeFilter,
    *,
    sort: str = "-area_um2",
    limit: int = 100,
    cursor: str | None = None,
) -> FlakePage:
    """Flakes that match, sorted by id, area_um2, p_graphene or layers ('-' = largest first).

    Unknown areas and layers come last either way.

    Raises
    ------
    NotFound
        `which.scan_id` names no scan.
    InvalidValue
        A bad filter, sort, limit or cursor.
    """
    check_limit(limit)
    _check_filter(which)
    order = _order(sort)
    after = None if cursor is None else Place(*read_cursor(cursor, sort))
    with sessions() as session:
        if which.scan_id is not None:
            found(session.get(Scan, which.scan_id), f"scan {which.scan_id}")
        # One more than asked for tells whether there is a next page.
        flakes = page_of_flakes(session, which, order, after, limit + 1)
        last = flakes[limit - 1] if len(flakes) > limit else None
        return FlakePage(
            items=flake_views(session, flakes[:limit]),
            next_cursor=None
            if last is None
            else write_cursor(sort, getattr(last, order.column), last.id),
            total=count_matching(session, which),
        )


def get_flake(sessions: Sessions, flake_id: int) -> FlakeView:
    """One flake, also a lost one; raises `NotFound`."""
    with sessions() as session:
        return flake_views(session, [_flake(session, flake_id)])[0]


def crop_of_flake(stores: Stores, flake_id: int) -> bytes:
    """PNG of a flake and its surroundings, cut from its best tile; raises `NotFound`."""
    with stores.sessions() as session:
        flake = _flake(session, flake_id)
        tile = found(session.get(Tile, flake.tile_id), f"tile {flake.tile_id}")
    box_px = (flake.bbox_x_px, flake.bbox_y_px, flake.bbox_width_px, flake.bbox_height_px)
    return cut(stores.blobs.get(tile.sha256), box_px)


def review_flake(sessions: Sessions, flake_id: int, new: NewReview) -> FlakeView:
    """The flake with this review added to its history; raises `NotFound` or `InvalidValue`.

    The latest review said again by the same person adds nothing.
    """
    check_one_of("label", new.label, REVIEW_LABELS)
    check_range("layers", new.layers, LAYERS_RANGE)
    check_text("reviewer", new.reviewer, longest=200)
    note = new.note or None
    check_text("note", note, longest=4000)
    with writing(sessions) as session:
        # A merge that removes the flake must see the review, or come first.
        lock_scan(session, _flake(session, flake_id).scan_id)
        flake = _flake(session, flake_id)
        latest = latest_reviews(session, [flake_id]).get(flake_id)
        said = (new.label, new.layers, note, new.reviewer)
        if latest is None or said != (latest.label, latest.layers, latest.note, latest.reviewer):
            label, layers, note, reviewer = said
            session.add(
                Review(flake_id=flake_id, label=label, layers=layers, note=note, reviewer=reviewer)
            )
            session.flush()
        return flake_views(session, [flake])[0]


def list_reviews(sessions: Sessions, flake_id: int) -> list[ReviewView]:
    """Every review of a flake, oldest first; raises `NotFound`."""
    with sessions() as session:
        _flake(session, flake_id)
        return [review_view(review) for review in reviews_of_flake(session, flake_id)]


def _flake(session: Session, flake_id: int) -> Flake:
    return found(session.get(Flake, flake_id, populate_existing=True), f"flake {flake_id}")


def _order(sort: str) -> Order:
    column = sort.removeprefix("-")
    if column not in SORTS:
        raise InvalidValue(
            f"sort is {sort!r}; it has to be one of {', '.join(SORTS)}, with - for largest first."
        )
    return Order(column, descending=sort.startswith("-"))


def _check_filter(which: FlakeFilter) -> None:
    check_range("min_area_um2", which.min_area_um2, AREA_UM2_RANGE)
    check_range("max_area_um2", which.max_area_um2, AREA_UM2_RANGE)
    check_range("min_p", which.min_p, (0, 1))
    for layers in which.layers:
        check_range("layers", layers, LAYERS_RANGE)
