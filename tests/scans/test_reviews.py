"""Reviews of drawn flakes: many at once, undone, and what the queue asks for next."""

import pytest
from sqlalchemy import select

from service.db.queries.flakes import FlakeFilter
from service.db.tables import FlakeCount
from service.errors import InvalidValue, NotFound
from service.flakes.flakes import get_flake, list_flakes
from service.reviews.queue import review_queue
from service.reviews.reviews import list_reviews, review_flakes, undo_review
from service.scans.scans import create_scan
from service.scans.tile_schemas import NewReview
from service.scans.tiles import Stores, add_tile
from tests.scans.chip import draw

# Odd labels are graphene, p = label / 100 (+ 0.5); below 5 the label is the layers too.
CHIP = draw(
    (1, "box", (50, 50, 10, 10)),
    (2, "box", (120, 50, 20, 10)),
    (47, "box", (200, 50, 10, 10)),
    (48, "box", (280, 50, 25, 20)),
)

YES = NewReview(label="graphene", layers=1)
NO = NewReview(label="not_graphene", note="tape")


def scan_of(stores: Stores, oxide_nm: float | None = None) -> int:
    new = CHIP.new_scan().model_copy(update={"oxide_nm": oxide_nm})
    scan_id = create_scan(stores.sessions, new).id
    add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    return scan_id


def ids_of(stores: Stores, scan_id: int) -> dict[int, int]:
    """Flakes of a scan by their label."""
    page = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id))
    return {round(-100 * flake.contrast_rgb[0]): flake.id for flake in page.items}


def reviewed_count(stores: Stores) -> int:
    with stores.sessions() as session:
        rows = session.scalars(select(FlakeCount).where(FlakeCount.is_reviewed.is_(True)))
        return sum(row.flakes for row in rows)


def test_many_flakes_are_reviewed_at_once_or_none(stores):
    ids = ids_of(stores, scan_of(stores))

    with pytest.raises(NotFound, match="999"):
        review_flakes(stores.sessions, [ids[1], 999], NO, "bob")
    assert list_reviews(stores.sessions, ids[1]) == []
    reviewed = review_flakes(stores.sessions, [ids[1], ids[2], ids[1]], NO, "bob")

    assert [flake.id for flake in reviewed] == sorted([ids[1], ids[2]])
    assert all(flake.review and flake.review.reviewer == "bob" for flake in reviewed)
    assert reviewed_count(stores) == 2
    for wrong in ([], range(1, 1002), [2**63]):
        with pytest.raises(InvalidValue, match="flake_ids"):
            review_flakes(stores.sessions, list(wrong), NO, "bob")


def test_an_undone_review_counts_no_more_and_stays_in_the_history(stores):
    flake_id = ids_of(stores, scan_of(stores))[1]
    review_flakes(stores.sessions, [flake_id], YES, "ada")
    review_flakes(stores.sessions, [flake_id], NO, "bob")

    first = undo_review(stores.sessions, flake_id, "eve").review
    assert first is not None
    assert (first.label, reviewed_count(stores)) == ("graphene", 1)
    assert undo_review(stores.sessions, flake_id, "eve").review is None
    assert get_flake(stores.sessions, flake_id).review is None
    assert reviewed_count(stores) == 0
    with pytest.raises(NotFound, match="review"):
        undo_review(stores.sessions, flake_id, "eve")

    history = list_reviews(stores.sessions, flake_id)
    assert [(one.label, one.undone_by) for one in history] == [
        ("graphene", "eve"),
        ("not_graphene", "eve"),
    ]
    review_flakes(stores.sessions, [flake_id], NO, "bob")
    assert reviewed_count(stores) == 1


def test_the_queue_asks_for_the_unsure_and_the_contradicted_and_not_for_the_reviewed(stores):
    scan_id = scan_of(stores)
    ids = ids_of(stores, scan_id)

    queue = {one.flake.id: one for one in review_queue(stores.sessions, scan_id=scan_id)}

    # 48: no graphene at p = 0.48. 2: two layers by optics, and rejected with p = 0.02.
    # 47: graphene at p = 0.97, and optics say nothing.
    assert queue[ids[48]].merit == pytest.approx(0.96)
    assert "near_threshold" in queue[ids[48]].reasons
    assert queue[ids[2]].merit == pytest.approx(0.96)
    assert "optics_disagree" in queue[ids[2]].reasons
    assert queue[ids[47]].merit == pytest.approx(0.94)
    assert [one.flake.id for one in review_queue(stores.sessions, limit=1)] != [ids[47]]

    review_flakes(stores.sessions, [ids[48]], NO, "bob")
    assert ids[48] not in {one.flake.id for one in review_queue(stores.sessions)}


def test_the_queue_says_unsure_only_of_what_is_and_asks_for_it_first(stores):
    # Thick, and surely no graphene: nothing speaks for 8 and 12, though 12 is next to the threshold
    # of all that is left.
    thick = [(8, "box", (50, 150, 10, 10)), (12, "box", (200, 150, 10, 10))]
    chip = draw((2, "box", (120, 50, 20, 10)), (48, "box", (280, 50, 25, 20)), *thick)
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    add_tile(stores, scan_id, chip.tile(0, 0), screen=chip.screen)
    ids = ids_of(stores, scan_id)

    queue = review_queue(stores.sessions, scan_id=scan_id)

    assert {one.flake.id: one.reasons for one in queue} == {
        ids[48]: ["near_threshold"],
        ids[2]: ["optics_disagree"],
        ids[12]: [],
        ids[8]: [],
    }
    assert [one.flake.id for one in queue] == [ids[48], ids[2], ids[12], ids[8]]


def test_a_substrate_that_nobody_reviewed_comes_first(stores):
    known, new = scan_of(stores, oxide_nm=90), scan_of(stores, oxide_nm=285)
    review_flakes(stores.sessions, [ids_of(stores, known)[1]], YES, "ada")

    queue = review_queue(stores.sessions)

    assert {one.flake.scan_id for one in queue[:4]} == {new}
    assert all("new_substrate" in one.reasons for one in queue[:4])
    review_flakes(stores.sessions, [ids_of(stores, new)[1]], YES, "ada")
    assert all("new_substrate" not in one.reasons for one in review_queue(stores.sessions))


@pytest.mark.parametrize(
    ("oxide_nm", "is_new"), [(100, False), (101, True), (79, True), (80, False)]
)
def test_oxides_up_to_ten_nanometres_apart_are_one_substrate(stores, oxide_nm, is_new):
    known, other = scan_of(stores, oxide_nm=90), scan_of(stores, oxide_nm=oxide_nm)
    review_flakes(stores.sessions, [ids_of(stores, known)[1]], YES, "ada")

    queue = review_queue(stores.sessions, scan_id=other)

    assert queue
    assert all(("new_substrate" in one.reasons) is is_new for one in queue)


def test_the_queue_of_no_scan_is_refused(stores):
    with pytest.raises(NotFound):
        review_queue(stores.sessions, scan_id=7)
    with pytest.raises(InvalidValue):
        review_queue(stores.sessions, limit=0)
