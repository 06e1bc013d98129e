"""Completing: images that lie among a scan's tiles, but that no description lists."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing

_DIGITS = re.compile(r"[0-9]+")


def with_images_nobody_lists(scan: FolderScan, listing: Listing) -> FolderScan:
    """The scan with such images as tiles without positions.

    Descriptions are written in steps: after a crash the last tiles are missing in them. Images of
    other kinds, other names or in other folders are overviews and results, and only counted.
    """
    listed = {tile.path for tile in scan.tiles} | {listing.path(name) for name in scan.accounted}
    unlisted = [path for path in map(listing.path, listing.images) if path not in listed]
    if not unlisted:
        return scan
    is_alike = _likeness(listed)
    among = [path for path in unlisted if is_alike(path)]
    other = [path for path in unlisted if not is_alike(path)]
    notes = list(scan.notes)
    if among:
        notes.append(f"Without a description are {_counted(among)}; their positions are unknown.")
    if other:
        notes.append(f"Left out as no tiles of this scan are {_counted(other)}.")
    tiles = [*scan.tiles, *(FolderTile(path=path) for path in among)]
    return replace(scan, tiles=tiles, notes=notes)


def missing_note(side_file: str, missing: Iterable[str]) -> list[str]:
    """A note on images that a description lists and the folder does not hold."""
    names = list(missing)
    if not names:
        return []
    few = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return [f"{side_file} lists {len(names):,} images that are not in the folder: {few}."]


def _likeness(listed: set[Path]) -> Callable[[Path], bool]:
    """Whether an image is of the same folder and kind as the listed, and named like them.

    Names that differ in more than their numbers were given by hand: then any name is like them.
    """
    places = {(path.parent, path.suffix.lower()) for path in listed}
    patterns = {_pattern(path) for path in listed}
    by_hand = 2 * len(patterns) > len(listed)
    return lambda path: (
        (path.parent, path.suffix.lower()) in places and (by_hand or _pattern(path) in patterns)
    )


def _pattern(path: Path) -> str:
    return _DIGITS.sub("0", path.stem)


def _counted(paths: list[Path]) -> str:
    few = ", ".join(path.name for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
    return f"{len(paths):,} images: {few}"
