"""Micro-Manager position lists (.pos) of version 2 and of 1.4.

As `MultiStagePosition.toPropertyMap` and `PositionList.serialize` write them. Stages are found by
the names that they have in the user's hardware configuration.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from service.exports.json_pieces import Json, dump, pieces_of
from service.exports.numbers import um
from service.exports.rows import Position

VERSIONS = ("2", "1.4")


@dataclass(frozen=True, slots=True)
class Stages:
    """Names of the stages in Micro-Manager's hardware configuration."""

    xy: str = "XYStage"
    z: str = "ZStage"


def position_list(positions: Sequence[Position], stages: Stages, version: str) -> Iterator[bytes]:
    """A list of positions; the focus is left out of those whose focus is unknown."""
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
