"""More inputs of each kind that was once believed wrongly, drawn with a known answer."""

import zipfile
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

from service.errors import InvalidArchive, InvalidImage, InvalidValue, TooLarge
from service.formats.mosaic_tiles import cut_mosaics
from service.formats.read_folder import read_folder, tile_bytes
from service.formats.registry import READERS
from service.images.channel_choice import choose_channels
from service.images.tiff_region import read_region
from service.images.units import um_per_unit
from service.intake.archives import ArchiveLimits, unpack
from service.vision.decode import decode
from tests.formats.drawn import (
    by_name,
    noted,
    pixels,
    places,
    write_image,
    write_images,
    write_json,
)

GRID = [(0, 0), (90, 0), (180, 0), (0, 70), (90, 70), (180, 70)]


def write_mm(folder: Path, images: list[dict], **summary: object) -> None:
    content: dict = {"Summary": summary}
    for number, image in enumerate(images):
        name = image.pop("file", f"img_{number:03}.tif")
        write_image(folder / name, 10 * number)
        content[f"Metadata-{name}"] = {"FileName": name, **image}
    write_json(folder / "metadata.txt", content)


# Unknown is not equal


def test_times_at_an_unknown_place_are_tiles_each_and_focus_steps_are_one(tmp_path):
    write_mm(tmp_path, [{"FrameIndex": t, "SliceIndex": z} for t in range(3) for z in range(3)])

    scan = read_folder(tmp_path)

    assert [tile.path.name for tile in scan.tiles] == ["img_001.tif", "img_004.tif", "img_007.tif"]


def test_images_that_say_the_same_of_themselves_and_no_place_are_all_kept(tmp_path):
    write_mm(tmp_path, [{"PositionIndex": 0} for _ in range(4)])

    assert len(read_folder(tmp_path).tiles) == 4


def test_a_single_snap_of_a_stage_at_exactly_zero_has_no_place(tmp_path):
    write_mm(tmp_path, [{"XPositionUm": 0.0, "YPositionUm": -0.0}])

    assert places(read_folder(tmp_path)) == {"img_000.tif": (None, None)}


def test_a_label_that_the_list_does_not_have_is_no_index(tmp_path):
    listed = [
        {"Label": f"P{n}", "DevicePositions": [{"Device": "XY", "Position_um": [n, n]}]}
        for n in range(3)
    ]
    images = [{"PositionIndex": 0, "PositionName": "P2"}, {"PositionIndex": 1, "PositionName": "Q"}]
    write_mm(tmp_path, images, StagePositions=listed)

    scan = read_folder(tmp_path)

    assert list(places(scan).values()) == [(2.0, 2.0), (None, None)]
    assert noted(scan, "2 images have an index that belongs to another label")


# The library leaves its own file open.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ndtiff_of_its_own_writer_comes_back_with_places_and_pixels(tmp_path):
    ndtiff = pytest.importorskip("ndstorage", reason="the library ndstorage is not installed")
    store = ndtiff.NDTiffDataset(
        dataset_path=str(tmp_path),
        name="scan",
        summary_metadata={"PixelSizeUm": 0.5},
        writable=True,
    )
    for position in range(3):
        for channel in ("DAPI", "BF"):
            level = 500 * position + (50 if channel == "BF" else 0)
            metadata = {"XPosition_um_Intended": 90.0 * position, "YPosition_um_Intended": 7.0}
            axes = {"position": position, "channel": channel}
            image = np.full((20, 24), level, np.uint16)
            store.put_image(axes, image, {**metadata, "Axes": axes})
    store.finish()
    store.close()

    scan = read_folder(tmp_path)

    assert [(tile.stage_x_um, tile.stage_y_um) for tile in scan.tiles] == [
        (0, 7),
        (90, 7),
        (180, 7),
    ]
    levels = [int(decode(tile_bytes(tile)).pixels[5, 5, 1]) for tile in scan.tiles]
    assert levels == [50, 550, 1050]
    assert noted(scan, "the channel 'BF'")


