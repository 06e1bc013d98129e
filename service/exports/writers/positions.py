"""Write stage positions for Micro-Manager (.pos), useq-schema (YAML) and NIS-Elements (XML)."""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

import yaml

from service.exports.writers.json import Json, dump, pieces_of, um
from service.exports.writers.rows import ExportedScan, Position

VERSIONS = ("2", "1.4")


@dataclass(frozen=True, slots=True)
class Stages:
    """Names of the stages in Micro-Manager's hardware configuration."""

    xy: str = "XYStage"
    z: str = "ZStage"


def position_list(positions: Sequence[Position], stages: Stages, version: str) -> Iterator[bytes]:
    """Write a list of positions; the focus is left out of those whose focus is unknown."""
    return _version_2(positions, stages) if version == "2" else _version_14(positions, stages)


def _version_2(positions: Sequence[Position], stages: Stages) -> Iterator[bytes]:
    head = {
        "encoding": "UTF-8",
        "format": "Micro-Manager Property Map",
        "major_version": 2,
        "minor_version": 0,
    }
    yield dump(head)[:-1] + b', "map": {"StagePositions": {"type": "PROPERTY_MAP", "array": ['
    between = b"\n"
    for position in positions:
        yield between + dump(_property_map(position, stages))
        between = b",\n"
    yield b"\n]}}}\n"


def _property_map(position: Position, stages: Stages) -> Json:
    devices = [_device(stages.xy, [position.x_um, position.y_um])]
    if position.z_um is not None:
        devices.insert(0, _device(stages.z, [position.z_um]))
    return {
        "DefaultXYStage": _scalar("STRING", stages.xy),
        "DefaultZStage": _scalar("STRING", "" if position.z_um is None else stages.z),
        "DevicePositions": {"type": "PROPERTY_MAP", "array": devices},
        "GridCol": _scalar("INTEGER", 0),
        "GridRow": _scalar("INTEGER", 0),
        "Label": _scalar("STRING", position.label),
        "Properties": _scalar("PROPERTY_MAP", {}),
    }


def _device(name: str, place_um: list[float]) -> Json:
    numbers = {"type": "DOUBLE", "array": [um(one) for one in place_um]}
    return {"Device": _scalar("STRING", name), "Position_um": numbers}


def _scalar(kind: str, value: Any) -> Json:
    return {"type": kind, "scalar": value}


def _version_14(positions: Sequence[Position], stages: Stages) -> Iterator[bytes]:
    return pieces_of(
        {
            "VERSION": 3,
            "ID": "Micro-Manager XY-position list",
            "POSITIONS": (_old(position, stages) for position in positions),
        }
    )


def _old(position: Position, stages: Stages) -> Json:
    x_um, y_um = um(position.x_um), um(position.y_um)
    devices: list[Json] = [{"DEVICE": stages.xy, "AXES": 2, "X": x_um, "Y": y_um, "Z": 0}]
    if position.z_um is not None:
        # A stage of one axis has its place in X.
        devices.append({"DEVICE": stages.z, "AXES": 1, "X": um(position.z_um), "Y": 0, "Z": 0})
    return {
        "GRID_COL": 0,
        "GRID_ROW": 0,
        "DEVICES": devices,
        "PROPERTIES": {},
        "LABEL": position.label,
        "DEFAULT_XY_STAGE": stages.xy,
        "DEFAULT_Z_STAGE": "" if position.z_um is None else stages.z,
    }


_HEAD = """<?xml version="1.0" encoding="UTF-16"?>
<variant version="1.0">
<no_name runtype="CLxListVariant">
<bIncludeZ runtype="bool" value="{has_focus}"/>
<bPFSEnabled runtype="bool" value="false"/>
"""
_POINT = """<Point{number:05d} runtype="NDSetupMultipointListItem">
<bChecked runtype="bool" value="true"/>
<strName runtype="CLxStringW" value={name}/>
<dXPosition runtype="double" value="{x_um:.4f}"/>
<dYPosition runtype="double" value="{y_um:.4f}"/>
<dZPosition runtype="double" value="{z_um:.4f}"/>
<dPFSOffset runtype="double" value="-1.0"/>
<baUserData runtype="CLxByteArray" value=""/>
</Point{number:05d}>
"""
_TAIL = """</no_name>
</variant>
"""


def nis_points(positions: Sequence[Position]) -> Iterator[bytes]:
    """Points in order; their focus is used only where that of all is known."""
    # One switch holds for the list: a point whose focus is unknown would be driven to 0.
    has_focus = bool(positions) and all(one.z_um is not None for one in positions)
    yield codecs.BOM_UTF16_LE + _encoded(_HEAD.format(has_focus=str(has_focus).lower()))
    for number, position in enumerate(positions):
        point = _POINT.format(
            number=number,
            name=quoteattr(position.label),
            x_um=position.x_um,
            y_um=position.y_um,
            z_um=(position.z_um or 0.0) if has_focus else 0.0,
        )
        yield _encoded(point)
    yield _encoded(_TAIL)


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-le")


ENCODINGS = ("json", "yaml")


def useq_sequence(
    scan: ExportedScan, positions: Sequence[Position], left_out: int, encoding: str
) -> Iterator[bytes]:
    """Write a sequence of positions that has no channels yet: its user adds them."""
    metadata = _metadata(scan, left_out)
    if encoding == "yaml":
        return _yaml(metadata, positions)
    return pieces_of({"metadata": metadata, "stage_positions": map(_place, positions)})


def _metadata(scan: ExportedScan, left_out: int) -> Json:
    return {
        "source": "flakescope",
        "scan_id": scan.id,
        "scan_name": scan.name,
        "criteria": scan.criteria,
        "exported_at": scan.exported_at.isoformat(),
        "left_out": left_out,
    }


def _place(position: Position) -> Json:
    place: Json = {"x": um(position.x_um), "y": um(position.y_um)}
    if position.z_um is not None:
        place["z"] = um(position.z_um)
    return place | {"name": position.label}


def _yaml(metadata: Json, positions: Sequence[Position]) -> Iterator[bytes]:
    yield yaml.safe_dump({"metadata": metadata}, allow_unicode=True, sort_keys=False).encode()
    if not positions:
        yield b"stage_positions: []\n"
        return
    yield b"stage_positions:\n"
    for position in positions:
        # A mapping of JSON on one line is one of YAML too; labels and numbers here are plain.
        yield b"- " + dump(_place(position)) + b"\n"
