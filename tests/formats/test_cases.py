"""Folders of laboratories that were once believed wrongly, and what is right of each."""

from pathlib import Path

import pytest

from service.errors import InvalidImage, InvalidValue
from service.formats.folder_scan import FolderScan
from service.formats.read_folder import read_folder, tile_bytes
from service.intake.archives import ArchiveLimits, unpack
from service.vision.decode import decode

CASES = Path(__file__).parents[2].parent / "shared" / "cases"
XS, YS = (5407.464, 5499.72, 5591.976), (-2792.424, -2723.232)
GRID = [(x, y) for y in YS for x in XS]


def case(name: str) -> Path:
    if not (CASES / name).is_dir():
        pytest.skip(f"{CASES / name} is not here: the case is not tried")
    return CASES / name


def read_zip(path: Path, folder: Path) -> FolderScan:
    unpack(path, folder / "unpacked", ArchiveLimits(10_000, 2**30))
    return read_folder(folder / "unpacked")


def places(scan: FolderScan) -> list[tuple[float, float]]:
    return [(tile.stage_x_um, tile.stage_y_um) for tile in scan.tiles]


def test_ndtiff_tiles_lie_where_pycro_manager_sent_the_stage():
    scan = read_folder(case("02-ndtiff-tiles-collapse") / "pk_ndtiff_pos")

    assert places(scan) == [(x, YS[0]) for x in XS]


def test_of_a_magellan_pyramid_the_full_resolution_alone_is_the_scan():
    scan = read_folder(case("03-ndtiff-pyramid-real") / "ndtiff3.2_magellan_explore_rgb")

    assert places(scan) == [(0, 0), (31, 31), (62, 62)]


def test_an_axis_that_a_czi_file_states_stays_as_it_is():
    scan = read_folder(case("04-czi-one-axis-missing-real") / "S3_1Pos_2Mosaic_T1_Z1_CH1")

    by_block = {tile.pages[0]: (tile.stage_x_um, tile.stage_y_um) for tile in scan.tiles}
    assert len(by_block) == 28
    assert by_block[14] == pytest.approx((39001.0, 13306.4), abs=0.1)
    assert by_block[10][1] == 13122.058


def test_commas_that_may_be_either_mark_are_refused_with_both_readings():
    with pytest.raises(InvalidValue, match=r"'5,407'.* 5407 with .* 5\.407 with"):
        read_folder(case("05-csv-thousands-separator") / "csv_thousands")


def test_a_row_of_units_below_the_headings_counts():
    assert places(read_folder(case("07-csv-unit-row") / "csv_unitrow")) == GRID


def test_a_folder_named_by_a_label_is_believed_before_an_index():
    scan = read_folder(case("08-mm-index-shift") / "mm_index_shift")

    found = {tile.path.parent.name: (tile.stage_x_um, tile.stage_y_um) for tile in scan.tiles}
    assert found["Site_05"] == (1500.0, 2250.0)
    assert found["Site_13"] == (2300.0, 2650.0)


def test_an_album_of_a_stage_moved_by_hand_keeps_all_of_its_images(tmp_path):
    scan = read_zip(case("09-mm-album-manual-stage") / "mm_album.zip", tmp_path)

    assert places(scan) == [(None, None)] * 6


def test_two_chips_in_one_folder_are_refused_by_their_names(tmp_path):
    with pytest.raises(InvalidValue, match=r"chip_A and two_chips/chip_B"):
        read_zip(case("10-two-chips-one-folder") / "two_chips.zip", tmp_path)


def test_the_pictures_of_a_2dmatgmm_scan_lie_where_its_motor_was():
    scan = read_folder(case("11-2dmatgmm-layout") / "2dmatgmm")

    assert places(scan) == GRID
    assert any("4 images" in note and "2.5x/Pictures" in note for note in scan.notes)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("ome_posunit_refm.zip", GRID),
        ("ome_refframe_mixed.zip", [GRID[0]] + [(None, None)] * 5),
    ],
)
def test_a_reference_frame_is_no_unit(tmp_path, name, right):
    scan = read_zip(case("12-ome-reference-frame") / name, tmp_path)

    assert places(scan) == right
    assert any("reference frame" in note for note in scan.notes)


@pytest.mark.parametrize(
    "name", ["13-ome-three-fluorescence/ome_three_fluor", "15-nd2-second-channel/nd2_two_channels"]
)
def test_the_channel_of_white_light_is_read_by_its_name(tmp_path, name):
    if "nd2" in name:
        pytest.importorskip("nd2", reason="the library nd2 is not installed (extra nd2)")
    path = case(name.partition("/")[0]) / f"{name.partition('/')[2]}.zip"
    scan = read_zip(path, tmp_path)

    assert len(scan.tiles) == 6
    image = decode(tile_bytes(scan.tiles[0])).pixels
    assert image.mean() == pytest.approx(121.3, abs=0.1)
    assert any("'Brightfield'" in note for note in scan.notes)


@pytest.mark.parametrize("name", ["photo.dng", "photo_renamed.tif"])
def test_the_preview_of_a_dng_is_not_the_photograph(name):
    with pytest.raises(InvalidImage, match="preview"):
        decode((case("17-dng-thumbnail") / name).read_bytes())


def test_an_imagej_stack_in_one_page_is_a_stack():
    with pytest.raises(InvalidImage, match="holds 5 images"):
        decode((case("19-imagej-one-ifd-stack") / "ij_stack1ifd.tif").read_bytes())


@pytest.mark.parametrize("name", ["22-keyence-bzx/keyence", "25-lasx-tiff-export/pk_lasx"])
def test_scans_of_other_makers_have_their_places_and_scale(tmp_path, name):
    scan = read_zip(case(name.partition("/")[0]) / f"{name.partition('/')[2]}.zip", tmp_path)

    assert sorted(places(scan)) == sorted(GRID)
    assert scan.um_per_px == pytest.approx(0.3844, abs=1e-6)


def test_a_zip_of_powershell_5_is_unpacked(tmp_path):
    scan = read_zip(case("26-zip-powershell5") / "backslash.zip", tmp_path)

    assert places(scan) == GRID


def test_jpeg_2000_tiles_are_read_and_hollow_lif_files_named():
    assert len(read_folder(case("31-folder-of-foreign-files") / "jp2_folder").tiles) == 6
    with pytest.raises(InvalidValue, match=r"Project\.lif"):
        read_folder(case("31-folder-of-foreign-files") / "lif_folder")


@pytest.mark.parametrize(
    ("archive", "name"), [("names_X_Y", "1_0.tif"), ("names_xXyY", "tile_x1_y0.tif")]
)
def test_names_of_x_and_y_are_not_taken_for_row_and_column(tmp_path, archive, name):
    scan = read_zip(case("32-names-x-y") / f"{archive}.zip", tmp_path)

    (tile,) = (tile for tile in scan.tiles if tile.path.name == name)
    assert (tile.row, tile.col) == (0, 1)


def test_imagej_states_its_scale_in_words():
    path = case("34-imagej-unit-micron") / "ij_micron.tif"

    assert decode(path.read_bytes()).um_per_px == pytest.approx(0.3844)
