"""2DMatGMM: Pictures/N.png beside Meta/N.json, whose motor_pos is in mm, a folder an objective."""

import re
from collections import Counter
from typing import Any

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing
from service.formats.names import base_of, folder_of, stem_of
from service.formats.side_file import number, parse_json, read_text, sequence

_UM_PER_MM = 1e3
_META = re.compile(r"(?:(?P<objective>.*)/)?meta/[0-9]+\.json", re.IGNORECASE)
_MAGNIFICATION = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?x", re.IGNORECASE)


def read_motor_positions(listing: Listing) -> FolderScan | None:
    """Tiles of one objective, that of the scan; None where no Meta/N.json has a motor_pos.

    Raises
    ------
    InvalidValue
        A file of positions is no JSON.
    """
    metas: dict[str, list[str]] = {}
    for name in listing.others_named(".json"):
        match = _META.fullmatch(name)
        if match is not None:
            metas.setdefault(match["objective"] or "", []).append(name)
    if not metas:
        return None
    found = {folder: tiles for folder, names in metas.items() if (tiles := _tiles(listing, names))}
    if not found:
        return None
    chosen = _scan_of(listing, found)
    tiles = found[chosen]
    paths = {tile.path for tile in tiles}
    other = [name for name in listing.images if listing.path(name) not in paths]
    return FolderScan(
        format="2DMatGMM (Meta/*.json, motor_pos in mm)",
        tiles=tiles,
        notes=_notes(listing, chosen, other),
        side_files=tuple(metas[chosen]),
        # Overviews and pictures through other objectives are no tiles, and are said to be none.
        accounted=frozenset(name for name in other if folder_of(folder_of(name)) != chosen),
    )


def _tiles(listing: Listing, metas: list[str]) -> list[FolderTile]:
    tiles = []
    for name in metas:
        image = listing.find_image(stem_of(name), _pictures(name))
        meta = parse_json(name, read_text(listing, name))
        if image is None or "motor_pos" not in meta:
            continue
        x_um, y_um = _place_um(name, meta)
        tiles.append(FolderTile(path=listing.path(image), stage_x_um=x_um, stage_y_um=y_um))
    return tiles


def _pictures(meta: str) -> str:
    return "/".join(part for part in (folder_of(folder_of(meta)), "Pictures") if part)


def _place_um(name: str, meta: dict[str, Any]) -> tuple[float | None, float | None]:
    written = sequence(meta["motor_pos"])
    values = [number(value) for value in written[:2]]
    if len(values) < 2 or None in values:
        raise InvalidValue(f"{name} states a motor_pos of {str(meta['motor_pos'])[:40]!r}.")
    x_um, y_um = (None if value is None else round(value * _UM_PER_MM, 6) for value in values)
    return x_um, y_um


def _scan_of(listing: Listing, found: dict[str, list[FolderTile]]) -> str:
    """The objective that meta.json names, else the one with most pictures."""
    stated = {
        number(value)
        for name in listing.others_named("meta.json")
        for key, value in parse_json(name, read_text(listing, name)).items()
        # Their own spelling, and the right one.
        if key in ("scan_magnificaiton", "scan_magnification")
    }
    for folder in found:
        match = _MAGNIFICATION.fullmatch(base_of(folder))
        if match is not None and number(match[1].replace(",", ".")) in stated:
            return folder
    counts = Counter({folder: len(tiles) for folder, tiles in found.items()})
    return counts.most_common(1)[0][0]


def _notes(listing: Listing, chosen: str, other: list[str]) -> list[str]:
    if not other:
        return []
    folders = Counter(folder_of(name) for name in other)
    listed = ", ".join(
        f"{count} of {folder}" if folder else f"{count} at the top"
        for folder, count in folders.items()
    )
    return [
        f"Tiles are the pictures of {chosen or listing.root.name}. Left out as overviews or other "
        f"magnifications are {len(other)} images: {listed}."
    ]
