"""Names of tiles: unique in their scan, and such that every database and screen can hold them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from service.formats.folder_scan import FolderTile

LONGEST_NAME = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def with_unique_names(tiles: Sequence[FolderTile], root: Path) -> list[FolderTile]:
    """The tiles, each with the first of these names that no other tile has.

    What the software called it, the file's name, the file's path below `root`.
    """
    parts = [f"#{'-'.join(map(str, tile.pages))}" if tile.pages else "" for tile in tiles]
    bases = [tile.path.name + part for tile, part in zip(tiles, parts, strict=True)]
    paths = [
        tile.path.relative_to(root).as_posix() + part
        for tile, part in zip(tiles, parts, strict=True)
    ]
    given = [tile.name or base for tile, base in zip(tiles, bases, strict=True)]
    # Paths whose letters are no text may look alike: their numbers tell them apart.
    numbered = [f"{number} {_safe(path)}" for number, path in enumerate(paths, 1)]
    for names in (given, bases, paths, numbered):
        safe = [_safe(name) for name in names]
        if len(set(safe)) == len(safe):
            return _named(tiles, safe)
    return _named(tiles, [str(number) for number in range(1, len(tiles) + 1)])


def _named(tiles: Sequence[FolderTile], names: Sequence[str]) -> list[FolderTile]:
    return [replace(tile, name=name) for tile, name in zip(tiles, names, strict=True)]


def _safe(name: str) -> str:
    # Names of files may hold bytes that are no text.
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    # The end tells tiles apart, the beginning is the folder that they share.
    return _CONTROL.sub("_", text)[-LONGEST_NAME:]
