import numpy as np
import pytest

from service.errors import InvalidValue
from service.formats.read_folder import read_folder, tile_bytes
from service.vision.decode import decode
from tests.formats.drawn import noted, pixels, places, write_image
from tests.formats.ome_file import image, ome, write_pages


def plane(x: object, y: object, unit: str | None = None, **at: int) -> str:
    units = "" if unit is None else f'PositionXUnit="{unit}" PositionYUnit="{unit}"'
    where = "".join(f' The{axis}="{at.get(axis, 0)}"' for axis in "ZCT")
    return f'<Plane{where} PositionX="{x}" PositionY="{y}" {units}/>'


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        (None, 1.0),
        ("µm", 1.0),
        ("&#181;m", 1.0),
        ("Âµm", 1.0),
        ("micron", 1.0),
        ("nm", 1000.0),
        ("mm", 0.001),
        ("m", 1e-6),
        ("pixel", 4.0),
    ],
)
def test_positions_are_micrometres_whatever_their_unit(tmp_path, unit, factor):
    written = plane(19924.65 * factor, -5011.2 * factor, unit)
    write_pages(tmp_path / "a.ome.tif", [pixels(1)], ome(image(written)))

    scan = read_folder(tmp_path)

    assert scan.format == "OME-TIFF"
    assert places(scan) == {"a.ome.tif": (pytest.approx(19924.65), pytest.approx(-5011.2))}
    assert scan.um_per_px == 0.25


def test_a_length_in_an_unknown_unit_is_unknown(tmp_path):
    size = 'PhysicalSizeX="0.25" PhysicalSizeXUnit="furlong"'
    write_pages(tmp_path / "a.ome.tif", [pixels(1)], ome(image(plane(1, 2, "parsec"), pixels=size)))

    (tile,) = read_folder(tmp_path).tiles

    assert (tile.stage_x_um, tile.stage_y_um, tile.um_per_px) == (None, None, None)


def test_a_stage_label_gives_the_name_and_where_planes_have_none_the_position(tmp_path):
    for number in range(2):
        label = f'<StageLabel Name="chip {number}" X="{50 * number}" Y="7" Z="3"/>'
        written = image().replace("<Pixels", label + "<Pixels")
        write_pages(tmp_path / f"{number}.ome.tif", [pixels(number)], ome(written))

    scan = read_folder(tmp_path)

    found = [(tile.name, tile.stage_x_um, tile.stage_y_um, tile.stage_z_um) for tile in scan.tiles]
    assert found == [("chip 0", 0.0, 7.0, 3.0), ("chip 1", 50.0, 7.0, 3.0)]


def test_planes_win_over_a_label_that_contradicts_them(tmp_path):
    label = '<StageLabel Name="chip" X="90" Y="7"/>'
    written = image(plane(50, 7)).replace("<Pixels", label + "<Pixels")
    write_pages(tmp_path / "a.ome.tif", [pixels(1)], ome(written))

    scan = read_folder(tmp_path)

    assert places(scan) == {"a.ome.tif": (50.0, 7.0)}
    assert noted(scan, "differ by up to 40.0 um")


def test_several_interleaved_tiles_in_one_file_keep_their_own_pixels(tmp_path):
    images = [
        image(plane(50 * n, 7), name=f"tile {n}", inside=f'<TiffData IFD="{n}"/>') for n in range(3)
    ]
    drawn = [pixels(40 * n) for n in range(3)]
    write_pages(tmp_path / "all.ome.tif", drawn, ome("".join(images)))

    scan = read_folder(tmp_path)

    assert [(t.name, t.stage_x_um, t.pages) for t in scan.tiles] == [
        ("tile 0", 0.0, (0,)),
        ("tile 1", 50.0, (1,)),
        ("tile 2", 100.0, (2,)),
    ]
    for tile, expected in zip(scan.tiles, drawn, strict=True):
        assert (decode(tile_bytes(tile)).pixels == expected).all()


@pytest.mark.parametrize(
    "names", [("Red", "Green", "Blue"), ("Blue", "Green", "Red"), ("", "", "")]
)
@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_planar_colour_becomes_one_tile_in_the_right_colours(tmp_path, names, several, depth):
    count = 2 if several else 1
    drawn = [
        pixels(40 * n).astype(depth) * (257 if depth == np.uint16 else 1) for n in range(count)
    ]
    order = [("Red", "Green", "Blue").index(name) if name else n for n, name in enumerate(names)]
    channels = "".join(f'<Channel Name="{name}" SamplesPerPixel="1"/>' for name in names)
    images = [
        image(
            plane(50 * n, 7),
            sizes=(1, 3, 1),
            inside=f'{channels}<TiffData IFD="{3 * n}" PlaneCount="3"/>',
        )
        for n in range(count)
    ]
    pages = [np.ascontiguousarray(one[..., channel]) for one in drawn for channel in order]
    write_pages(tmp_path / "planar.ome.tif", pages, ome("".join(images)))

    scan = read_folder(tmp_path)

    assert len(scan.tiles) == count
    assert all(bool(tile.pages) == several for tile in scan.tiles)
    for tile, expected in zip(scan.tiles, drawn, strict=True):
        decoded = decode(tile_bytes(tile)).pixels
        assert decoded.dtype == depth
        assert (decoded == expected).all()


