from dataclasses import replace

import pytest

from service.calibration.scan_optics import scan_optics
from service.errors import NotFound
from service.jobs.workflows import notice
from service.scans.queue import Run
from service.scans.runs import finish
from service.scans.scans import create_scan, get_scan
from service.scans.tiles import NewTile, add_tile
from service.screening.pipeline import screen_tile
from service.screening.screen import Screened, ScreenJob
from service.vision.segment import SegmentParams
from tests.fakes import FakeClassifier
from tests.scans.chip import LIGHT, UM_PER_PX, draw
from tests.scans.overlapping import OBJECTS
from tests.vision.drawing import LAYERS, square
from tests.vision.drawing import draw as draw_tile

CHIP = draw(*OBJECTS)
REDDISH = (0.42, 0.4, 0.3)


def with_light(rgb):
    def screen(job: ScreenJob) -> Screened:
        screened = CHIP.screen(job)
        light = replace(screened.screening.light, background_rgb=rgb)
        return replace(screened, screening=replace(screened.screening, light=light))

    return screen


def test_the_tile_under_another_light_is_named(stores):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    for column in range(6):
        add_tile(stores, scan_id, CHIP.tile(column, 0), screen=CHIP.screen)
    late = add_tile(stores, scan_id, CHIP.tile(9, 0), screen=with_light(REDDISH))

    optics = scan_optics(stores.sessions, scan_id)

    assert optics.tiles_compared == 7
    assert [drift.tile_id for drift in optics.drift] == [late.tile.id]
    assert "R/G" in optics.drift[0].warning


def test_the_worst_of_several_tiles_under_another_light_comes_first_by_its_name(stores):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    for column in range(6):
        add_tile(stores, scan_id, CHIP.tile(column, 0), screen=CHIP.screen)
    usual = LIGHT.background_rgb
    mild = tuple((own + other) / 2 for own, other in zip(REDDISH, usual, strict=True))
    for column, (name, rgb) in enumerate((("mild.png", mild), ("worst.png", REDDISH))):
        tile = replace(CHIP.tile(9 + column, 0), name=name)
        add_tile(stores, scan_id, tile, screen=with_light(rgb))

    drift = scan_optics(stores.sessions, scan_id).drift
    warning = " ".join(notice(stores, Run(scan_id, 0)))

    assert [one.name for one in drift] == ["worst.png", "mild.png"]
    assert abs(drift[0].change) > abs(drift[1].change) > 0.04
    assert "The worst is worst.png" in warning


def test_a_run_that_ends_says_that_the_light_has_drifted(stores):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    for column in range(6):
        add_tile(stores, scan_id, CHIP.tile(column, 0), screen=CHIP.screen)
    late = add_tile(stores, scan_id, CHIP.tile(9, 0), screen=with_light(REDDISH))
    run = Run(scan_id, 0)

    finish(stores.sessions, run, None, notice(stores, run))

    (warning,) = get_scan(stores.sessions, scan_id).warnings
    assert warning.startswith("1 of 7 tiles are under another light.")
    assert f"The worst is tile {late.tile.id}: The light has drifted: R/G" in warning


def test_a_run_that_was_followed_by_another_says_nothing(stores):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id

    assert notice(stores, Run(scan_id, 7)) == []


def test_the_oxide_is_read_from_the_flakes_of_the_scan(stores):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id
    flakes = [
        (square(60 + 120 * index, 100 + 150 * row, 60), LAYERS[1 + (index + row) % 3])
        for index in range(4)
        for row in range(2)
    ]

    def screen(job: ScreenJob) -> Screened:
        tile = draw_tile(flakes)
        classifier = FakeClassifier(p_graphene=0.95, version="chip-1")
        screening = screen_tile(tile, params=SegmentParams(), classifier=classifier)
        return Screened(screening=screening, width_px=640, height_px=480)

    new = NewTile(image=b"drawn", name="a", um_per_px=UM_PER_PX)
    add_tile(stores, scan_id, new, screen=screen)

    oxide = scan_optics(stores.sessions, scan_id).oxide

    assert oxide is not None
    assert oxide.oxide_nm == pytest.approx(90, abs=10)


def test_a_scan_without_flakes_tells_nothing(stores):
    scan_id = create_scan(stores.sessions, CHIP.new_scan()).id

    optics = scan_optics(stores.sessions, scan_id)

    assert (optics.oxide, optics.tiles_compared, optics.drift) == (None, 0, [])


def test_an_unknown_scan_is_not_found(stores):
    with pytest.raises(NotFound):
        scan_optics(stores.sessions, 99)
