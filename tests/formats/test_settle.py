from dataclasses import replace
from pathlib import Path

import pytest

from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.plausible import drop_implausible
from service.formats.read_folder import read_folder
from tests.formats.drawn import noted, places, write_images, write_json

ROOT = Path("scan")


def tiles(*stage_um: tuple[float | None, float | None], **more: object) -> list[FolderTile]:
    return [
        FolderTile(path=ROOT / f"image {n}.png", stage_x_um=x, stage_y_um=y, **more)
        for n, (x, y) in enumerate(stage_um)
    ]


def settled(*found: FolderTile, **more: object) -> FolderScan:
    return drop_implausible(FolderScan(format="test", tiles=list(found), **more), ROOT)


def test_zero_again_and_again_is_a_stage_that_did_not_answer():
    scan = settled(*tiles((0.0, 0.0), (90.0, 0.0), (-0.0, 0.0), (180.0, 0.0)))

    assert [tile.stage_x_um for tile in scan.tiles] == [None, 90.0, None, 180.0]
    assert noted(scan, "2 tiles state one and the same stage position, x 0 um, y 0 um")


def test_zero_once_is_a_place_like_any_other():
    scan = settled(*tiles((0.0, 0.0), (90.0, 0.0), (0.0, 90.0)))

    assert scan.tiles[0].stage_x_um == 0.0


def test_zero_as_the_only_place_is_a_stage_that_did_not_answer_also_for_one_tile():
    assert [tile.stage_x_um for tile in settled(*tiles((0.0, 0.0))).tiles] == [None]


def test_of_two_images_at_one_place_the_first_stays_unless_rows_tell_them_apart():
    same = tiles((1.0, 2.0), (5.0, 2.0), (1.0, 2.0))
    apart = [replace(tile, row=0, col=n) for n, tile in enumerate(same)]

    scan = settled(*same)

    assert [tile.name for tile in scan.tiles] == ["image 0.png", "image 1.png"]
    assert noted(scan, "1 tiles are left out: others stand at the same stage position")
    assert len(settled(*apart).tiles) == 3


def test_a_grid_that_repeats_itself_is_not_used():
    found = [
        replace(tile, row=0, col=n % 2) for n, tile in enumerate(tiles((1, 2), (3, 4), (5, 6)))
    ]

    scan = settled(*found)

    assert {(tile.row, tile.col) for tile in scan.tiles} == {(None, None)}
    assert noted(scan, "Row 0, column 0 stands for 2 tiles")


@pytest.mark.parametrize(
    "place",
    [
        {"stage_x_um": 3e7, "stage_y_um": 1.0},
        {"stage_x_um": None, "stage_y_um": 1.0},
        {"row": 5},
        {"row": 2_000_000, "col": 0},
        {"stage_z_um": -1e9},
        {"um_per_px": 1e6},
    ],
)
def test_what_no_microscope_has_is_unknown(place):
    (tile,) = settled(FolderTile(path=ROOT / "a.png", **place)).tiles

    assert tile == FolderTile(path=ROOT / "a.png", name="a.png")


def test_tiles_of_different_scales_have_none_in_common():
    first, second = tiles((1.0, 2.0), (3.0, 4.0))

    scan = settled(replace(first, um_per_px=0.1), replace(second, um_per_px=0.2), um_per_px=0.1)

    assert scan.um_per_px is None
    assert [tile.um_per_px for tile in scan.tiles] == [0.1, 0.2]
    assert noted(scan, "different scales, from 0.1 to 0.2 um per pixel")


def test_the_first_note_sums_up():
    found = [replace(tile, row=0, col=n) for n, tile in enumerate(tiles((1, 2), (None, None)))]

    scan = settled(*found, um_per_px=0.25)

    assert scan.notes[0] == (
        "2 tiles: 1 with a stage position, 2 with row and column; 0.25 um per pixel."
    )


def test_a_thousand_notes_are_cut_to_what_a_person_reads():
    scan = settled(*tiles((1.0, 2.0)), notes=[f"note {n}" for n in range(1000)])

    assert len(scan.notes) == 30
    assert scan.notes[-1].startswith("There are 97")


def test_where_two_descriptions_stand_together_each_gives_what_it_knows(tmp_path):
    write_images(tmp_path, ["a.tif", "b.tif"])
    content = {"Summary": {"PixelSize_um": 0.5}}
    for index, name in enumerate(["a.tif", "b.tif"]):
        content |= {f"Metadata-{name}": {"PositionIndex": index, "PositionName": f"Pos{index}"}}
    write_json(tmp_path / "metadata.txt", content)
    (tmp_path / "p.csv").write_text("file,x_um,y_um\na.tif,1,2\nb.tif,30,2\n")

    scan = read_folder(tmp_path)

    assert places(scan) == {"a.tif": (1.0, 2.0), "b.tif": (30.0, 2.0)}
    assert scan.um_per_px == 0.5
    assert noted(scan, "Not read: metadata.txt.")
