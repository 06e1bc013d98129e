from importlib.util import find_spec

import numpy as np
import pytest

from service.errors import InvalidValue, TooLarge
from service.formats.read_folder import read_folder, tile_bytes
from service.formats.side_file import load_extra
from service.vision.decode import decode
from tests.formats.drawn import affine_of, noted, pixels, write_image
from tests.formats.nd2_file import write_nd2

POINTS = [("chip a", 1000.0, 2000.0), ("chip b", 1060.0, 2000.0), ("chip c", 1060.0, 2050.0)]


@pytest.fixture
def nd2() -> None:
    pytest.importorskip("nd2", reason="the library nd2 is not installed (extra nd2)")


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_each_position_of_an_nd2_file_is_a_tile_in_the_right_colours(nd2, tmp_path, depth):
    drawn = [pixels(30 * n).astype(depth) for n in range(3)]
    write_nd2(tmp_path / "chip.nd2", drawn, POINTS)

    scan = read_folder(tmp_path)

    assert scan.format == "Nikon ND2"
    assert [(t.name, t.stage_x_um, t.stage_y_um) for t in scan.tiles] == POINTS
    assert {(tile.stage_z_um, tile.um_per_px) for tile in scan.tiles} == {(None, 0.25)}
    for tile, expected in zip(scan.tiles, drawn, strict=True):
        decoded = decode(tile_bytes(tile)).pixels
        assert decoded.dtype == depth
        assert (decoded == expected).all()
        assert tile_bytes(tile) == tile_bytes(tile)


@pytest.mark.parametrize(("direction", "flip_y"), [(1, False), (-1, True)])
def test_the_direction_of_the_stage_becomes_a_flip(nd2, tmp_path, direction, flip_y):
    drawn = [pixels(n)[..., 0].copy() for n in range(3)]
    write_nd2(tmp_path / "chip.nd2", drawn, POINTS, y_direction=direction)

    scan = read_folder(tmp_path)

    assert scan.orientation_stated
    assert (scan.flip_x, scan.flip_y, scan.affine) == (False, flip_y, None)
    assert affine_of(scan)[:, :2].tolist() == [[0.25, 0.0], [0.0, -0.25 if flip_y else 0.25]]


def test_a_single_image_without_calibration_has_a_position_and_no_scale(nd2, tmp_path):
    write_nd2(tmp_path / "chip.nd2", [pixels(1)], POINTS[:1], um_per_px=None)

    scan = read_folder(tmp_path)

    assert [(t.stage_x_um, t.stage_y_um) for t in scan.tiles] == [(1000.0, 2000.0)]
    assert scan.um_per_px is None
    assert noted(scan, "is not stated")


def test_pixels_are_counted_before_they_are_read(nd2, tmp_path):
    write_nd2(tmp_path / "chip.nd2", [pixels(1)], POINTS[:1])
    (tile,) = read_folder(tmp_path).tiles

    with pytest.raises(TooLarge):
        tile_bytes(tile, max_pixels=400)


@pytest.mark.parametrize("keep", [0, 3, 100, 5000])
def test_a_damaged_nd2_file_is_named(nd2, tmp_path, keep):
    write_nd2(tmp_path / "chip.nd2", [pixels(1)], POINTS[:1])
    (tmp_path / "chip.nd2").write_bytes((tmp_path / "chip.nd2").read_bytes()[:keep])

    with pytest.raises(InvalidValue, match=r"^chip\.nd2 is no readable ND2 file"):
        read_folder(tmp_path)


def test_a_damaged_file_among_good_ones_is_left_out_and_noted(nd2, tmp_path):
    write_nd2(tmp_path / "a.nd2", [pixels(1)], POINTS[:1])
    (tmp_path / "b.nd2").write_bytes(b"nothing")

    scan = read_folder(tmp_path)

    assert [tile.path.name for tile in scan.tiles] == ["a.nd2"]
    assert noted(scan, "b.nd2 is no readable ND2 file")


def test_a_missing_library_is_named_with_the_extra_that_brings_it():
    with pytest.raises(InvalidValue, match=r"pip install 'flakescope\[nd2\]'"):
        load_extra("no_such_library", extra="nd2", reads="Nikon ND2")


def test_images_beside_an_nd2_file_are_read_where_its_library_is_missing(tmp_path):
    write_image(tmp_path / "a.png")
    (tmp_path / "chip.nd2").write_bytes(b"")
    if find_spec("nd2") is not None:
        pytest.skip("the library nd2 is installed")

    scan = read_folder(tmp_path)

    assert [tile.name for tile in scan.tiles] == ["a.png"]
    assert noted(scan, "Not read: chip.nd2")