# Units and numbers


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        (["5,407.5;-2,792.4", "5,500;-2,792"], (5407.5, -2792.4)),
        (["5.407,5;-2.792,4", "5.500,0;-2.792,0"], (5407.5, -2792.4)),
        (["5'407.5;-2'792.4", "5'500.0;-2'792.0"], (5407.5, -2792.4)),
        (["5,407;-2,792", "5,5;-2,7"], (5.407, -2.792)),
        (["5.407;-2.792", "5.500;-2.792"], (5.407, -2.792)),
        (["1,234,567;0,5", "2;3"], None),
    ],
)
def test_decimal_marks_are_judged_over_the_whole_table(tmp_path, lines, first):
    write_images(tmp_path, ["a.png", "b.png"])
    rows = [f"{name};{line}" for name, line in zip(("a.png", "b.png"), lines, strict=True)]
    (tmp_path / "p.csv").write_text("\n".join(["file;x_um;y_um", *rows]))

    if first is None:
        with pytest.raises(InvalidValue, match="decimal point and others with a decimal comma"):
            read_folder(tmp_path)
    else:
        assert places(read_folder(tmp_path))["a.png"] == first


@pytest.mark.parametrize(("units", "factor"), [("mm", 1000), ("[µm]", 1), ("(nm)", 0.001)])
def test_a_row_of_units_is_no_image(tmp_path, units, factor):
    write_images(tmp_path, ["a.png", "b.png"])
    table = ["file,x,y", f",{units},{units}", "a.png,1000,2000", "b.png,3000,2000"]
    (tmp_path / "p.csv").write_text("\n".join(table))

    scan = read_folder(tmp_path)

    assert places(scan)["a.png"] == (1000 * factor, 2000 * factor)
    assert not noted(scan, "not in the folder")


@pytest.mark.parametrize("factor", [1e-3, 1e-4])
def test_many_images_within_a_fraction_of_one_are_in_another_unit(tmp_path, factor):
    names = [f"{n}.png" for n in range(6)]
    for name in names:
        (tmp_path / name).write_bytes(imagecodecs.png_encode(pixels(9, width=640, height=480)))
    rows = [
        f"{name},{x * factor:.9f},{y * factor:.9f}"
        for name, (x, y) in zip(names, GRID, strict=True)
    ]
    (tmp_path / "p.csv").write_text("\n".join(["file,x,y", *rows]))

    scan = read_folder(tmp_path)

    assert set(places(scan).values()) == {(None, None)}
    assert noted(scan, "they are no micrometres")


@pytest.mark.parametrize(
    "unit",
    ["µm", "μm", "um", "micron", "Microns", "Âµm", "Î¼m", "\\u00B5m", "\ufffdm", "micrometer"],
)
def test_micrometres_have_many_spellings(unit):
    assert um_per_unit(unit) == 1.0


@pytest.mark.parametrize("unit", ["pixel", "reference frame", "inch2", "", "s"])
def test_other_words_are_no_lengths(unit):
    assert um_per_unit(unit) is None


@pytest.mark.parametrize(("unit", "um_per_px"), [("micron", 0.25), ("nm", 0.00025), ("inch", None)])
def test_imagej_scale_is_read_in_its_unit_and_paper_is_none(tmp_path, unit, um_per_px):
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, pixels(9)[..., 0], imagej=True, resolution=(4.0, 4.0), metadata={"unit": unit}
    )
    found = decode(path.read_bytes()).um_per_px

    # Finer than a thousandth of a um is a placeholder.
    wanted = None if um_per_px is None or um_per_px < 0.001 else um_per_px
    assert found == (None if wanted is None else pytest.approx(wanted))


