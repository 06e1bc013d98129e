import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest

from service.db.queries.flakes import FlakeFilter
from service.flakes.flakes import list_flakes
from service.reviews.reviews import NewReview, review_flake
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tiles import add_tile
from tests.scans.chip import UM_PER_PX, Chip, draw
from tests.scans.overlapping import CORNERS, OBJECTS, put, seen


def seen_flakes(stores, scan_id):
    """What the scan holds, with ids and reviews."""
    return list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items


def test_each_object_is_one_flake_with_its_area_whatever_the_order_of_the_tiles(stores):
    chip = draw(*OBJECTS)
    orders = [np.random.default_rng(seed).permutation(CORNERS).tolist() for seed in range(5)]

    outcomes = [seen(stores, put(stores, chip, order)) for order in orders]

    for outcome in outcomes[1:]:
        assert outcome == outcomes[0]
    areas = {round(-100 * flake.contrast_rgb[0]): flake.area_um2 for flake in outcomes[0]}
    true_areas = {
        label: np.count_nonzero(chip.labels == label) * UM_PER_PX**2 for label, _, _ in OBJECTS
    }
    assert len(outcomes[0]) == len(OBJECTS)
    assert areas == pytest.approx(true_areas, rel=1e-6)
    cut = {round(-100 * flake.contrast_rgb[0]) for flake in outcomes[0] if flake.touches_border}
    assert cut == {13}


@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
def test_objects_are_joined_in_every_orientation_of_the_camera(stores, flips):
    upright = draw(*OBJECTS[2:5])
    turned = replace(upright, flip_x=flips[0], flip_y=flips[1], swap_xy=flips[2])
    lower = [corner for corner in CORNERS if corner[1] > 0]

    flakes = seen(stores, put(stores, turned, lower))

    expected = seen(stores, put(stores, upright, lower))
    assert [flake.area_um2 for flake in flakes] == pytest.approx([f.area_um2 for f in expected])
    assert [flake.bbox_px for flake in flakes] == [flake.bbox_px for flake in expected]
    for flake in flakes:
        outline = np.array(flake.polygon_um)
        assert (outline.min(axis=0) < flake.centre_um).all()
        assert (outline.max(axis=0) > flake.centre_um).all()


@pytest.mark.parametrize("gap", [-2, 0, 1, 2])
@pytest.mark.parametrize("flips", [(False, False, False), (True, False, True)])
def test_objects_go_on_across_a_border_where_tiles_lie_edge_to_edge(stores, gap, flips):
    objects = (
        (9, "ellipse", (400, 300, 90, 60)),  # on four
        (11, "ellipse", (400, 120, 60, 30)),  # across one border
        (2, "box", (379, 540, 20, 30)),  # two of different contrast meet at the border
        (31, "box", (423, 540, 21, 30)),
        (7, "ellipse", (120, 300, 8, 40)),
        (15, "box", (700, 500, 20, 20)),
    )
    chip = replace(draw(*objects), flip_x=flips[0], flip_y=flips[1], swap_xy=flips[2])
    corners = list(product((0, 400 + gap), (0, 300 + gap)))
    orders = [np.random.default_rng(seed).permutation(corners).tolist() for seed in range(3)]

    outcomes = [seen(stores, put(stores, chip, order)) for order in orders]

    assert outcomes[1] == outcomes[0]
    assert outcomes[2] == outcomes[0]
    areas = sorted((round(-100 * one.contrast_rgb[0]), one.area_um2) for one in outcomes[0])
    true = {label: np.count_nonzero(chip.labels == label) * 0.25 for label, _, _ in objects}
    assert [label for label, _ in areas] == sorted(true)
    for label, area_um2 in areas:
        assert area_um2 == pytest.approx(true[label], rel=0.02)
    cut = {round(-100 * one.contrast_rgb[0]) for one in outcomes[0] if one.touches_border}
    assert not cut & {9, 11}


def test_objects_on_either_side_of_a_wide_gap_stay_two(stores):
    chip = draw((9, "ellipse", (400, 150, 60, 40)))

    assert len(seen(stores, put(stores, chip, [(0, 0), (405, 0)]))) == 2


def test_the_view_that_holds_a_flake_whole_and_far_from_the_border_is_the_best(stores):
    chip = draw((1, "ellipse", (360, 150, 12, 12)))
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    cut = add_tile(stores, scan_id, chip.tile(355, 0), screen=chip.screen)
    near = add_tile(stores, scan_id, chip.tile(0, 0), screen=chip.screen)
    far = add_tile(stores, scan_id, chip.tile(150, 10), screen=chip.screen)

    (flake,) = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items

    assert cut.flakes[0].tile_id == cut.tile.id
    assert near.flakes[0].tile_id == near.tile.id
    assert flake.tile_id == far.tile.id
    assert flake.id == cut.flakes[0].id
    assert not flake.touches_border


