"""What Micro-Manager writes about one image and about the whole acquisition, 1.4 and 2."""

from collections import Counter
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
    channel Channel FileName ChNames Axes row column XPosition_um_Intended YPosition_um_Intended
    ZPosition_um_Intended""".split()  # noqa: SIM905 - thirty quoted words are harder to read
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
    """A summary: what is said once for all images."""

    um_per_px: float | None
    version: str | None
    positions: tuple[StagePosition, ...]
    by_label: dict[str | None, StagePosition]
    channel_names: tuple[str, ...] = ()

    def position(self, label: str | None, index: int | None) -> StagePosition:
        """Find the position with this label, else the one at this index, else an unknown one.

        Where the list gives the index another label, the index counts something else, as only
        the positions that were saved: then it says nothing.
        """
        if label is not None and label in self.by_label:
            return self.by_label[label]
        if index is None or not 0 <= index < len(self.positions):
            return StagePosition()
        listed = self.positions[index]
        return listed if None in (label, listed.label) else StagePosition()

    def contradicts(self, label: str | None, index: int | None) -> bool:
        """Whether the list gives another label to the position at this index."""
        if label is None or index is None or not 0 <= index < len(self.positions):
            return False
        return self.positions[index].label not in (None, label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One image: its plane, its affine, and how far it was taken from where the list says.

    Attributes
    ----------
    contradicts : bool
        Its index is that of a position with another label.
    """

    plane: Plane
    affine: tuple[float, ...] | None
    off_um: float
    contradicts: bool = False


def read_summary(summary: Json) -> Summary:
    """Read the summary; `StagePositions` of version 2, `InitialPositionList` of 1.4."""
    listed = sequence(summary.get("StagePositions") or summary.get("InitialPositionList"))
    positions = tuple(_position(mapping(position)) for position in listed)
    labels = Counter(position.label for position in positions)
    return Summary(
        scale(summary.get("PixelSize_um", summary.get("PixelSizeUm"))),
        text(summary.get("MicroManagerVersion")),
        positions,
        # A label that stands twice names no place.
        {position.label: position for position in positions if labels[position.label] == 1},
        tuple(text(name) or "" for name in sequence(summary.get("ChNames"))),
    )


def read_entry(
    path: Path, image: Json, coords: Json, summary: Summary, *, pages: Sequence[int] = ()
) -> Entry:
    """Read an image from its own metadata, or from the list of positions where it has none."""
    axes = mapping(image.get("Axes"))
    index = _axis(axes, image, coords, "PositionIndex", "position")
    label = text(image.get("PositionName"))
    if label is None and path.parent.name in summary.by_label:
        # A folder for each position bears its label.
        label = path.parent.name
    listed = summary.position(label, index)
    x_um, y_um, z_um = (_stage(image, axis) for axis in "XYZ")
    off_um = _distance(x_um, y_um, listed)
    if x_um is None or y_um is None:
        x_um, y_um = listed.x_um, listed.y_um
    name = label or listed.label or ""
    tile = FolderTile(
        path=path,
        pages=tuple(pages),
        name=name,
        row=_first_whole({**image, **axes}, "row", "GridRowIndex", default=listed.row),
        col=_first_whole({**image, **axes}, "column", "GridColumnIndex", default=listed.col),
        stage_x_um=x_um,
        stage_y_um=y_um,
        stage_z_um=z_um,
        um_per_px=scale(image.get("PixelSizeUm")) or summary.um_per_px,
    )
    channel, channel_name = _channel(axes, image, coords, summary)
    plane = Plane(
        tile=tile,
        position=(path.parent, _stack_of(path) if pages else "", index, name, _place(axes)),
        time=_axis(axes, image, coords, "FrameIndex", "Frame", "time") or 0,
        slice=_axis(axes, image, coords, "SliceIndex", "Slice", "z") or 0,
        channel=channel,
        channel_name=channel_name,
    )
    return Entry(
        plane=plane,
        affine=parse_affine(image.get("PixelSizeAffine")),
        off_um=off_um,
        contradicts=summary.contradicts(label, index),
    )


def _stack_of(path: Path) -> str:
    """What stands before the number of a stack's file.

    A position may go on in the next file of a stack; another stack is another acquisition.
    """
    return path.name.partition("_MMStack")[0].partition("_NDTiffStack")[0]


def _place(axes: Json) -> tuple[tuple[str, str], ...]:
    """All axes of an NDTiff image but time, focus and channel: any of them may be a place."""
    others = {name: value for name, value in axes.items() if name not in ("time", "z", "channel")}
    return tuple(sorted((name, str(value)) for name, value in others.items()))


def _stage(image: Json, axis: str) -> float | None:
    """Where the stage was, else where pycro-manager and Magellan sent it."""
    value = number(image.get(f"{axis}PositionUm"))
    return number(image.get(f"{axis}Position_um_Intended")) if value is None else value


def _axis(axes: Json, image: Json, coords: Json, *names: str) -> int | None:
    """The first that is stated; the axes of NDTiff say more than the keys kept beside them."""
    if names[-1] in axes:
        return whole(axes[names[-1]])
    for name in names:
        for source in (coords, image):
            index = whole(source.get(name))
            if index is not None:
                return index
    return None


def _channel(axes: Json, image: Json, coords: Json, summary: Summary) -> tuple[int, str]:
    """Number and name; NDTiff has the name as the place on its axis."""
    name = text(axes.get("channel")) or text(image.get("Channel"))
    number = _axis({}, image, coords, "ChannelIndex", "channel")
    if number is None and name in summary.channel_names:
        number = summary.channel_names.index(name)
    number = number or 0
    if name is None and 0 <= number < len(summary.channel_names):
        name = summary.channel_names[number]
    return number, name or ""


def _position(written: Json) -> StagePosition:
    x_um, y_um = _xy(written)
    return StagePosition(
        label=text(written.get("Label", written.get("label"))),
        row=_first_whole(written, "GridRow", "GridRowIndex", "gridRow"),
        col=_first_whole(written, "GridCol", "GridColumnIndex", "gridCol"),
        x_um=x_um,
        y_um=y_um,
    )


def _first_whole(written: Json, *names: str, default: int | None = None) -> int | None:
    values = (whole(written.get(name)) for name in names)
    return next((value for value in values if value is not None), default)


def _xy(written: Json) -> tuple[float | None, float | None]:
    """Read where the XY stage was sent: of several stages with two axes, the default one."""
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
