from dataclasses import replace

import numpy as np
import pytest

from service.errors import NotFound
from service.formats.read_folder import read_folder, tile_bytes
from service.placement.agreement import scan_placement
from service.placement.orientation import FLIPS, TURNS
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tiles import NewTile, add_tile
from service.vision.stage import orient
from tests.scans.rendered import OPTICS, put, render, screen_nothing
from tests.scans.sqlite_alone import sessions  # noqa: F401 - SQLite alone


@pytest.mark.parametrize(("flips", "turn"), list(zip(FLIPS, TURNS, strict=True)))
def test_the_right_orientation_raises_no_warning_and_a_wrong_one_names_it(stores, flips, turn):
    scanned = render(rows=2)
    # The rendered stage goes with the image: this camera is turned against it.
    turned = scanned.places_um @ turn.T
    names = dict(zip(("flip_x", "flip_y", "swap_xy"), flips, strict=True))
    errors = turned - scanned.places_um
    right = put(stores, scanned, screen_nothing, errors, **names)
    wrong_names = {"flip_x": not flips[0], "flip_y": flips[1], "swap_xy": flips[2]}
    wrong = put(stores, scanned, screen_nothing, errors, **wrong_names)

    agreeing, contradicting = (scan_placement(stores, scan_id) for scan_id in (right, wrong))

    assert (agreeing.verdict, agreeing.share, agreeing.warning) == ("agree", 1.0, None)
    assert agreeing.offset_um < 0.3
    assert contradicting.verdict == "contradict"
    better = contradicting.better
    assert (better.flip_x, better.flip_y, better.swap_xy) == flips
    assert better.um_per_px == OPTICS.um_per_px
    words = ("x mirrored", "y mirrored", "x and y swapped")
    turned_by = [word for word, on in zip(words, flips, strict=True) if on]
    said = " and ".join(turned_by) or "nothing mirrored"
    assert f"with {said} 100% of them would agree" in contradicting.warning
    assert f"{contradicting.offset_um:.1f} um" in contradicting.warning


def test_an_affine_that_is_mirrored_is_answered_by_the_affine_that_is_not(stores):
    six = tuple(orient(OPTICS.um_per_px, flip_x=True).ravel().tolist())
    scan_id = put(stores, render(rows=2), screen_nothing, um_per_px=None, affine=six)

    better = scan_placement(stores, scan_id).better

    assert better.affine == pytest.approx(tuple(orient(OPTICS.um_per_px).ravel().tolist()))


def test_another_objective_than_was_said_is_noticed(stores):
    scan_id = put(stores, render(rows=2), screen_nothing, um_per_px=OPTICS.um_per_px * 2)

    placement = scan_placement(stores, scan_id)

    assert placement.verdict == "contradict"
    assert placement.better.um_per_px == pytest.approx(OPTICS.um_per_px, rel=0.02)
    assert "um_per_px=0.38" in placement.warning


def test_bare_substrate_cannot_tell(stores):
    scan_id = put(stores, render(rows=2, bare=True), screen_nothing, flip_x=True)

    placement = scan_placement(stores, scan_id)

    assert (placement.verdict, placement.warning) == ("unknown", None)
    assert placement.compared == 7


def test_tiles_without_positions_cannot_tell(stores):
    scan_id = create_scan(stores.sessions, NewScan(name="a")).id
    add_tile(stores, scan_id, NewTile(image=b"0 0 9 9", name="a"), screen=screen_nothing)

    placement = scan_placement(stores, scan_id)

    assert (placement.verdict, placement.compared, placement.share) == ("unknown", 0, None)


def test_an_unknown_scan_is_not_found(stores):
    with pytest.raises(NotFound):
        scan_placement(stores, 99)


def screen_real_size(job):
    """Finds nothing on a tile of the real scans."""
    return replace(screen_nothing(job), width_px=711, height_px=649)


@pytest.mark.parametrize("name", ["micromanager_17294f8a", "csv_acb69ba8", "leica_20ea4e7f"])
def test_images_of_a_real_scan_agree_with_its_positions_and_not_with_mirrored_ones(
    stores, shared_data, name
):
    read = read_folder(shared_data / "scans" / name)
    true = {"flip_y": name.startswith("micromanager")}
    verdicts = []
    for flip_y in (true["flip_y"], not true["flip_y"]):
        new = NewScan(name=name, um_per_px=0.3844, flip_y=flip_y)
        scan_id = create_scan(stores.sessions, new).id
        for one in np.random.default_rng(1).permutation(np.array(read.tiles, object)):
            place = {"stage_x_um": one.stage_x_um, "stage_y_um": one.stage_y_um}
            tile = NewTile(image=tile_bytes(one), name=one.name, **place)
            add_tile(stores, scan_id, tile, screen=screen_real_size)
        verdicts.append(scan_placement(stores, scan_id))

    assert (verdicts[0].verdict, verdicts[0].measured) == ("agree", 7)
    assert verdicts[0].offset_um < 0.1
    assert verdicts[1].verdict == "contradict"
    assert verdicts[1].better.flip_y == true["flip_y"]
