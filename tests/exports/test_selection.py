"""Which flakes are exported, in which order; and what spreadsheets must not compute."""

import csv
import json
from itertools import product

import gdstk
import pytest

from service.db.queries.flakes import FlakeFilter
from service.errors import Conflict, InvalidValue, NotFound
from service.exports.exporting import ExportOptions
from service.exports.writers.gds import Mark
from service.flakes.flakes import list_flakes
from service.registry.versions import NewModelVersion, register_model
from service.reviews.reviews import review_flake
from service.scans.scans import create_scan
from service.scans.tile_schemas import NewReview
from service.scans.tiles import Stores, add_tile
from tests.exports.conftest import Bring, Filled
from tests.scans.chip import MODEL, draw

# Odd ones are graphene by the model; below 5 the label is the number of layers too.
CHIP = draw(
    (1, "box", (50, 50, 10, 10)),
    (2, "box", (120, 50, 20, 10)),
    (3, "box", (200, 50, 10, 10)),
    (4, "box", (280, 50, 25, 20)),
    (7, "box", (50, 150, 30, 20)),
    (8, "box", (200, 150, 10, 10)),
)


@pytest.fixture
def stores_of_chip(stores: Stores) -> Stores:
    model = NewModelVersion(version=MODEL, sha256="0" * 64, input_size_px=64, threshold=0.5)
    register_model(stores.sessions, model, activate=True)
    return stores


@pytest.fixture
def chip(stores_of_chip, tmp_path) -> Filled:
    """A drawn chip on which a person contradicts the model twice and agrees once."""
    scan_id = create_scan(stores_of_chip.sessions, CHIP.new_scan()).id
    add_tile(stores_of_chip, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)
    filled = Filled(stores_of_chip, scan_id, tmp_path)
    by_label = {round(-100 * view.contrast_rgb[0]): view.id for view in filled.everything.values()}
    for label, verdict in ((1, "not_graphene"), (4, "graphene"), (3, "graphene"), (2, "unsure")):
        new = NewReview(label=verdict, note="-1")
        review_flake(stores_of_chip.sessions, by_label[label], new, "someone")
    return filled


def labels(filled: Filled, **asked) -> list[int]:
    content = json.loads(filled.write("json", **asked).read_bytes())
    return [round(-100 * one["contrast_rgb"][0]) for one in content["flakes"]]


def test_a_persons_verdict_goes_before_the_models(chip: Filled):
    assert sorted(labels(chip)) == [3, 4, 7]


def test_everything_and_the_models_verdict_can_be_asked_for(chip: Filled):
    assert sorted(labels(chip, everything=True)) == [1, 2, 3, 4, 7, 8]
    assert sorted(labels(chip, graphene=True)) == [1, 3, 7]
    assert sorted(labels(chip, graphene=False)) == [2, 4, 8]


def test_the_filters_of_a_list_hold_for_exports(chip: Filled):
    assert sorted(labels(chip, reviewed=True)) == [3, 4]
    assert labels(chip, reviewed=False) == [7]
    assert labels(chip, layers=(4,)) == [4]
    assert labels(chip, min_area_um2=400, max_area_um2=600) == [4]
    assert sorted(labels(chip, everything=True, min_p=0.5)) == [1, 3, 7]


@pytest.mark.parametrize(
    ("column", "direction"), list(product(("id", "area_um2", "p_graphene", "layers"), ("", "-")))
)
def test_the_order_is_that_of_a_list(chip: Filled, column, direction):
    sort = direction + column
    which = FlakeFilter(scan_id=chip.scan_id)
    listed = list_flakes(chip.stores.sessions, which, sort=sort).items

    expected = [round(-100 * view.contrast_rgb[0]) for view in listed]
    assert labels(chip, sort=sort) == [one for one in expected if one in (3, 4, 7)]


def test_texts_that_a_spreadsheet_would_compute_are_made_harmless(bring: Bring):
    scan = bring(name='=HYPERLINK("http://x","y")')
    (first, *_) = scan.everything.values()
    note = "@SUM(1+1)*cmd|' /C calc'!A0"
    verdict = NewReview(label="graphene", note=note)
    review_flake(scan.stores.sessions, first.id, verdict, "+1")

    path = scan.write("csv")

    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert {row["scan_name"] for row in rows} == {'\'=HYPERLINK("http://x","y")'}
    (reviewed,) = [row for row in rows if row["review"]]
    assert (reviewed["review_note"], reviewed["reviewer"]) == (f"'{note}", "'+1")
    assert float(reviewed["y_um"]) < 0, "numbers stay numbers"
    assert path.name == f"HYPERLINK-http-x-y-scan-{scan.scan_id}.csv"


@pytest.mark.parametrize("form", ["geojson", "pos", "useq", "nis", "gds"])
def test_formats_of_places_say_what_a_scan_without_places_lacks(bring: Bring, form):
    scan = bring(placed=False)

    with pytest.raises(Conflict, match="none of its 6 tiles has a stage position") as refused:
        scan.write(form)

    assert f"POST /v1/scans/{scan.scan_id}/positions" in str(refused.value)
    for other in ("csv", "json", "coco", "pdf"):
        assert scan.write(other).stat().st_size > 1000


def test_positions_without_a_scale_are_another_reason(stores_of_chip, tmp_path):
    new = CHIP.new_scan()
    scan_id = create_scan(stores_of_chip.sessions, type(new)(name="no scale")).id
    add_tile(stores_of_chip, scan_id, CHIP.tile(0, 0), screen=CHIP.screen)

    with pytest.raises(Conflict, match="but no scale: um per pixel is unknown"):
        Filled(stores_of_chip, scan_id, tmp_path).write("pos")


def test_flakes_of_tiles_without_a_position_are_left_out_and_counted(chip: Filled):
    tile = CHIP.tile(400, 0)
    lost = type(tile)(image=b"0 0 400 300 again", name="lost.png")
    add_tile(chip.stores, chip.scan_id, lost, screen=CHIP.screen)

    content = json.loads(chip.write("pos").read_bytes())

    assert len(content["map"]["StagePositions"]["array"]) == 3
    # Of 1, 3 and 7 on the tile that stands nowhere, nobody has rejected any.
    said = (chip.folder / "notes").read_text()
    assert said == "3 flakes have no stage coordinates and are left out."
    assert json.loads(chip.write("geojson").read_bytes())["left_out"] == 3


def test_an_alignment_moves_the_outlines_into_the_design(filled: Filled):
    marks = (Mark((12_000, -8_000), (0, 0)), Mark((13_000, -8_000), (0, 1_000)))

    library = gdstk.read_gds(filled.write("gds", options=ExportOptions(marks=marks)))

    (cell,) = library.top_level()
    flakes = filled.everything
    for label in cell.labels:
        x_um, y_um = flakes[label.text].centre_um
        assert label.origin == pytest.approx((-(y_um + 8_000), x_um - 12_000), abs=0.01)
    assert "turned 90.0000 deg" in (filled.folder / "notes").read_text()


def test_wrong_options_are_refused(filled: Filled):
    for options, reason in (
        (ExportOptions(version="3"), "version is '3'; it has to be one of 2, 1.4"),
        (ExportOptions(encoding="xml"), "as is 'xml'"),
        (ExportOptions(masks="png"), "masks is 'png'"),
    ):
        with pytest.raises(InvalidValue, match=reason):
            filled.write("csv", options=options)
    with pytest.raises(InvalidValue, match="sort is 'colour'"):
        filled.write("csv", sort="colour")
    with pytest.raises(NotFound, match="There is no scan 99"):
        Filled(filled.stores, 99, filled.folder).write("csv")
