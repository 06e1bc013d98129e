from pathlib import Path

import pytest

from service.errors import InvalidValue
from service.formats.read_folder import read_folder
from tests.formats.drawn import grid, noted, places, write_image, write_images

TILE = '<Tile FieldX="{col}" FieldY="{row}" PosX="{x}" PosY="{y}" PosZ="-0.0001"/>'


def xlif(
    tiles: str, *, flips: str = 'FlipX="0" FlipY="0" SwapXY="0"', length: str = "1e-05"
) -> str:
    return (
        '<?xml version="1.0" encoding="utf-16"?><Data xmlns="urn:leica"><Image>'
        f'<Attachment Name="TileScanInfo" Application="LAS AF" {flips}>{tiles}</Attachment>'
        f'<DimensionDescription DimID="1" NumberOfElements="21" Length="{length}"/>'
        '<DimensionDescription DimID="2" NumberOfElements="21" Length="1e-05"/>'
        '<DimensionDescription DimID="10" NumberOfElements="4" Length="3"/>'
        "</Image></Data>"
    )


def tiles_of(order: list[tuple[int, int]]) -> str:
    return "".join(
        TILE.format(row=row, col=col, x=0.012 + col * 8e-6, y=-0.008 + row * 6e-6)
        for row, col in order
    )


DOWN = [(0, 0), (1, 0), (0, 1), (1, 1)]


def write_scan(folder: Path, written: str, encoding: str = "utf-8") -> None:
    write_images(folder / "TileScan_001", [f"TileScan_001--Stage{n:03d}.jpg" for n in range(4)])
    meta = folder / "TileScan_001" / "leicametadata" / "TileScan_001.xlif"
    meta.parent.mkdir()
    meta.write_bytes(written.encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_numbers_run_down_the_columns_and_metres_become_micrometres(tmp_path, encoding):
    write_scan(tmp_path, xlif(tiles_of(DOWN)), encoding)

    scan = read_folder(tmp_path)

    assert list(grid(scan).values()) == DOWN
    assert list(places(scan).values()) == [
        (12000.0, -8000.0),
        (12000.0, -7994.0),
        (12008.0, -8000.0),
        (12008.0, -7994.0),
    ]
    # 21 pixels have 20 steps between their centres.
    assert scan.um_per_px == 0.5
    assert {tile.stage_z_um for tile in scan.tiles} == {-100.0}


def test_a_list_in_another_order_is_sorted_down_the_columns_and_noted(tmp_path):
    write_scan(tmp_path, xlif(tiles_of([(0, 0), (0, 1), (1, 0), (1, 1)])))

    scan = read_folder(tmp_path)

    assert list(grid(scan).values()) == DOWN
    assert noted(scan, "in another order")


def test_flips_and_swap_are_those_of_the_scan(tmp_path):
    write_scan(tmp_path, xlif(tiles_of(DOWN), flips='FlipX="1" FlipY="0" SwapXY="1"'))

    scan = read_folder(tmp_path)

    assert (scan.flip_x, scan.flip_y, scan.swap_xy) == (True, False, True)
    assert scan.orientation_stated


def test_of_several_channels_and_focus_steps_one_image_is_a_tile(tmp_path):
    write_scan(tmp_path, xlif(tiles_of(DOWN)))
    for path in list((tmp_path / "TileScan_001").glob("*.jpg")):
        for rest in ("--Z00--C00", "--Z01--C00", "--Z02--C00", "--Z01--C01"):
            write_image(path.with_stem(path.stem + rest))
        path.unlink()

    scan = read_folder(tmp_path)

    assert [tile.path.name[-14:-4] for tile in scan.tiles] == ["--Z01--C00"] * 4


def test_images_beyond_the_list_and_unequal_scales_are_noted_or_unknown(tmp_path):
    write_scan(tmp_path, xlif(tiles_of(DOWN[:3]), length="2e-05"))

    scan = read_folder(tmp_path)

    assert scan.um_per_px is None
    assert places(scan)["TileScan_001--Stage003.jpg"] == (None, None)
    assert noted(scan, "has 3 tiles, but 1 images have higher numbers")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("<Data><Image>", "no valid XML"),
        (xlif(tiles_of(DOWN)).replace("0.012", "here"), "states a tile position of 'here"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><Data>&b;</Data>', "declares a document type"),
    ],
)
def test_a_malformed_xlif_is_named(tmp_path, written, words):
    write_scan(tmp_path, written)

    with pytest.raises(InvalidValue, match=words) as caught:
        read_folder(tmp_path)

    assert str(caught.value).startswith("TileScan_001/leicametadata/TileScan_001.xlif ")


def test_an_xlif_of_a_single_image_is_no_tile_scan(tmp_path):
    write_scan(tmp_path, "<Data><Image><Attachment Name='Other'/></Image></Data>")

    scan = read_folder(tmp_path)

    assert scan.format == "images without positions"
    assert noted(scan, "Not read: TileScan_001/leicametadata/TileScan_001.xlif.")
