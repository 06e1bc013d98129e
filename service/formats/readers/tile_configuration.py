"""Tile configurations of stitching programs: Fiji's TileConfiguration.txt and MIST's positions.

Their places are pixels of the mosaic, of each image's top left corner.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.image_size import image_facts
from service.formats.listing import Listing, folders_around
from service.formats.names import base_of
from service.formats.plausible import missing_note
from service.formats.side_file import number, read_start, read_text, whole

_NUMBER = r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?"
# Fiji: tile_01.tif; ; (100.0, 0.0), also with a third number for the focus or the time.
_FIJI = re.compile(rf"(?P<file>[^;]+);[^;]*;\s*\((?P<x>{_NUMBER}),\s*(?P<y>{_NUMBER})[,)]")
# MIST states the file, how well it fits, its position, and its column and row.
_MIST = re.compile(
    rf"file:\s*(?P<file>[^;]+);.*?position:\s*\((?P<x>{_NUMBER}),\s*(?P<y>{_NUMBER})\)"
    r"(?:.*?grid:\s*\((?P<col>[0-9]+),\s*(?P<row>[0-9]+)\))?"
)
# Enough to tell what it is.
_START_BYTES = 2000

Place = tuple[str, float, float, int | None, int | None]


def read_tile_configuration(listing: Listing) -> FolderScan | None:
    """Tiles of a configuration; None where there is none.

    Of a configuration and its registered copy, the registered one is read. Without a scale in
    the images the places give rows and columns only.
    """
    names = [name for name in listing.others_named(".txt") if _is_configuration(listing, name)]
    if not names:
        return None
    # Registered places were measured on the images, the others only meant.
    chosen = next((name for name in names if "registered" in base_of(name).lower()), names[0])
    found: dict[str, Place] = {}
    missing = []
    for place in _places(read_text(listing, chosen)):
        image = listing.find_image(place[0], *folders_around(chosen))
        if image is None:
            missing.append(place[0])
        else:
            found.setdefault(image, place)
    if not found:
        return None
    um_per_px = image_facts(listing.path(next(iter(found)))).um_per_px
    notes = missing_note(chosen, missing)
    if um_per_px is None:
        notes.append(
            f"{chosen} states places in pixels, and the images no scale: rows and columns follow "
            "from it, stage positions do not."
        )
    return FolderScan(
        format="tile configuration (Fiji, MIST)",
        tiles=_tiles(listing, found, um_per_px),
        um_per_px=um_per_px,
        # What a stitching program lays side by side without flips.
        orientation_stated=True,
        position_reference="top_left",
        notes=notes,
        side_files=tuple(names),
    )


def _is_configuration(listing: Listing, name: str) -> bool:
    start = read_start(listing, name, _START_BYTES)
    return any(_match(line) is not None for line in start.splitlines()[:12])


def _match(line: str) -> re.Match[str] | None:
    return None if line.startswith("#") else _MIST.match(line) or _FIJI.match(line)


def _places(written: str) -> Iterator[Place]:
    for line in written.splitlines():
        match = _match(line.strip())
        if match is None:
            continue
        x, y = number(match["x"]), number(match["y"])
        if x is None or y is None:
            continue
        grid = match.groupdict()
        yield match["file"].strip(), x, y, whole(grid.get("row")), whole(grid.get("col"))


def _tiles(listing: Listing, found: dict[str, Place], um_per_px: float | None) -> list[FolderTile]:
    rows = _ranks([place[2] for place in found.values()])
    columns = _ranks([place[1] for place in found.values()])
    return [
        FolderTile(
            path=listing.path(image),
            row=row if row is not None else rows[y],
            col=col if col is not None else columns[x],
            stage_x_um=None if um_per_px is None else round(x * um_per_px, 6),
            stage_y_um=None if um_per_px is None else round(y * um_per_px, 6),
        )
        for image, (_, x, y, row, col) in found.items()
    ]


def _ranks(values: Sequence[float]) -> dict[float, int]:
    """The number of the row or column that each place is in.

    Registered places of one row differ by a few pixels, and rows by most of a tile: the widest
    gaps part them.
    """
    ordered = sorted(set(values))
    gaps = [after - before for before, after in pairwise(ordered)]
    # Half of the widest: overlaps differ, but not by as much.
    least = max(gaps, default=0.0) / 2
    ranks, rank = {}, 0
    for index, value in enumerate(ordered):
        if index and gaps[index - 1] > least:
            rank += 1
        ranks[value] = rank
    return ranks
