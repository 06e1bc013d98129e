"""Whatever stands in side files, the answer is a scan or an error with a sentence."""

import json
import struct
import tracemalloc
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import FlakescopeError, TooLarge
from service.formats.read_folder import read_folder, tile_bytes
from service.vision.decode import decode
from tests.formats.drawn import write_image, write_json

KEYS = st.sampled_from(
    [
        *("Summary", "StagePositions", "InitialPositionList", "Label", "GridRow", "GridCol"),
        *("DevicePositions", "Device", "Position_um", "DeviceCoordinatesUm", "XYStage"),
        *("Metadata-a.tif", "Coords-a.tif", "FrameKey-0-0-0", "FrameKey-9-9-9", "a.tif"),
        *("PositionIndex", "PositionName", "XPositionUm", "YPositionUm", "FileName"),
        *("PixelSizeUm", "PixelSizeAffine", "position", "mda_event", "index", "p", "g", "x", "y"),
        *("x_pos", "y_pos", "pixel_size_um", "grid_plan", "rows", "columns", "mode", "frames"),
        *("n", "x_um", "y_um", "optics", "sample_pixel_x_um", "downsample"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["a.tif", "1;0;0;0;1;0", "null", "1e400", "../a.tif", "nan", "\x00"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)
JSON_FILES = ["metadata.txt", "_frame_metadata.json", "_useq_MDASequence.json", "scan_meta.json"]
XML = st.lists(
    st.sampled_from(
        [
            *(
                "<Data>",
                "</Data>",
                "<Image>",
                "</Image>",
                "<OME>",
                "</OME>",
                "<Pixels>",
                "</Pixels>",
            ),
            *("<Dimensions>", "<Tile/>", "<Pixels/>", "</Attachment>", "<TiffData/>", "&amp;"),
            '<Attachment Name="TileScanInfo">',
            '<Attachment Name="TileScanInfo" FlipX="1">',
            '<Tile FieldX="0" FieldY="0" PosX="1e99"/>',
            '<Tile PosX="x" PosY="2"/>',
            '<DimensionDescription DimID="1"/>',
            '<DimensionDescription DimID="2" NumberOfElements="2" Length="nan"/>',
            '<Pixels SizeZ="99999999" PhysicalSizeX="-1">',
            '<TiffData IFD="-3" PlaneCount="99"/>',
            '<Plane PositionX="1" PositionY="inf"/>',
        ]
    ),
    max_size=12,
).map("".join)
CELLS = st.sampled_from(
    ["file", "x_um", "y (mm)", "row", "col", "a.tif", "1", "-0", "1,5", "9" * 400, '"', "NA", "\0"]
)
TABLES = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=5).map("\n".join)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write_image(folder / "a.tif")
    write_image(folder / "b--Stage00.tif")
    return folder


def answer(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    refusal, scan = None, None
    try:
        scan = read_folder(folder)
    except FlakescopeError as error:
        refusal = str(error)
    finally:
        (folder / name).unlink()
    assert (scan is None) == (refusal is not None and refusal.startswith(name))
    assert str(folder) not in str(refusal)
    for tile in [] if scan is None else scan.tiles:
        assert (tile.stage_x_um is None) == (tile.stage_y_um is None)
        assert (tile.row is None) == (tile.col is None)
    assert scan is None or len({tile.name for tile in scan.tiles}) == len(scan.tiles) == 2


quietly = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("name", JSON_FILES)
@given(content=st.dictionaries(KEYS, VALUES, max_size=6))
@quietly
def test_any_json_is_read_or_refused_by_name(folder, name, content):
    answer(folder, name, json.dumps(content).encode())


@pytest.mark.parametrize("name", ["b.xlif", "a.companion.ome", "b_Properties.xml"])
@given(content=XML)
@quietly
def test_any_xml_is_read_or_refused_by_name(folder, name, content):
    answer(folder, name, content.encode())


@given(content=TABLES)
@quietly
def test_any_table_is_read_or_refused_by_name(folder, content):
    answer(folder, "positions.csv", content.encode())


@pytest.mark.parametrize("name", [*JSON_FILES, "b.xlif", "a.companion.ome", "positions.csv"])
@given(content=st.binary(max_size=60))
@quietly
def test_any_bytes_are_read_or_refused_by_name(folder, name, content):
    answer(folder, name, content)


# The mark behind the length of a LIF file.
LIF_START = b"\x70\0\0\0\0\0\0\0\x2a"
CONFIGURATIONS = st.lists(
    st.sampled_from(
        [
            "dim = 2",
            "a.tif; ; (1, 2)",
            "a.tif; ; (1e999, -2)",
            "b--Stage00.tif; ; (.., 2.0, 3)",
            "file: a.tif; corr: x; position: (9, 9); grid: (99999999999999, 0);",
            "../a.tif; ; (0, 0)",
        ]
    ),
    max_size=6,
).map("\n".join)


@given(content=CONFIGURATIONS)
@quietly
def test_any_tile_configuration_is_read_or_refused_by_name(folder, content):
    answer(folder, "TileConfiguration.txt", content.encode())


@given(content=st.binary(max_size=300), start=st.sampled_from([b"", b"\x70\0\0\0", LIF_START]))
@quietly
def test_any_lif_file_is_left_out_or_refused_by_name(tmp_path, content, start):
    (tmp_path / "p.lif").write_bytes(start + content)

    with pytest.raises(FlakescopeError, match=r"^p\.lif"):
        read_folder(tmp_path)


def test_small_files_take_no_more_memory_than_they_have(tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((60, 80, 3), np.uint8))
    (tmp_path / "positions.csv").write_text("file,stage_x_um,stage_y_um\na.jpg,1,2\n")
    read_folder(tmp_path)  # what is loaded at first counts no more

    tracemalloc.start()
    try:
        scan = read_folder(tmp_path)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert [tile.stage_x_um for tile in scan.tiles] == [1]
    assert peak_bytes < 20_000_000


def test_a_lif_file_that_says_it_has_gigabytes_of_xml_is_refused_unread(tmp_path):
    (tmp_path / "p.lif").write_bytes(LIF_START + (2**31 - 1).to_bytes(4, "little"))

    with pytest.raises(FlakescopeError, match="cut short"):
        read_folder(tmp_path)


ZARR = {
    "multiscales": [{"datasets": [{"path": "0"}], "axes": [{"name": "y"}, {"name": "x"}]}],
}
ARRAY = {"shape": [64, 64], "chunks": [32, 32], "dtype": "|u1", "compressor": {"id": "zlib"}}


@pytest.mark.parametrize(
    ("group", "array", "words"),
    [
        (ZARR, {**ARRAY, "chunks": [2**20, 2**20]}, "chunks of"),
        (ZARR, {**ARRAY, "chunks": [0, 0]}, "without a size"),
        (ZARR, {**ARRAY, "shape": [64]}, "1 axes"),
        (ZARR, {**ARRAY, "dtype": "|O"}, "8 and 16 bit"),
        (ZARR, {**ARRAY, "compressor": {"id": "evil"}}, "'evil'"),
        (ZARR, {**ARRAY, "filters": [{"id": "pickle"}]}, "filters"),
        ({"multiscales": [{"datasets": [{"path": "../../etc"}]}]}, ARRAY, "outside"),
        ({"multiscales": [{"datasets": [{"path": "/etc"}]}]}, ARRAY, "outside"),
        ({"multiscales": "x"}, ARRAY, "no multiscales"),
    ],
)
def test_hostile_zarr_stores_are_refused(tmp_path, group, array, words):
    write_json(tmp_path / "a.zarr" / ".zattrs", group)
    write_json(tmp_path / "a.zarr" / "0" / ".zarray", array)

    with pytest.raises(FlakescopeError, match=words):
        read_folder(tmp_path)


@pytest.mark.parametrize("codec", ["zlib", "gzip", "zstd", "blosc"])
def test_a_chunk_that_unpacks_to_more_than_it_should_is_damaged(tmp_path, codec):
    pack = {
        "zlib": imagecodecs.zlib_encode,
        "gzip": imagecodecs.gzip_encode,
        "zstd": imagecodecs.zstd_encode,
        "blosc": imagecodecs.blosc_encode,
    }[codec]
    write_json(tmp_path / "a.zarr" / ".zattrs", ZARR)
    write_json(tmp_path / "a.zarr" / "0" / ".zarray", {**ARRAY, "compressor": {"id": codec}})
    (tmp_path / "a.zarr" / "0" / "0.0").write_bytes(pack(bytes(50_000_000)))
    (tile,) = read_folder(tmp_path).tiles
    tracemalloc.start()

    with pytest.raises(FlakescopeError, match="chunk"):
        tile_bytes(tile)

    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_zarr_array_of_absurd_sides_is_too_large(tmp_path):
    write_json(tmp_path / "a.zarr" / ".zattrs", ZARR)
    write_json(tmp_path / "a.zarr" / "0" / ".zarray", {**ARRAY, "shape": [2**40, 2**40]})
    (tile,) = read_folder(tmp_path).tiles

    with pytest.raises(TooLarge):
        tile_bytes(tile)


def test_a_zarr_store_of_links_leads_nowhere(tmp_path):
    write_json(tmp_path / "else" / ".zattrs", ZARR)
    (tmp_path / "scan" / "a.zarr").mkdir(parents=True)
    (tmp_path / "scan" / "a.zarr" / ".zattrs").symlink_to(tmp_path / "else" / ".zattrs")

    with pytest.raises(FlakescopeError, match="no multiscales"):
        read_folder(tmp_path / "scan")


def test_a_tiff_whose_sub_pages_go_in_a_circle_is_answered(tmp_path):
    with tifffile.TiffWriter(tmp_path / "c.tif") as tiff:
        tiff.write(np.zeros((20, 24), np.uint8), subifds=1, metadata=None)
        tiff.write(np.zeros((10, 12), np.uint8), metadata=None)
    data = bytearray((tmp_path / "c.tif").read_bytes())
    # The directory of the page is made its own sub-page.
    start = int.from_bytes(data[4:8], "little")
    with tifffile.TiffFile(tmp_path / "c.tif") as tiff:
        place = tiff.pages.first.tags["SubIFDs"].valueoffset
    data[place : place + 4] = start.to_bytes(4, "little")

    assert decode(bytes(data)).pixels.shape == (20, 24, 3)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\x4f\xff\x51"
        + struct.pack(">HH8IH", 41, 0, *[2**31] * 2, 0, 0, 1, 1, 0, 0, 3)
        + bytes([7, 1, 1] * 3),
        b"\xff\x4f\xff\x51"
        + struct.pack(">HH8IH", 41, 0, *[5000] * 2, 0, 0, 1, 1, 0, 0, 1)
        + bytes([7, 1, 1]),
        b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + bytes(4) + b"\2" + bytes(3) + b"\xff" * 6,
        b"RIFF" + struct.pack("<I", 2**31) + b"WEBPVP8L" + bytes(30),
    ],
)
def test_absurd_headers_of_newer_kinds_are_refused_before_a_pixel(data):
    with pytest.raises(FlakescopeError):
        decode(data)


@given(
    content=st.binary(max_size=80), start=st.sampled_from([b"\xff\x4f\xff\x51", b"RIFF1234WEBP"])
)
@quietly
def test_any_bytes_of_newer_kinds_are_refused(content, start):
    with pytest.raises(FlakescopeError):
        decode(start + content)
