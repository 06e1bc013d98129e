import json
from pathlib import Path

import tifffile

from service.formats.read_folder import read_folder, tile_bytes
from service.vision.decode import decode
from tests.formats.drawn import noted, pixels, write_image

METADATA = 51123


def tag(index: int, x_um: float, y_um: float, **more: object) -> list[tuple]:
    image = {
        "PositionIndex": index,
        "PositionName": f"Pos{index}",
        "PixelSizeUm": 0.5,
        "PixelSizeAffine": "-0.5;0.0;0.0;0.0;0.5;0.0",
        "XPositionUm": x_um,
        "YPositionUm": y_um,
        **more,
    }
    return [(METADATA, "s", 0, json.dumps(image), True)]


def write_stack(path: Path) -> None:
    """Three positions in one file, the second with two focus steps."""
    pages = [(0, 0, 0.0), (1, 0, 50.0), (1, 1, 50.0), (2, 0, 100.0)]
    with tifffile.TiffWriter(path) as tiff:
        for level, (index, slice_, x_um) in enumerate(pages):
            tiff.write(
                pixels(10 * level),
                photometric="rgb",
                metadata=None,
                extratags=tag(index, x_um, 7.0, SliceIndex=slice_),
            )


def test_each_position_of_a_stack_is_a_tile_with_its_own_pixels(tmp_path):
    write_stack(tmp_path / "chip_1_MMStack.ome.tif")

    scan = read_folder(tmp_path)

    assert scan.format == "Micro-Manager TIFF files with their own metadata"
    found = [(tile.name, tile.stage_x_um, tile.stage_y_um, tile.pages) for tile in scan.tiles]
    assert found == [
        ("Pos0", 0.0, 7.0, (0,)),
        ("Pos1", 50.0, 7.0, (2,)),
        ("Pos2", 100.0, 7.0, (3,)),
    ]
    assert (scan.flip_x, scan.flip_y, scan.um_per_px) == (True, False, 0.5)
    decoded = [decode(tile_bytes(tile)).pixels for tile in scan.tiles]
    assert [int(image[5, 5, 0]) for image in decoded] == [0, 20, 30]
    assert (decoded[0] == pixels(0)).all()


def test_a_file_for_each_position_is_sent_as_it_is(tmp_path):
    for index in range(3):
        tifffile.imwrite(
            tmp_path / f"chip_MMStack_Pos{index}.ome.tif",
            pixels(index),
            photometric="rgb",
            metadata=None,
            extratags=tag(index, 50.0 * index, 0.0),
        )

    scan = read_folder(tmp_path)

    assert [tile.stage_x_um for tile in scan.tiles] == [0.0, 50.0, 100.0]
    assert all(tile_bytes(tile) == tile.path.read_bytes() for tile in scan.tiles)


def test_what_imagej_keeps_of_micro_managers_metadata_is_read_too(tmp_path):
    for index in range(2):
        info = json.dumps({"XPositionUm": 10.0 + index, "YPositionUm": 5.0, "PositionIndex": index})
        tifffile.imwrite(
            tmp_path / f"img_{index}.tif", pixels(1)[..., 0], imagej=True, metadata={"Info": info}
        )

    assert [tile.stage_x_um for tile in read_folder(tmp_path).tiles] == [10.0, 11.0]


def test_a_damaged_file_among_good_ones_becomes_a_tile_that_fails_alone(tmp_path):
    write_stack(tmp_path / "a_MMStack.ome.tif")
    write_image(tmp_path / "b_MMStack.ome.tif")
    data = (tmp_path / "b_MMStack.ome.tif").read_bytes()
    (tmp_path / "b_MMStack.ome.tif").write_bytes(data[:6])

    scan = read_folder(tmp_path)

    assert len(scan.tiles) == 4
    assert scan.tiles[3].path.name == "b_MMStack.ome.tif"
    assert noted(scan, "b_MMStack.ome.tif is no readable TIFF file")
    assert not noted(scan, str(tmp_path))
