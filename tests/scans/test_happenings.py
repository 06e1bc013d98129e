"""What listeners are told of a tile full of flakes."""

import pytest

from service.db.queries.events import events_after
from service.scans.scans import create_scan
from service.scans.tiles import add_tile
from tests.scans.chip import draw

# Odd labels are graphene, with p = label / 100 + 0.5; the last two are not.
FLAKES = list(range(49, 0, -2))
CHIP = draw(
    *(
        (label, "box", (30 + 60 * (index % 6), 30 + 50 * (index // 6), 10, 10))
        for index, label in enumerate([*FLAKES[::2], *FLAKES[1::2], 2, 48])
    )
)


def test_of_a_tile_full_of_flakes_the_surest_twenty_are_named_and_all_are_counted(stores):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id

    added = add_tile(stores, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)

    with stores.sessions() as session:
        (told,) = [one.body for one in events_after(session, 0) if one.kind == "tile_screened"]
    assert (told["graphene"], told["other"]) == (25, 2)
    named = [flake["p_graphene"] for flake in told["flakes"]]
    assert named == pytest.approx([0.5 + label / 100 for label in FLAKES[:20]])
    of_id = {flake.id: flake.p_graphene for flake in added.flakes}
    assert [of_id[flake["id"]] for flake in told["flakes"]] == pytest.approx(named)
