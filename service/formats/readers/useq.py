"""Read what pymmcore-plus and useq-schema write: frame metadata and grid plans."""

from pathlib import Path
from typing import Any

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, Plane, one_per_position
from service.formats.listing import Listing, folders_around, is_image
from service.formats.names import Grid, base_of, folder_of
from service.formats.plausible import missing_note
from service.formats.side_file import (
    Json,
    mapping,
    number,
    parse_json,
    read_text,
    scale,
    text,
    whole,
)

# As many places as a scan may have tiles.
_LARGEST = 1_000_000


def grid_order(plan: dict[str, Any]) -> list[Grid]:
    """Row and column of each place; empty where the plan does not fix them beforehand.

    A spiral and plans by area depend on more than is written, and give no rows.
    """
    rows, columns = whole(plan.get("rows")), whole(plan.get("columns"))
    mode = str(plan.get("mode", "row_wise_snake"))
    if rows is None or columns is None or not 0 < rows * columns <= _LARGEST or rows < 1:
        return []
    by_row = mode.startswith("row_wise")
    if not by_row and not mode.startswith("column_wise"):
        return []
    outer, inner = (rows, columns) if by_row else (columns, rows)
    order = []
    for line in range(outer):
        backwards = mode.endswith("snake") and line % 2 == 1
        for step in reversed(range(inner)) if backwards else range(inner):
            order.append((line, step) if by_row else (step, line))
    return order


_FRAMES = "_frame_metadata.json"
_SEQUENCE = "_useq_mdasequence.json"
_NEEDED = {"position", "mda_event", "index", "pos_name", "pixel_size_um", "x_pos", "y_pos", "z_pos"}
_NEEDED |= {"x", "y", "p", "g", "t", "c", "z"}


def read_useq(listing: Listing) -> FolderScan | None:
    """Tiles of an ImageSequenceWriter's folder; None where there is no frame metadata.

    Raises
    ------
    InvalidValue
        The frame metadata is no JSON of this kind.
    """
    side_files = [
        name for name in listing.others_named(_FRAMES) if base_of(name).lower() == _FRAMES
    ]
    if not side_files:
        return None
    planes: list[Plane] = []
    notes: list[str] = []
    accounted: set[str] = set()
    sequences: list[str] = []
    for side_file in side_files:
        frames = parse_json(side_file, read_text(listing, side_file), _is_needed)
        _check(side_file, frames)
        sequence, plan = _plan(listing, side_file)
        sequences.extend(sequence)
        missing = []
        for written, frame in frames.items():
            name = listing.find_image(written, *folders_around(side_file))
            if name is None:
                missing.append(written)
                continue
            accounted.add(name)
            planes.append(_plane(listing.path(name), mapping(frame), plan))
        notes.extend(missing_note(side_file, missing))
    _note_unknown(planes, notes)
    return FolderScan(
        format="pymmcore-plus image sequence (_frame_metadata.json)",
        tiles=one_per_position(planes, notes),
        notes=notes,
        side_files=(*side_files, *sequences),
        accounted=frozenset(accounted),
    )


def _is_needed(key: str, _value: object) -> bool:
    return key in _NEEDED or is_image(key)


def _check(side_file: str, frames: Json) -> None:
    wrong = next((key for key, frame in frames.items() if not isinstance(frame, dict)), None)
    if wrong is not None:
        raise InvalidValue(
            f"{side_file} holds no frame metadata for {wrong[:80]!r}; an object is expected."
        )


def _plan(listing: Listing, side_file: str) -> tuple[list[str], list[Grid]]:
    """Read the sequence's file beside the frames, and the places of its grid in order."""
    wanted = f"{folder_of(side_file)}/{_SEQUENCE}".lstrip("/")
    for name in listing.others_named(_SEQUENCE):
        if name.lower() == wanted.lower():
            sequence = parse_json(name, read_text(listing, name))
            return [name], grid_order(mapping(sequence.get("grid_plan")))
    return [], []


def _plane(path: Path, frame: Json, plan: list[Grid]) -> Plane:
    event = mapping(frame.get("mda_event"))
    index = mapping(event.get("index"))
    x_um, y_um, z_um = _position(frame)
    place = whole(index.get("g"))
    row, col = plan[place] if place is not None and 0 <= place < len(plan) else (None, None)
    tile = FolderTile(
        path=path,
        name=text(event.get("pos_name")) or "",
        row=row,
        col=col,
        stage_x_um=x_um,
        stage_y_um=y_um,
        stage_z_um=z_um,
        um_per_px=scale(frame.get("pixel_size_um")),
    )
    return Plane(
        tile=tile,
        # Without an index every image is a tile of its own.
        position=(path.parent, index.get("p"), index.get("g")) if index else path,
        time=whole(index.get("t")) or 0,
        slice=whole(index.get("z")) or 0,
        channel=whole(index.get("c")) or 0,
    )


def _position(frame: Json) -> tuple[float | None, float | None, float | None]:
    """Read where the stage was or, where not asked because that takes time, where it was sent."""
    stage = mapping(frame.get("position"))
    event = mapping(frame.get("mda_event"))
    x_um, y_um = number(stage.get("x")), number(stage.get("y"))
    if x_um is None or y_um is None:
        x_um, y_um = number(event.get("x_pos")), number(event.get("y_pos"))
    z_um = number(stage.get("z"))
    return x_um, y_um, number(event.get("z_pos")) if z_um is None else z_um


def _note_unknown(planes: list[Plane], notes: list[str]) -> None:
    if not any(plane.tile.stage_x_um is not None for plane in planes):
        notes.append("The frames state no stage positions: the stage was not asked.")
