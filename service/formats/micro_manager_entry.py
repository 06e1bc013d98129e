"""What Micro-Manager writes about one image and about the whole acquisition, 1.4 and 2."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.formats.folder_scan import FolderTile, Plane
from service.formats.orientation import parse_affine
from service.formats.side_file import mapping, number, scale, sequence, text, whole

Json = dict[str, Any]
# Every key that is read here, of all that Micro-Manager writes.
NEEDED = frozenset(
    """StagePositions InitialPositionList PixelSize_um PixelSizeUm MicroManagerVersion Label label
    GridRow GridRowIndex gridRow GridCol GridColumnIndex gridCol DevicePositions DefaultXYStage
    DeviceCoordinatesUm Device Position_um XPositionUm YPositionUm ZPositionUm PixelSizeAffine
    PositionName PositionIndex position FrameIndex Frame time SliceIndex Slice z ChannelIndex
    channel Channel FileName""".split()  # noqa: SIM905 - thirty quoted words are harder to read
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePosition:
    """A position of the acquisition's list: where the stage was sent."""

    label: str | None = None
    row: int | None = None
    col: int | None = None
    x_um: float | None = None
    y_um: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said once for all images."""

    um_per_px: float | None
    version: str | None
    positions: tuple[StagePosition, ...]
    by_label: dict[str | None, StagePosition]

    def position(self, label: str | None, index: int | None) -> StagePosition:
        """The position with this label, else the one at this index, else one that is unknown."""
        if label is not None and label in self.by_label:
            return self.by_label[label]
        if index is not None and 0 <= index < len(self.positions):
            return self.positions[index]
        return StagePosition()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One image: its plane, its affine, and how far it was taken from where the list says."""

    plane: Plane
    affine: tuple[float, ...] | None
    off_um: float


def read_summary(summary: Json) -> Summary:
    """The summary; `StagePositions` of version 2, `InitialPositionList` of 1.4."""
    listed = sequence(summary.get("StagePositions") or summary.get("InitialPositionList"))
    positions = tuple(_position(mapping(position)) for position in listed)
    return Summary(
        scale(summary.get("PixelSize_um", summary.get("PixelSizeUm"))),
        text(summary.get("MicroManagerVersion")),
        positions,
        {position.label: position for position in positions},
    )


def read_entry(
    path: Path, image: Json, coords: Json, summary: Summary, *, pages: Sequence[int] = ()
) -> Entry:
    """An image from its own metadata, or from the list of positions where it has none."""
    index = _axis(image, coords, "PositionIndex", "position")
    label = text(image.get("PositionName"))
    listed = summary.position(label, index)
    x_um, y_um = number(image.get("XPositionUm")), number(image.get("YPositionUm"))
    off_um = _distance(x_um, y_um, listed)
    if x_um is None or y_um is None:
        x_um, y_um = listed.x_um, listed.y_um
    name = label or listed.label or ""
    tile = FolderTile(
        path=path,
        pages=tuple(pages),
        name=name,
        row=listed.row,
        col=listed.col,
        stage_x_um=x_um,
        stage_y_um=y_um,
        stage_z_um=number(image.get("ZPositionUm")),
        um_per_px=scale(image.get("PixelSizeUm")) or summary.um_per_px,
    )
    plane = Plane(
        tile=tile,
        # A position may go on in the next file of a stack; another stack is another acquisition.
        position=(path.parent, path.name.partition("_MMStack")[0] if pages else "", index, name),
        time=_axis(image, coords, "FrameIndex", "Frame", "time") or 0,
        slice=_axis(image, coords, "SliceIndex", "Slice", "z") or 0,
        channel=_axis(image, coords, "ChannelIndex", "channel") or 0,
    )
    return Entry(plane=plane, affine=parse_affine(image.get("PixelSizeAffine")), off_um=off_um)


def _axis(image: Json, coords: Json, *names: str) -> int | None:
    for name in names:
        for source in (coords, image):
            index = whole(source.get(name))
            if index is not None:
                return index
    return None


def _position(written: Json) -> StagePosition:
    x_um, y_um = _xy(written)
    return StagePosition(
        label=text(written.get("Label", written.get("label"))),
        row=_first_whole(written, "GridRow", "GridRowIndex", "gridRow"),
        col=_first_whole(written, "GridCol", "GridColumnIndex", "gridCol"),
        x_um=x_um,
        y_um=y_um,
    )


def _first_whole(written: Json, *names: str) -> int | None:
    values = (whole(written.get(name)) for name in names)
    return next((value for value in values if value is not None), None)


def _xy(written: Json) -> tuple[float | None, float | None]:
    """Where the XY stage was sent: of several stages with two axes, the default one."""
    devices = written.get("DevicePositions") or written.get("DeviceCoordinatesUm")
    if isinstance(devices, list):
        pairs = {
            text(mapping(device).get("Device")): sequence(mapping(device).get("Position_um"))
            for device in devices
        }
    else:
        pairs = {name: sequence(numbers) for name, numbers in mapping(devices).items()}
    wanted = text(written.get("DefaultXYStage"))
    pairs = {name: numbers for name, numbers in pairs.items() if len(numbers) == 2}
    xy = pairs.get(wanted) or next(iter(pairs.values()), [None, None])
    return number(xy[0]), number(xy[1])


def _distance(x_um: float | None, y_um: float | None, listed: StagePosition) -> float:
    if x_um is None or y_um is None or listed.x_um is None or listed.y_um is None:
        return 0.0
    return max(abs(x_um - listed.x_um), abs(y_um - listed.y_um))