def test_of_a_focus_stack_the_middle_step_is_the_tile(tmp_path):
    drawn = [pixels(10 * n)[..., 0].copy() for n in range(3)]
    planes = "".join(plane(50, 7 + 0.1 * n, Z=n) for n in range(3))
    write_pages(tmp_path / "z.ome.tif", drawn, ome(image(planes, sizes=(3, 1, 1))))

    (tile,) = read_folder(tmp_path).tiles

    assert (tile.pages, tile.stage_y_um) == ((1,), 7.1)
    assert (decode(tile_bytes(tile)).pixels[..., 0] == drawn[1]).all()


def test_files_that_describe_each_other_give_each_tile_once(tmp_path):
    images = "".join(
        image(
            plane(50 * n, 7),
            inside=f'<TiffData IFD="0"><UUID FileName="part{n}.ome.tif">u</UUID></TiffData>',
        )
        for n in range(3)
    )
    for number in range(3):
        write_pages(tmp_path / f"part{number}.ome.tif", [pixels(number)], ome(images))

    scan = read_folder(tmp_path)

    assert places(scan) == {f"part{n}.ome.tif": (50.0 * n, 7.0) for n in range(3)}
    assert {tile.pages for tile in scan.tiles} == {()}


def test_a_companion_describes_files_that_say_nothing_themselves(tmp_path):
    images = "".join(
        image(
            plane(50 * n, 7),
            inside=f'<TiffData IFD="0"><UUID FileName="part{n}.tif">u</UUID></TiffData>',
        )
        for n in range(2)
    )
    for number in range(2):
        write_image(tmp_path / f"part{number}.tif", number)
    (tmp_path / "scan.companion.ome").write_text(ome(images))

    scan = read_folder(tmp_path)

    assert places(scan) == {"part0.tif": (0.0, 7.0), "part1.tif": (50.0, 7.0)}
    assert scan.side_files == ("scan.companion.ome",)


def test_a_file_that_was_renamed_still_describes_itself(tmp_path):
    inside = '<TiffData IFD="0"><UUID FileName="old.ome.tif">u</UUID></TiffData>'
    written = ome(image(plane(50, 7), inside=inside))
    write_pages(tmp_path / "new.ome.tif", [pixels(1)], written)

    assert places(read_folder(tmp_path)) == {"new.ome.tif": (50.0, 7.0)}


def test_a_description_opens_no_file_outside_the_folder(tmp_path):
    inside = '<TiffData IFD="0"><UUID FileName="{}">u</UUID></TiffData>'
    images = "".join(
        image(plane(50, n), inside=inside.format(file))
        for n, file in enumerate(["../secret.tif", str(tmp_path / "secret.tif"), "a.ome.tif"])
    )
    write_image(tmp_path / "secret.tif")
    write_pages(tmp_path / "scan" / "a.ome.tif", [pixels(1)], ome(images))

    scan = read_folder(tmp_path / "scan")

    assert places(scan) == {"a.ome.tif": (50.0, 2.0)}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_pages_of_every_byte_order_and_of_big_files_are_copied_without_loss(tmp_path, order, big):
    drawn = [pixels(n).astype(np.uint16) * 250 for n in range(2)]
    images = "".join(image(plane(50 * n, 7), inside=f'<TiffData IFD="{n}"/>') for n in range(2))
    write_pages(tmp_path / "a.ome.tif", drawn, ome(images), byteorder=order, bigtiff=big)

    tiles = read_folder(tmp_path).tiles

    for tile, expected in zip(tiles, drawn, strict=True):
        assert (decode(tile_bytes(tile)).pixels == expected).all()
        assert tile_bytes(tile) == tile_bytes(tile)


def test_malformed_xml_in_a_file_is_noted_and_the_file_is_a_tile_like_any_other(tmp_path):
    write_pages(tmp_path / "a.ome.tif", [pixels(1)], ome(image(plane(50, 7))))
    write_pages(tmp_path / "b.ome.tif", [pixels(1)], ome("<Image><Pixels>"))

    scan = read_folder(tmp_path)

    assert places(scan) == {"a.ome.tif": (50.0, 7.0), "b.ome.tif": (None, None)}
    assert noted(scan, "b.ome.tif is no valid XML")


def test_a_malformed_companion_is_named(tmp_path):
    write_image(tmp_path / "a.tif")
    (tmp_path / "scan.companion.ome").write_text("<OME>")

    with pytest.raises(InvalidValue, match=r"^scan\.companion\.ome is no valid XML"):
        read_folder(tmp_path)


@pytest.mark.parametrize("sizes", [(9, 1, 1), (1, 1, 7), (10**9, 10**9, 10**9)])
def test_of_planes_that_were_planned_only_those_that_exist_are_tiles(tmp_path, sizes):
    written = ome(image(plane(50, 7), sizes=sizes))
    write_pages(tmp_path / "a.ome.tif", [pixels(5), pixels(6)], written)

    (tile,) = read_folder(tmp_path).tiles

    assert (decode(tile_bytes(tile)).pixels[..., 0] > 4).any()
    assert tile.stage_x_um == 50.0
