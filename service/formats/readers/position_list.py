"""Read position lists of Micro-Manager and other programs."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from service.errors import InvalidValue, TooLarge
from service.formats.readers.table_columns import (
    columns_of,
    number_in,
    text_in,
    units_of_row,
    whole_in,
    with_decimal_marks,
)
from service.formats.side_file import (
    decode_text,
    mapping,
    number,
    parse_json,
    parse_xml,
    sequence,
    text,
    whole,
)

Place = dict[str, Any]


def read_version_2(content: dict[str, Any]) -> Iterator[Place]:
    """Places of a property map; its values stand in {type, scalar or array}."""
    listed = sequence(_value(mapping(content.get("map")).get("StagePositions")))
    for one in listed:
        position = mapping(one)
        devices = {
            text(_value(mapping(device).get("Device"))): [
                number(value) for value in sequence(_value(mapping(device).get("Position_um")))
            ]
            for device in sequence(_value(position.get("DevicePositions")))
        }
        yield _place(
            devices,
            label=text(_value(position.get("Label"))),
            grid=(_value(position.get("GridRow")), _value(position.get("GridCol"))),
            stages=(
                text(_value(position.get("DefaultXYStage"))),
                text(_value(position.get("DefaultZStage"))),
            ),
        )


def read_version_14(content: dict[str, Any]) -> Iterator[Place]:
    """Places of a list of version 1.4, whose devices state how many axes they have."""
    for one in sequence(content.get("POSITIONS")):
        position = mapping(one)
        devices = {
            text(device.get("DEVICE")): [
                number(device.get(axis)) for axis in "XYZ"[: whole(device.get("AXES")) or 0]
            ]
            for device in map(mapping, sequence(position.get("DEVICES")))
        }
        yield _place(
            devices,
            label=text(position.get("LABEL")),
            grid=(position.get("GRID_ROW"), position.get("GRID_COL")),
            stages=(text(position.get("DEFAULT_XY_STAGE")), text(position.get("DEFAULT_Z_STAGE"))),
        )


def _value(wrapped: Any) -> Any:
    inner = mapping(wrapped)
    return inner.get("scalar", inner.get("array"))


def _place(
    devices: dict[str | None, list[float | None]],
    *,
    label: str | None,
    grid: tuple[Any, Any],
    stages: tuple[str | None, str | None],
) -> Place:
    x_um, y_um = _of(devices, stages[0], axes=2)
    (z_um,) = _of(devices, stages[1], axes=1)
    return {
        "label": label,
        "row": whole(grid[0]),
        "col": whole(grid[1]),
        "x_um": x_um,
        "y_um": y_um,
        "z_um": z_um,
    }


def _of(
    devices: dict[str | None, list[float | None]], name: str | None, *, axes: int
) -> list[float | None]:
    """Find the place of the stage of this name, else the first of several with so many axes."""
    fitting = {device: place for device, place in devices.items() if len(place) == axes}
    unknown: list[float | None] = [None] * axes
    return fitting.get(name) or next(iter(fitting.values()), unknown)


# YAML of so many bytes takes ten seconds to read; it is some 100,000 positions.
MAX_YAML_BYTES = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPosition:
    """A place of a list; unknown is None."""

    label: str | None = None
    row: int | None = None
    col: int | None = None
    x_um: float | None = None
    y_um: float | None = None
    z_um: float | None = None


@dataclass(frozen=True, slots=True)
class PositionList:
    """A list as what it was read, its places in their order, and what is to be said of it."""

    format: str
    positions: list[ListedPosition]
    notes: list[str] = field(default_factory=list)


def read_position_list(name: str, data: bytes) -> PositionList:
    """Read the places of a list: a table, Micro-Manager (.pos), useq-schema or Nikon NIS-Elements.

    Raises
    ------
    InvalidValue
        It is none of these, or malformed.
    TooLarge
        YAML of over MAX_YAML_BYTES.
    """
    written = decode_text(data).lstrip("\ufeff")
    start = written.lstrip()[:1]
    if start == "{":
        return _read_json(name, parse_json(name, written))
    if start == "<":
        return _read_nis(name, written)
    if re.search(r"^stage_positions\s*:", written, re.MULTILINE):
        return _read_yaml(name, written)
    return _read_table(name, written)


def _read_json(name: str, content: dict[str, Any]) -> PositionList:
    if "POSITIONS" in content:
        places = [ListedPosition(**one) for one in read_version_14(content)]
        return PositionList("Micro-Manager position list (version 1.4)", places)
    if "map" in content:
        places = [ListedPosition(**one) for one in read_version_2(content)]
        return PositionList("Micro-Manager position list (version 2)", places)
    if "stage_positions" in content:
        return _read_useq(content)
    raise InvalidValue(
        f"{name} holds no list of positions: neither POSITIONS (Micro-Manager 1.4), map "
        "(Micro-Manager 2) nor stage_positions (useq-schema) is in it."
    )


def _read_yaml(name: str, written: str) -> PositionList:
    if len(written) > MAX_YAML_BYTES:
        raise TooLarge(f"{name} has over {MAX_YAML_BYTES:,} bytes of YAML; JSON may be longer.")
    try:
        content = yaml.load(written, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = str(getattr(error, "problem", None) or type(error).__name__)
        raise InvalidValue(f"{name} is no valid YAML: {problem}.") from error
    return _read_useq(mapping(content))


def _read_useq(content: dict[str, Any]) -> PositionList:
    places = []
    for one in sequence(content.get("stage_positions")):
        # useq takes [x, y, z] too.
        is_row = isinstance(one, list)
        place = dict(zip("xyz", one, strict=False)) if is_row else mapping(one)
        x_um, y_um, z_um = (number(place.get(axis)) for axis in "xyz")
        places.append(
            ListedPosition(label=text(place.get("name")), x_um=x_um, y_um=y_um, z_um=z_um)
        )
    return PositionList("useq-schema stage positions", places)


def _read_nis(name: str, written: str) -> PositionList:
    root = parse_xml(name, written)
    points = [
        element for element in root.iter() if element.get("runtype") == "NDSetupMultipointListItem"
    ]
    if not points:
        raise InvalidValue(f"{name} holds no points of NIS-Elements.")
    switch = root.find(".//bIncludeZ")
    has_focus = switch is not None and switch.get("value") == "true"
    places = []
    for point in points:
        said = {child.tag: child.get("value") for child in point}
        places.append(
            ListedPosition(
                label=text(said.get("strName")),
                x_um=number(said.get("dXPosition")),
                y_um=number(said.get("dYPosition")),
                z_um=number(said.get("dZPosition")) if has_focus else None,
            )
        )
    return PositionList("Nikon NIS-Elements points (XML)", places)


def _read_table(name: str, written: str) -> PositionList:
    heading = written.partition("\n")[0]
    mark = max(",;\t", key=heading.count)
    rows = csv.reader(io.StringIO(written, newline=""), delimiter=mark)
    try:
        lines = [(rows.line_num, cells) for cells in rows if any(cells)]
    except csv.Error as error:
        raise InvalidValue(f"{name}, line {rows.line_num}: {error}.") from error
    columns = columns_of(lines[0][1]) if lines else {}
    if not {"x", "y"} <= columns.keys():
        raise InvalidValue(
            f"{name} is no list of positions: a table needs columns for x and y (as "
            "name,stage_x_um,stage_y_um); Micro-Manager .pos, useq-schema and NIS XML are read too."
        )
    notes = []
    lines = lines[1:]
    with_units = units_of_row(columns, lines[0][1]) if lines else None
    if with_units is not None:
        columns, lines = with_units, lines[1:]
    columns = with_decimal_marks(name, columns, lines)
    if columns["x"].um is None:
        notes.append(f"{name} names no unit for x and y: micrometres are taken.")
    places = []
    for line, cells in lines:
        where = f"{name}, line {line}"
        said: dict[str, Any] = {
            f"{axis}_um": number_in(where, cells, columns[axis])
            for axis in ("x", "y", "z")
            if axis in columns
        }
        said |= {
            axis: whole_in(where, cells, columns[axis])
            for axis in ("row", "col")
            if axis in columns
        }
        label = text_in(cells, columns["file"]) if "file" in columns else ""
        places.append(ListedPosition(label=_plain(label) or None, **said))
    return PositionList("table of positions (CSV)", places, notes)


def _plain(label: str) -> str:
    # Our own tables put an apostrophe before what a spreadsheet would compute.
    return label[1:] if re.match(r"'[=+\-@]", label) else label
