import cv2
import numpy as np
import pytest

from service.errors import InvalidValue
from service.formats.read_folder import read_folder
from tests.formats.drawn import grid, noted, places, write_images, write_json


@pytest.mark.parametrize(
    "template",
    [
        "tile_x{col}_y{row}.tif",
        "Y{row:03}X{col:03}.jpg",
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


def write_overlapping(folder, template, *, rows=2, columns=3, x_first=False) -> None:
    chip = np.random.default_rng(7).integers(60, 200, (260, 360, 3), np.uint8)
    chip = cv2.GaussianBlur(chip, (0, 0), 1.2)
    for row in range(rows):
        for col in range(columns):
            part = chip[row * 80 : row * 80 + 110, col * 100 : col * 100 + 130]
            name = template.format(*((col, row) if x_first else (row, col)))
            cv2.imwrite(str(folder / name), part)


@pytest.mark.parametrize("template", ["{}_{}.png", "tile_{}_{}.tif", "tile-{:03}-{:03}.bmp"])
@pytest.mark.parametrize("x_first", [True, False])
def test_the_overlap_of_neighbours_tells_row_and_column_from_x_and_y(tmp_path, template, x_first):
    write_overlapping(tmp_path, template, x_first=x_first)

    found = grid(read_folder(tmp_path))

    for row, col in [(0, 0), (1, 0), (0, 2), (1, 2)]:
        name = template.format(*((col, row) if x_first else (row, col)))
        assert found[name] == (row, col)


@pytest.mark.parametrize("template", ["{row}_{col}.jpg", "tile_{row}_{col}.png"])
def test_two_bare_numbers_are_not_believed_where_images_show_nothing_in_common(tmp_path, template):
    places_of = [(row, col) for row in range(2) for col in range(3)]
    write_images(tmp_path, [template.format(row=row, col=col) for row, col in places_of])

    scan = read_folder(tmp_path)

    assert set(grid(scan).values()) == {(None, None)}
    assert len(scan.tiles) == 6
    assert noted(scan, "may be row and column or x and y")


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