def test_tiles_without_a_stage_position_share_no_flake(stores):
    chip = draw(*OBJECTS)
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    counts = []
    for corner in CORNERS[:2]:
        tile = replace(chip.tile(*corner), stage_x_um=None, stage_y_um=None)
        counts.append(len(add_tile(stores, scan_id, tile, screen=chip.screen).flakes))

    flakes = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id)).items

    assert len(flakes) == sum(counts)
    assert all(flake.centre_um is None and flake.polygon_um is None for flake in flakes)
    assert all(flake.area_um2 == flake.area_px * UM_PER_PX**2 for flake in flakes)


def test_replacing_tiles_leaves_the_flakes_that_the_new_tiles_alone_would_give(stores):
    before, after = draw(*OBJECTS), draw(*OBJECTS[:4], (15, "box", (540, 700, 30, 8)))
    scan_id = put(stores, before, CORNERS)
    for corner in CORNERS:
        tile = before.tile(*corner, word="again")
        add_tile(stores, scan_id, tile, screen=after.screen, replace=True)

    assert seen(stores, scan_id) == seen(stores, put(stores, after, CORNERS))


def test_a_flake_falls_apart_when_the_tile_that_joined_it_is_replaced(stores):
    chip = draw((9, "ellipse", (540, 660, 260, 40)))
    bare = draw()
    scan_id = put(stores, chip, CORNERS)
    joined = seen(stores, scan_id)
    middle = chip.tile(340, 520, word="bare")

    add_tile(stores, scan_id, middle, screen=bare.screen, replace=True)

    halves = seen(stores, scan_id)
    assert len(joined) == 1
    assert len(halves) == 2
    assert all(half.touches_border for half in halves)


@pytest.mark.parametrize("name", ["micromanager_17294f8a", "csv_acb69ba8", "leica_20ea4e7f"])
def test_flakes_of_a_real_scan_are_those_of_the_uncut_frame(stores, shared_data, name):
    truth = json.loads((shared_data / "scans" / name / "truth.json").read_text())
    mask = f"{Path(truth['frame']).stem}.mask.png"
    frames = shared_data / "frames" / "graphene_90nm_20x"
    labels = cv2.imread(str(frames / mask), cv2.IMREAD_UNCHANGED).astype(np.int32)
    chip = Chip(labels)
    scan = NewScan(name=name, um_per_px=0.3844, flip_y=name.startswith("micromanager"))
    scan_id = create_scan(stores.sessions, scan).id
    for place in truth["tiles"]:
        tile = replace(
            chip.tile(place["x_px"], place["y_px"], tuple(truth["tile_px"])),
            stage_x_um=place["stage_x_um"],
            stage_y_um=place["stage_y_um"],
        )
        add_tile(stores, scan_id, tile, screen=chip.screen)

    flakes = seen(stores, scan_id)

    areas = {round(-100 * flake.contrast_rgb[0]): flake.area_um2 for flake in flakes}
    expected = {
        label: np.count_nonzero(labels == label) * 0.3844**2
        for label in np.unique(labels[labels > 0])
    }
    assert len(flakes) == len(expected)
    assert areas == pytest.approx(expected)
    up = -1 if name.startswith("micromanager") else 1
    for flake in flakes:
        rows, columns = np.nonzero(labels == round(-100 * flake.contrast_rgb[0]))
        centre = columns.mean() + 0.5, rows.mean() + 0.5
        on_stage = 12_000 + centre[0] * 0.3844, -8_000 + up * centre[1] * 0.3844
        assert flake.centre_um == pytest.approx(on_stage, abs=0.02)


@pytest.mark.parametrize("x", [500, 580])
def test_of_a_flake_that_falls_apart_the_larger_piece_keeps_its_id_and_its_review(stores, x):
    # From x - 260 to x + 260: on the left tile and on the right one it has 160 and 80 px.
    chip, bare = draw((9, "ellipse", (x, 660, 260, 40))), draw()
    scan_id = put(stores, chip, CORNERS)
    (joined,) = seen_flakes(stores, scan_id)
    review_flake(stores.sessions, joined.id, NewReview(label="graphene"), "ada")

    tile = chip.tile(340, 520, word="bare")
    add_tile(stores, scan_id, tile, screen=bare.screen, replace=True)

    larger, smaller = sorted(seen_flakes(stores, scan_id), key=lambda flake: -flake.area_um2)
    assert larger.area_um2 > 1.5 * smaller.area_um2
    assert larger.id == joined.id
    assert larger.review.reviewer == "ada"
    assert smaller.review is None


@pytest.mark.parametrize("gap", [0, 2])
def test_a_flake_goes_on_across_strips_whose_places_lie_further_apart_than_they_are_long(
    stores, gap
):
    # As a line camera writes them. With the gap their middles are 402 px apart and the diagonal
    # of each is 400.7: only both together reach.
    chip = draw((9, "box", (400, 12, 60, 8)))
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    for x in (0, 400 + gap):
        add_tile(stores, scan_id, chip.tile(x, 0, (400, 24)), screen=chip.screen)

    (flake,) = seen_flakes(stores, scan_id)

    true_um2 = np.count_nonzero(chip.labels) * UM_PER_PX**2
    assert flake.area_um2 == pytest.approx(true_um2, rel=0.03)
    assert not flake.touches_border
