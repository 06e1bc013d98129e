"""A fast scan with scan_meta.json, as the Sharpe lab's flakefinder writes it."""

import re
from typing import Any

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing
from service.formats.names import folder_of, stem_of
from service.formats.side_file import mapping, number, parse_json, read_text, scale, sequence, whole

_NUMBER = re.compile(r"([0-9]+)$")


def read_sharpelab(listing: Listing) -> FolderScan | None:
    """Frames whose numbers a scan_meta.json beside them lists; None where there is none.

    Raises
    ------
    InvalidValue
        The file is no JSON.
    """
    tiles: list[FolderTile] = []
    side_files: list[str] = []
    for side_file in listing.others_named("scan_meta.json"):
        meta = parse_json(side_file, read_text(listing, side_file))
        frames = {
            whole(mapping(frame).get("n")): mapping(frame) for frame in sequence(meta.get("frames"))
        }
        if frames:
            side_files.append(side_file)
            tiles.extend(_tiles(listing, side_file, frames, _um_per_px(side_file, meta)))
    if not tiles:
        return None
    return FolderScan(
        format="fast scan (scan_meta.json)",
        tiles=tiles,
        # Its own tools add pixels to the position of a frame's centre without any flip.
        orientation_stated=True,
        side_files=tuple(side_files),
    )


def _um_per_px(side_file: str, meta: dict[str, Any]) -> float | None:
    um_per_px = scale(mapping(meta.get("optics")).get("sample_pixel_x_um"))
    reduction = meta.get("downsample", 1)
    factor = scale(reduction)
    if factor is None:
        raise InvalidValue(f"{side_file} has a downsample of {str(reduction)[:40]!r}.")
    return None if um_per_px is None else um_per_px * factor


def _tiles(
    listing: Listing,
    side_file: str,
    frames: dict[int | None, dict[str, Any]],
    um_per_px: float | None,
) -> list[FolderTile]:
    tiles = []
    for name in listing.images:
        match = _NUMBER.search(stem_of(name))
        if match is None or folder_of(name) != folder_of(side_file):
            continue
        frame = frames.get(int(match[1]))
        if frame is not None:
            tiles.append(
                FolderTile(
                    path=listing.path(name),
                    stage_x_um=_x_um(frame),
                    stage_y_um=number(frame.get("y_um")),
                    um_per_px=um_per_px,
                )
            )
    return tiles


def _x_um(frame: dict[str, Any]) -> float | None:
    """Compute where the frame's centre was; the stage moves while it is read out."""
    x_um = number(frame.get("x_um"))
    start, end = number(frame.get("x_start")), number(frame.get("x_end"))
    if x_um is not None or start is None:
        return x_um
    return start if end is None else (start + end) / 2
