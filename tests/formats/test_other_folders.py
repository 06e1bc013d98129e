import pytest

from service.errors import InvalidValue
from service.formats.read_folder import read_folder
from tests.formats.drawn import grid, noted, places, write_images, write_json


@pytest.mark.parametrize(
    "template",
    [
        "{row}_{col}.jpg",
        "tile_{row}_{col}.png",
        "r{row:03}_c{col:03}.png",
        "tile_r{row:03}_c{col:03}.jpg",
        "chip7_row{row}-col{col}_20x.tif",
        "scan_C{col}R{row}.bmp",
        "1-Pos{col:03}_{row:03}.png",
        "1-Pos_{col:03}_{row:03}/img_000000000_Default_000.png",
    ],
)
def test_names_state_rows_and_columns_and_no_micrometres(tmp_path, template):
    places_of = [(row, col) for row in range(3) for col in range(12)]
    write_images(tmp_path, [template.format(row=row, col=col) for row, col in places_of])

    scan = read_folder(tmp_path)

    assert scan.format.startswith("images with row and column in their names")
    assert [(tile.row, tile.col) for tile in scan.tiles if tile.row is not None] == [
        (tile.row, tile.col) for tile in scan.tiles
    ]
    assert {(tile.row, tile.col) for tile in scan.tiles} == set(places_of)
    assert {tile.stage_x_um for tile in scan.tiles} == {None}


@pytest.mark.parametrize(
    "names",
    [
        ["IMG_20240101_120000.jpg", "IMG_20240102_130000.jpg"],
        ["20240101_120000.jpg", "20240102_130000.jpg"],
        ["image 1.png", "image 2.png", "image 10.png"],
        ["0_0.jpg", "a.jpg", "b.jpg"],
    ],
)
def test_other_numbers_in_names_are_no_rows_and_the_order_is_natural(tmp_path, names):
    write_images(tmp_path, names)

    scan = read_folder(tmp_path)

    assert scan.format == "images without positions"
    assert [tile.name for tile in scan.tiles] == names


def test_two_scans_in_one_folder_share_no_grid_and_keep_their_names_apart(tmp_path):
    write_images(tmp_path, ["one/0_0.png", "one/0_1.png", "two/0_0.png", "two/0_1.png"])

    scan = read_folder(tmp_path)

    assert [tile.name for tile in scan.tiles] == [
        "one/0_0.png",
        "one/0_1.png",
        "two/0_0.png",
        "two/0_1.png",
    ]
    assert {tile.row for tile in scan.tiles} == {None}


def test_a_fast_scan_has_its_centres_and_its_reduced_scale(tmp_path):
    write_images(tmp_path, ["frame_0000.jpg", "frame_0001.jpg", "frame_0002.jpg"])
    frames = [
        {"n": 0, "row": 0, "x_start": 90.0, "x_end": 110.0, "y_um": 7.0},
        {"n": 1, "row": 0, "x_um": 300.0, "y_um": 7.0},
    ]
    meta = {"optics": {"sample_pixel_x_um": 0.36}, "downsample": 2, "frames": frames}
    write_json(tmp_path / "scan_meta.json", meta)

    scan = read_folder(tmp_path)

    assert scan.um_per_px == 0.72
    assert places(scan) == {
        "frame_0000.jpg": (100.0, 7.0),
        "frame_0001.jpg": (300.0, 7.0),
        "frame_0002.jpg": (None, None),
    }


def test_a_fast_scan_with_a_malformed_file_names_it(tmp_path):
    write_images(tmp_path, ["frame_0000.jpg"])
    (tmp_path / "scan_meta.json").write_text('{"frames": [')

    with pytest.raises(InvalidValue, match=r"^scan_meta\.json is no valid JSON"):
        read_folder(tmp_path)


def test_names_give_rows_where_the_description_gives_only_the_stage(tmp_path):
    places_of = [(0, 0), (0, 1), (1, 0), (1, 1)]
    write_images(tmp_path, [f"r{row}_c{col}.png" for row, col in places_of])
    lines = [f"r{row}_c{col}.png,{70 * row},{90 * col}" for row, col in places_of]
    (tmp_path / "p.csv").write_text("\n".join(["file,x_um,y_um", *lines]))

    scan = read_folder(tmp_path)

    assert list(grid(scan).values()) == places_of
    assert noted(scan, "Columns run along stage y: the images may need swap_xy.")
    assert noted(scan, "Rows run along stage x: the images may need swap_xy.")