def test_a_folder_of_imagej_images_has_the_scale_that_all_of_them_state(tmp_path):
    for n in range(3):
        more = {"resolution": (4.0, 4.0), "metadata": {"unit": "\\u00B5m"}}
        tifffile.imwrite(tmp_path / f"{n}.tif", pixels(n)[..., 0], imagej=True, **more)

    assert read_folder(tmp_path).um_per_px == pytest.approx(0.25)

    tifffile.imwrite(tmp_path / "3.tif", pixels(3)[..., 0], imagej=True, resolution=(2.0, 2.0))
    assert read_folder(tmp_path).um_per_px is None


# Several acquisitions


def test_two_tables_of_the_same_places_are_two_scans(tmp_path):
    for chip in ("one", "two"):
        write_images(tmp_path / chip, [f"{n}.png" for n in range(6)])
        rows = [f"{n}.png,{x},{y}" for n, (x, y) in enumerate(GRID)]
        (tmp_path / chip / "p.csv").write_text("\n".join(["file,x_um,y_um", *rows]))

    with pytest.raises(InvalidValue, match=r"6 of 12 tiles .* as one and two"):
        read_folder(tmp_path)


def test_an_acquisition_of_another_maker_beside_is_not_left_out_silently(tmp_path):
    write_mm(
        tmp_path / "one",
        [{"XPositionUm": x + 1.0, "YPositionUm": y, "PositionIndex": x} for x, y in GRID],
    )
    write_images(tmp_path / "two", ["frame_0.png", "frame_1.png"])
    write_json(tmp_path / "two" / "scan_meta.json", {"frames": [{"n": 0, "x_um": 1, "y_um": 2}]})

    with pytest.raises(InvalidValue, match=r"^two/scan_meta\.json describes 2 images"):
        read_folder(tmp_path)


def test_a_stage_that_comes_back_once_is_still_one_scan(tmp_path):
    write_images(tmp_path, [f"{n}.png" for n in range(7)])
    rows = [f"{n}.png,{x},{y}" for n, (x, y) in enumerate([*GRID, GRID[1]])]
    (tmp_path / "p.csv").write_text("\n".join(["file,x_um,y_um", *rows]))

    assert len(read_folder(tmp_path).tiles) == 6


def test_2dmatgmm_without_meta_json_takes_the_objective_with_most_pictures(tmp_path):
    for objective, count in (("5x", 2), ("50x", 4)):
        write_images(tmp_path / objective / "Pictures", [f"{n}.png" for n in range(count)])
        for number in range(count):
            path = tmp_path / objective / "Meta" / f"{number}.json"
            write_json(path, {"motor_pos": [0.1 * number, 2.0]})

    scan = read_folder(tmp_path)

    assert places(scan)["3.png"] == (300.0, 2000.0)
    assert len(scan.tiles) == 4
    assert noted(scan, "2 of 5x/Pictures")


# Channels


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["DAPI", "FITC", "Brightfield"], (2,)),
        (["GFP", "TL 25%"], (1,)),
        (["Blue", "Red", "Green"], (1, 2, 0)),
        (["R", "G", "B"], (0, 1, 2)),
        (["", "", ""], (0, 1, 2)),
        (["Texas Red", "FITC green", "DAPI blue"], ()),
        (["GFP", "Cy5"], ()),
        (["LUT Green", "LUT Gray"], (1,)),
        (["only"], (0,)),
    ],
)
def test_channels_are_chosen_by_name(names, chosen):
    assert choose_channels(names) == chosen


def test_red_green_and_blue_light_in_files_of_their_own_are_one_image(tmp_path):
    images = []
    for x_um in (10.0, 110.0):
        for channel, name in enumerate(("Red", "Green", "Blue")):
            image = {"PositionIndex": int(x_um), "ChannelIndex": channel, "Channel": name}
            images.append({**image, "XPositionUm": x_um, "YPositionUm": 5.0})
    write_mm(tmp_path, images)
    for number in range(6):
        tifffile.imwrite(
            tmp_path / f"img_{number:03}.tif", np.full((20, 24), 10 * number, np.uint8)
        )

    scan = read_folder(tmp_path)

    assert [tile.stage_x_um for tile in scan.tiles] == [10.0, 110.0]
    found = [decode(tile_bytes(tile)).pixels[3, 3].tolist() for tile in scan.tiles]
    assert found == [[0, 10, 20], [30, 40, 50]]
    assert noted(scan, "put together")


