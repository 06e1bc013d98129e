"""Several acquisitions in one folder: told apart, for one scan must not lose half of the tiles."""

from collections.abc import Sequence
from itertools import zip_longest

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing, folders_around
from service.formats.names import folder_of

# A stage that comes back repeats a place or two; a second acquisition repeats most of them.
_MOST_REPEATED = 0.25
_FEWEST_REPEATED = 2
# Files that describe one acquisition and nothing else; tables may hold results.
_OF_ONE = ("metadata.txt", "_frame_metadata.json", "scan_meta.json", ".xlif", "_properties.xml")
_FEWEST_LOST = 2


def check_one_acquisition(tiles: Sequence[FolderTile], listing: Listing) -> None:
    """Refuse tiles of which many stand where others do, with the names of both.

    Raises
    ------
    InvalidValue
    """
    first: dict[tuple[float, float], FolderTile] = {}
    repeated: list[tuple[FolderTile, FolderTile]] = []
    for tile in tiles:
        if tile.stage_x_um is None or tile.stage_y_um is None:
            continue
        # To the nanometre, as a scan tells positions apart.
        place = (round(tile.stage_x_um, 3), round(tile.stage_y_um, 3))
        if first.setdefault(place, tile) is not tile:
            repeated.append((first[place], tile))
    placed = len(first) + len(repeated)
    # At one place and no other the stage was not asked, which is another matter.
    if len(repeated) < max(_FEWEST_REPEATED, _MOST_REPEATED * placed) or len(first) == 1:
        return
    if (0.0, 0.0) in first and all(_is_zero(tile) for _, tile in repeated):
        return
    one, other = repeated[0]
    paths = [tile.path.relative_to(listing.root).as_posix() for tile in (one, other)]
    names = sorted(_told_apart(*paths))
    raise InvalidValue(
        f"{len(repeated):,} of {placed:,} tiles stand where others do: these are several "
        f"acquisitions, as {names[0]} and {names[1]}. Send each as a scan of its own."
    )


def check_no_other_description(scan: FolderScan, listing: Listing) -> None:
    """Refuse a folder of which another acquisition, with files of its own, would be left out.

    Raises
    ------
    InvalidValue
    """
    unread = [name for name in listing.others_named(*_OF_ONE) if name not in scan.side_files]
    if not unread:
        return
    paths = {tile.path for tile in scan.tiles}
    left = [
        name
        for name in listing.images
        if listing.path(name) not in paths and name not in scan.accounted
    ]
    for side_file in unread:
        # Its images lie beside it or one folder up.
        folders = {folder for folder in folders_around(side_file) if folder}
        lost = [name for name in left if folder_of(name) in folders]
        if len(lost) >= _FEWEST_LOST:
            raise InvalidValue(
                f"{side_file} describes {len(lost):,} images of another acquisition than "
                f"{scan.format}, as {lost[0]}. Send each as a scan of its own."
            )


def _is_zero(tile: FolderTile) -> bool:
    return (tile.stage_x_um, tile.stage_y_um) == (0.0, 0.0)


def _told_apart(one: str, other: str) -> tuple[str, str]:
    """The folders in which two paths part, or the files where they share one."""
    if folder_of(one) == folder_of(other):
        return one, other
    parts = list(zip_longest(folder_of(one).split("/"), folder_of(other).split("/"), fillvalue=""))
    shared = next(index for index, (a, b) in enumerate(parts) if a != b)
    names = [
        "/".join(part for part in pair[: shared + 1] if part) for pair in zip(*parts, strict=True)
    ]
    return names[0] or one, names[1] or other
