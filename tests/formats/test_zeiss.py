import numpy as np
import pytest

from service.errors import InvalidValue, TooLarge
from service.formats.read_folder import read_folder, tile_bytes
from service.vision.decode import decode
from tests.formats.czi_file import Tile, write_czi
from tests.formats.drawn import noted, pixels

pytest.importorskip("czifile", reason="the library czifile is not installed (extra czi)")

CORNERS = [(0, 0), (20, 0), (0, 16), (20, 16)]


def stage(xy_px: tuple[int, int]) -> tuple[float, float]:
    return 43427.982 + xy_px[0] * 0.25, -42720.296 + xy_px[1] * 0.25


def mosaic(**more: object) -> list[Tile]:
    return [
        Tile(image=pixels(30 * n), mosaic=n, xy_px=corner, stage_um=stage(corner), **more)
        for n, corner in enumerate(CORNERS)
    ]


def test_tiles_of_a_mosaic_lie_where_the_stage_was(tmp_path):
    small = Tile(image=pixels(9), mosaic=0, xy_px=(0, 0), pyramid=2)
    write_czi(tmp_path / "chip.czi", [small, *mosaic()])

    scan = read_folder(tmp_path)

    assert scan.format == "Zeiss CZI"
    found = [(tile.stage_x_um, tile.stage_y_um) for tile in scan.tiles]
    assert found == [pytest.approx(stage(corner), abs=1e-4) for corner in CORNERS]
    assert {(tile.um_per_px, tile.stage_z_um) for tile in scan.tiles} == {(0.25, 9801.29)}
    assert len({tile.name for tile in scan.tiles}) == 4


@pytest.mark.parametrize("compression", [0, 4, 5, 6])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("colour", [True, False])
def test_every_compression_gives_the_same_pixels(tmp_path, compression, depth, colour):
    image = pixels(77).astype(depth) * (257 if depth == np.uint16 else 1)
    image = image if colour else image[..., 0].copy()
    tile = Tile(image=image, mosaic=0, xy_px=(0, 0), stage_um=(1, 2), compression=compression)
    write_czi(tmp_path / "chip.czi", [tile])

    (found,) = read_folder(tmp_path).tiles

    decoded = decode(tile_bytes(found)).pixels
    assert decoded.dtype == depth
    assert (decoded == (image if colour else image[..., None])).all()
    assert tile_bytes(found) == tile_bytes(found)


def test_without_stage_positions_they_follow_from_the_centre_of_the_scene(tmp_path):
    tiles = [
        Tile(image=pixels(n), mosaic=n, xy_px=(1000 + x, 500 + y), scene=1)
        for n, (x, y) in enumerate(CORNERS)
    ]
    write_czi(tmp_path / "chip.czi", tiles, centres_um=[(0.0, 0.0), (5000.0, 7000.0)])

    scan = read_folder(tmp_path)

    # Two tiles of 24 and 20 pixels, 20 and 16 apart: each centre is half of that off the middle.
    assert [(tile.stage_x_um, tile.stage_y_um) for tile in scan.tiles] == [
        (4997.5, 6998.0),
        (5002.5, 6998.0),
        (4997.5, 7002.0),
        (5002.5, 7002.0),
    ]
    assert noted(scan, "4 images of chip.czi state no stage position")


def test_without_any_position_it_is_unknown_and_of_a_stack_the_middle_is_the_tile(tmp_path):
    tiles = [Tile(image=pixels(n), mosaic=0, xy_px=(0, 0), slice=n) for n in range(3)]
    write_czi(tmp_path / "chip.czi", tiles, um_per_px=None)

    (tile,) = read_folder(tmp_path).tiles

    assert (tile.stage_x_um, tile.um_per_px, tile.pages) == (None, None, (1,))


def test_pixels_are_counted_before_they_are_read(tmp_path):
    write_czi(tmp_path / "chip.czi", mosaic()[:1])
    (tile,) = read_folder(tmp_path).tiles

    with pytest.raises(TooLarge):
        tile_bytes(tile, max_pixels=400)


@pytest.mark.parametrize("keep", [0, 20, 600, 1500])
def test_a_damaged_czi_file_is_named(tmp_path, keep):
    write_czi(tmp_path / "chip.czi", mosaic())
    (tmp_path / "chip.czi").write_bytes((tmp_path / "chip.czi").read_bytes()[:keep])

    with pytest.raises(InvalidValue, match=r"^chip\.czi is no readable CZI file"):
        read_folder(tmp_path)


def test_a_compression_that_nobody_knows_is_named(tmp_path):
    write_czi(tmp_path / "chip.czi", mosaic(compression=99)[:1])
    (tile,) = read_folder(tmp_path).tiles

    with pytest.raises(InvalidValue, match="compression number 99"):
        tile_bytes(tile)
