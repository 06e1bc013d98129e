"""Whatever stands in side files, the answer is a scan or an error with a sentence."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import FlakescopeError
from service.formats.read_folder import read_folder
from tests.formats.drawn import write_image

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


@pytest.mark.parametrize("name", ["b.xlif", "a.companion.ome"])
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