def test_three_fluorescence_channels_of_one_file_are_no_colours(tmp_path):
    description = (
        '<OME><Image><Pixels SizeX="24" SizeY="20" SizeZ="1" SizeT="1" SizeC="3" Type="uint8" '
        'DimensionOrder="XYCZT"><Channel Name="DAPI"/><Channel Name="GFP"/><Channel Name="Cy5"/>'
        "</Pixels></Image></OME>"
    )
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path) as tiff:
        for number in range(3):
            text = description if number == 0 else None
            tiff.write(pixels(9)[..., 0], description=text, metadata=None)

    scan = read_folder(tmp_path)

    assert noted(scan, "'DAPI', 'GFP', 'Cy5'")
    assert scan.tiles[0].pages == (0,)
    with pytest.raises(InvalidImage, match="channels DAPI, GFP, Cy5"):
        decode(path.read_bytes())


# Content of TIFF files


def test_a_larger_picture_below_the_first_page_makes_it_a_preview(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(pixels(5), photometric="rgb", subifds=1, metadata=None)
        tiff.write(pixels(5, width=96, height=80), photometric="rgb", metadata=None)

    with pytest.raises(InvalidImage, match=r"24 x 20 pixels, but a picture of 96 x 80"):
        decode((tmp_path / "a.tif").read_bytes())


def test_a_pyramid_below_the_first_page_changes_nothing(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(pixels(5, width=96, height=80), photometric="rgb", subifds=1, metadata=None)
        tiff.write(pixels(5), photometric="rgb", subfiletype=1, metadata=None)

    assert decode((tmp_path / "a.tif").read_bytes()).pixels.shape == (80, 96, 3)


@pytest.mark.parametrize("pattern", ["RGGB", "GRBG", "BGGR", "GBRG"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_bayer_mosaic_is_no_grey_image(tmp_path, pattern, depth):
    level = {"R": 136, "G": 121, "B": 161}
    mosaic = np.zeros((64, 80), depth)
    for number, letter in enumerate(pattern):
        mosaic[number // 2 :: 2, number % 2 :: 2] = level[letter]
    noise = np.random.default_rng(1).integers(0, 6, mosaic.shape).astype(depth)
    tifffile.imwrite(tmp_path / "a.tif", mosaic + noise)

    with pytest.raises(InvalidImage, match="Bayer"):
        decode((tmp_path / "a.tif").read_bytes())


def test_grey_images_with_stripes_or_noise_are_none(tmp_path):
    rng = np.random.default_rng(2)
    grey = rng.integers(100, 140, (60, 60)).astype(np.uint8)
    stripes = grey.copy()
    stripes[::2] += 20
    for image in (grey, stripes):
        assert decode(imagecodecs.png_encode(image)).pixels.shape == (60, 60, 3)


def test_numbers_at_or_above_32768_are_signed_ones(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.full((20, 24), 33_000, np.uint16))

    with pytest.raises(InvalidImage, match=r"at or above 32,768"):
        decode((tmp_path / "a.tif").read_bytes())


@pytest.mark.parametrize("suffix", [".jp2", ".webp"])
def test_newer_kinds_of_images_are_read_without_loss(tmp_path, suffix):
    image = pixels(90, width=40, height=32)
    encode = {
        ".jp2": lambda: imagecodecs.jpeg2k_encode(image, level=0, reversible=True),
        ".webp": lambda: imagecodecs.webp_encode(image, lossless=True),
    }[suffix]
    (tmp_path / f"a{suffix}").write_bytes(encode())

    (tile,) = read_folder(tmp_path).tiles

    assert (decode(tile_bytes(tile)).pixels == image).all()


# Other makers and programs


@pytest.mark.parametrize("scaled", [True, False])
def test_a_tile_configuration_of_fiji_gives_places_where_there_is_a_scale(tmp_path, scaled):
    lines = ["# Define the number of dimensions", "dim = 2"]
    for n, (x, y) in enumerate(GRID):
        more = {"resolution": (2.0, 2.0), "metadata": {"unit": "um"}} if scaled else {}
        tifffile.imwrite(tmp_path / f"t{n}.tif", pixels(n)[..., 0], imagej=True, **more)
        lines.append(f"t{n}.tif; ; ({float(x)}, {float(y)})")
    (tmp_path / "TileConfiguration.txt").write_text("\n".join(lines))

    tiles = by_name(read_folder(tmp_path))

    assert (tiles["t5.tif"].row, tiles["t5.tif"].col) == (1, 2)
    wanted = (90.0, 35.0) if scaled else (None, None)
    assert (tiles["t5.tif"].stage_x_um, tiles["t5.tif"].stage_y_um) == wanted


def test_positions_of_mist_give_rows_and_columns(tmp_path):
    write_images(tmp_path, [f"i{n}.tif" for n in range(4)])
    lines = [
        f"file: i{n}.tif; corr: 0.99; position: ({n % 2 * 90}, {n // 2 * 70}); "
        f"grid: ({n % 2}, {n // 2});"
        for n in range(4)
    ]
    (tmp_path / "img-global-positions-0.txt").write_text("\n".join(lines))

    tiles = by_name(read_folder(tmp_path))

    assert [(t.row, t.col) for t in tiles.values()] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_metamorph_states_stage_and_scale_in_its_plane_info(tmp_path):
    for n in range(3):
        info = {"spatial-calibration-x": 0.5, "spatial-calibration-y": 0.5}
        info |= {"spatial-calibration-units": "um", "stage-position-x": 100.5 * n}
        info |= {"stage-position-y": -20, "stage-label": f"Position{n}"}
        props = "".join(f'<prop id="{k}" type="x" value="{v}"/>' for k, v in info.items())
        text = f"<MetaData><PlaneInfo>{props}</PlaneInfo></MetaData>"
        path = tmp_path / f"s{n}.tif"
        tifffile.imwrite(path, pixels(n)[..., 0], description=text, metadata=None)

    scan = read_folder(tmp_path)

    assert places(scan)["s2.tif"] == (201.0, -20.0)
    assert (scan.um_per_px, scan.tiles[1].name) == (0.5, "Position1")


def write_zarr(
    folder: Path, image: np.ndarray, *, version: int, codec: str, **more: object
) -> None:
    """A store of one level with axes c, y, x and chunks of 16 pixels."""
    chunks = (1, 16, 16)
    packers = {
        "zlib": imagecodecs.zlib_encode,
        "gzip": imagecodecs.gzip_encode,
        "zstd": imagecodecs.zstd_encode,
        "blosc": imagecodecs.blosc_encode,
        "": bytes,
    }
    steps = [{"type": "scale", "scale": [1, 0.5, 0.5]}]
    steps.append({"type": "translation", "translation": more.pop("translation", [0, 30.0, 20.0])})
    axes = [{"name": "c", "type": "channel"}]
    axes += [{"name": a, "type": "space", "unit": "micrometer"} for a in "yx"]
    level = {"path": "0", "coordinateTransformations": steps}
    labels = more.pop("labels", ["DAPI", "BF"])
    ome = {
        "multiscales": [{"axes": axes, "datasets": [level]}],
        "omero": {"channels": [{"label": label} for label in labels]},
    }
    array: dict = {"shape": list(image.shape), "fill_value": 0}
    if version == 2:
        write_json(folder / ".zattrs", ome)
        kind = {"id": codec} if codec else None
        array |= {"chunks": chunks, "dtype": image.dtype.str, "compressor": kind, "order": "C"}
        write_json(folder / "0" / ".zarray", {**array, "dimension_separator": "/", **more})
    else:
        write_json(folder / "zarr.json", {"attributes": {"ome": ome}})
        codecs = [{"name": "bytes", "configuration": {"endian": "little"}}]
        codecs += [{"name": codec}] if codec else []
        grid = {"name": "regular", "configuration": {"chunk_shape": chunks}}
        array |= {"chunk_grid": grid, "data_type": image.dtype.name, "codecs": codecs}
        write_json(folder / "0" / "zarr.json", {**array, **more})
    for c in range(image.shape[0]):
        for row in range(-(-image.shape[1] // 16)):
            for column in range(-(-image.shape[2] // 16)):
                part = image[c, row * 16 : row * 16 + 16, column * 16 : column * 16 + 16]
                block = np.zeros(chunks, image.dtype)
                block[0, : part.shape[0], : part.shape[1]] = part
                name = f"{c}/{row}/{column}" if version == 2 else f"c/{c}/{row}/{column}"
                path = folder / "0" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(packers[codec](block.tobytes()))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("codec", ["", "gzip", "zstd", "blosc"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_ome_zarr_has_its_place_scale_and_named_channel(tmp_path, version, codec, depth):
    image = np.random.default_rng(3).integers(0, 250, (2, 37, 50)).astype(depth)
    write_zarr(tmp_path / "a.zarr", image, version=version, codec=codec)

    (tile,) = read_folder(tmp_path).tiles

    assert (tile.stage_x_um, tile.stage_y_um, tile.um_per_px) == (32.25, 39.0, 0.5)
    assert (decode(tile_bytes(tile)).pixels[..., 0] == image[1]).all()


def lif_of(images: list[tuple[str, np.ndarray, str]]) -> bytes:
    """A LIF file of version 2: name, (m, h, w) of 8 bit, and the XML of its TileScan."""
    elements, blocks = "", b""
    for number, (name, stack, info) in enumerate(images):
        count, height, width = stack.shape
        sizes = ((1, width, 1), (2, height, width), (10, count, width * height))
        dimensions = "".join(
            f'<DimensionDescription DimID="{axis}" NumberOfElements="{size}" Origin="0" '
            f'Length="{(size - 1) * 5e-7}" Unit="m" BitInc="0" BytesInc="{step}"/>'
            for axis, size, step in sizes
        )
        elements += (
            f'<Element Name="{name}"><Data><Image>{info}<ImageDescription><Channels>'
            '<ChannelDescription DataType="0" ChannelTag="0" Resolution="8" Min="0" Max="255" '
            'NameOfMeasuredQuantity="" Unit="" LUTName="Gray" IsLUTInverted="0" BytesInc="0" '
            f'BitInc="0"/></Channels><Dimensions>{dimensions}</Dimensions></ImageDescription>'
            f'</Image></Data><Memory Size="{stack.size}" MemoryBlockID="MemBlock_{number}"/>'
            "<Children/></Element>"
        )
        block = f"MemBlock_{number}"
        head = (2 * len(block) + 14).to_bytes(4, "little") + b"\x2a"
        head += stack.size.to_bytes(8, "little") + b"\x2a" + len(block).to_bytes(4, "little")
        blocks += b"\x70\0\0\0" + head + block.encode("utf-16-le") + stack.tobytes()
    xml = (
        '<LMSDataContainerHeader Version="2"><Element Name="p"><Children>'
        f"{elements}</Children></Element></LMSDataContainerHeader>"
    )
    head = (2 * len(xml) + 5).to_bytes(4, "little") + b"\x2a" + len(xml).to_bytes(4, "little")
    return b"\x70\0\0\0" + head + xml.encode("utf-16-le") + blocks


def test_tile_scans_of_a_lif_file_are_tiles_and_its_merged_image_is_none(tmp_path):
    pytest.importorskip("liffile", reason="the library liffile is not installed (extra lif)")
    stack = np.random.default_rng(4).integers(0, 255, (4, 20, 24)).astype(np.uint8)
    listed = "".join(
        f'<Tile FieldX="{n % 2}" FieldY="{n // 2}" PosX="{n % 2 * 1e-5}" '
        f'PosY="{0.001 + n // 2 * 8e-6}" PosZ="0"/>'
        for n in range(4)
    )
    info = f'<Attachment Name="TileScanInfo" FlipX="1" FlipY="0" SwapXY="0">{listed}</Attachment>'
    merged = np.zeros((1, 40, 48), np.uint8)
    content = lif_of([("TileScan 1", stack, info), ("TileScan 1_Merged", merged, "")])
    (tmp_path / "p.lif").write_bytes(content)

    scan = read_folder(tmp_path)

    found = [(tile.stage_x_um, tile.stage_y_um, tile.row, tile.col) for tile in scan.tiles]
    assert found == [(0, 1000, 0, 0), (10, 1000, 0, 1), (0, 1008, 1, 0), (10, 1008, 1, 1)]
    assert (scan.um_per_px, scan.flip_x) == (pytest.approx(0.5), True)
    for number, tile in enumerate(scan.tiles):
        assert (decode(tile_bytes(tile)).pixels[..., 0] == stack[number]).all()
    assert noted(scan, "1 images of p.lif are no tile scans")


# Mosaics


@pytest.mark.parametrize("layout", [{}, {"tile": (256, 256)}, {"rowsperstrip": 100}])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_mosaic_is_cut_into_tiles_that_together_are_its_pixels(tmp_path, layout, compression):
    rng = np.random.default_rng(5)
    mosaic = rng.integers(0, 255, (2500, 3000, 3)).astype(np.uint8)
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, mosaic, photometric="rgb", compression=compression, **layout)
    scan = read_folder(tmp_path)

    cut = cut_mosaics(scan, max_pixels=1_000_000)

    assert [(tile.row, tile.col) for tile in cut.tiles] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for tile in cut.tiles:
        x, y, width, height = tile.region_px
        found = decode(tile_bytes(tile)).pixels
        assert (found == mosaic[y : y + height, x : x + width]).all()
    assert cut_mosaics(scan, max_pixels=10_000_000) is scan


# Refusals that help


@pytest.mark.parametrize("method", [9, 14])
def test_other_packings_of_a_zip_are_named(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", b"x" * 100)
    data = bytearray(path.read_bytes())
    directory = data.find(b"PK\1\2")
    data[8:10] = data[directory + 10 : directory + 12] = method.to_bytes(2, "little")
    path.write_bytes(data)

    with pytest.raises(InvalidArchive, match="Deflate64" if method == 9 else "LZMA"):
        unpack(path, tmp_path / "out", ArchiveLimits(10, 2**30))


def test_foreign_files_are_refused_by_their_kind_and_name(tmp_path):
    for n in range(2):
        (tmp_path / f"{n}.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")

    with pytest.raises(InvalidValue, match=r"2 HDF5 files \(0\.h5, 1\.h5\), 1 PDF document \(scan"):
        read_folder(tmp_path)


def test_each_reader_stands_in_the_documents(request):
    written = (request.config.rootpath / "docs" / "scans.md").read_text("utf-8")

    assert [reader.name for reader in READERS if f"| {reader.name} |" not in written] == []


def test_a_strip_that_unpacks_to_too_much_is_refused_and_not_unpacked(tmp_path):
    path = tmp_path / "m.tif"
    tifffile.imwrite(
        path, np.zeros((20_000, 20_000), np.uint8), compression="zlib", rowsperstrip=20_000
    )

    with pytest.raises(TooLarge, match="packed in pieces of 400,000,000 bytes"):
        read_region(path, 0, (0, 0, 100, 100))
