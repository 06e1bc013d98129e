"""Position lists as acquisition software saves them."""

import json

import pytest

from service.errors import InvalidValue, TooLarge
from service.formats.readers.position_list import MAX_YAML_BYTES, read_position_list

# As `MultiStagePosition.toPropertyMap` writes it.
VERSION_2 = """{"encoding":"UTF-8","format":"Micro-Manager Property Map","major_version":2,
"minor_version":0,"map":{"StagePositions":{"type":"PROPERTY_MAP","array":[{
"DefaultXYStage":{"type":"STRING","scalar":"XYStage"},
"DefaultZStage":{"type":"STRING","scalar":"ZStage"},
"DevicePositions":{"type":"PROPERTY_MAP","array":[
{"Device":{"type":"STRING","scalar":"ZStage"},"Position_um":{"type":"DOUBLE","array":[7.5]}},
{"Device":{"type":"STRING","scalar":"Other"},"Position_um":{"type":"DOUBLE","array":[0.0,0.0]}},
{"Device":{"type":"STRING","scalar":"XYStage"},
"Position_um":{"type":"DOUBLE","array":[1234.5,-678.9]}}]},
"GridCol":{"type":"INTEGER","scalar":2},"GridRow":{"type":"INTEGER","scalar":1},
"Label":{"type":"STRING","scalar":"1-Pos001_002"},
"Properties":{"type":"PROPERTY_MAP","scalar":{}}}]}}}"""

VERSION_14 = """{"VERSION":3,"ID":"Micro-Manager XY-position list","POSITIONS":[{"GRID_COL":2,
"DEVICES":[{"DEVICE":"ZStage","AXES":1,"X":7.5,"Y":0,"Z":0},
{"DEVICE":"XYStage","AXES":2,"X":1234.5,"Y":-678.9,"Z":0}],"PROPERTIES":{},
"DEFAULT_Z_STAGE":"ZStage","LABEL":"1-Pos001_002","GRID_ROW":1,"DEFAULT_XY_STAGE":"XYStage"}]}"""

USEQ = """stage_positions:
  - {x: 1234.5, y: -678.9, z: 7.5, name: 1-Pos001_002}
metadata: {source: flake-service, scan_id: 42}
"""

NIS = """<?xml version="1.0" encoding="UTF-16"?>
<variant version="1.0"><no_name runtype="CLxListVariant">
<bIncludeZ runtype="bool" value="true"/><bPFSEnabled runtype="bool" value="false"/>
<Point00000 runtype="NDSetupMultipointListItem"><bChecked runtype="bool" value="true"/>
<strName runtype="CLxStringW" value="1-Pos001_002"/>
<dXPosition runtype="double" value="1234.500"/><dYPosition runtype="double" value="-678.900"/>
<dZPosition runtype="double" value="7.500"/><dPFSOffset runtype="double" value="-1.0"/>
<baUserData runtype="CLxByteArray" value=""/></Point00000></no_name></variant>"""


GERMAN = """Datei;Zeile;Spalte;X [mm];Y [mm];Z (µm)
1-Pos001_002;1;2;1,2345;-0,6789;7,5
"""


@pytest.mark.parametrize(
    ("data", "format_", "has_grid"),
    [
        (VERSION_2.encode(), "Micro-Manager position list (version 2)", True),
        (VERSION_14.encode(), "Micro-Manager position list (version 1.4)", True),
        (USEQ.encode(), "useq-schema stage positions", False),
        (
            json.dumps(
                {"stage_positions": [{"x": 1234.5, "y": -678.9, "z": 7.5, "name": "1-Pos001_002"}]}
            ).encode(),
            "useq-schema stage positions",
            False,
        ),
        (NIS.encode("utf-16"), "Nikon NIS-Elements points (XML)", False),
        (
            b"name,row,col,stage_x_um,stage_y_um,stage_z_um\n1-Pos001_002,1,2,1234.5,-678.9,7.5\n",
            "table of positions (CSV)",
            True,
        ),
        (
            GERMAN.encode("cp1252"),
            "table of positions (CSV)",
            True,
        ),
    ],
    ids=["mm2", "mm14", "yaml", "json", "nis", "csv", "german"],
)
def test_each_kind_gives_the_same_place(data, format_, has_grid):
    listed = read_position_list("list", data)

    (place,) = listed.positions
    assert listed.format == format_
    assert place.label == "1-Pos001_002"
    assert (place.x_um, place.y_um, place.z_um) == pytest.approx((1234.5, -678.9, 7.5))
    assert (place.row, place.col) == ((1, 2) if has_grid else (None, None))


def test_a_table_without_units_is_taken_in_micrometres_and_says_so():
    listed = read_position_list("a.csv", b"name,x,y\na,1,2\n")

    assert (listed.positions[0].x_um, listed.positions[0].y_um) == (1, 2)
    assert listed.notes == ["a.csv names no unit for x and y: micrometres are taken."]


def test_focus_that_nis_does_not_use_is_unknown():
    off = NIS.replace('<bIncludeZ runtype="bool" value="true"', '<bIncludeZ value="false"')

    assert read_position_list("list.xml", off.encode("utf-16")).positions[0].z_um is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "needs columns for x and y"),
        (b"name,p_graphene\na,1\n", "needs columns for x and y"),
        (b"name,x_um,y_um\na,one,2\n", "line 2: x is 'one', not a number"),
        (b"{}", "holds no list of positions"),
        (b'{"POSITIONS": [', "is no valid JSON"),
        (b"<variant/>", "holds no points of NIS-Elements"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "document type or entities"),
        (b"stage_positions: [a: b: c", "is no valid YAML"),
        (b"stage_positions: !!python/object/apply:os.system ['true']", "is no valid YAML"),
        (b"\xff\xfe\x00", "needs columns for x and y"),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(data, reason):
    with pytest.raises(InvalidValue, match=reason):
        read_position_list("list", data)


def test_a_yaml_that_would_take_minutes_is_refused():
    with pytest.raises(TooLarge, match="JSON may be longer"):
        read_position_list("list", b"stage_positions:\n" + b"#" * MAX_YAML_BYTES)
