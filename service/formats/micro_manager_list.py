"""Micro-Manager's position lists (.pos), of version 2 and of 1.4."""

from collections.abc import Iterator
from typing import Any

from service.formats.values import mapping, number, sequence, text, whole

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
    """Where the stage of this name is; of several with so many axes the first, if it has none."""
    fitting = {device: place for device, place in devices.items() if len(place) == axes}
    unknown: list[float | None] = [None] * axes
    return fitting.get(name) or next(iter(fitting.values()), unknown)
