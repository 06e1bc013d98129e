"""Read a scan folder: recognise its format, and give its tiles with their positions and bytes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from service.errors import InvalidImage, InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.leica import read_leica
from service.formats.listing import DEFAULT_MAX_FILES, Listing, list_folder
from service.formats.micro_manager import read_micro_manager, read_micro_manager_tiff
from service.formats.names import grids_of
from service.formats.nikon import read_nikon, read_nikon_frame
from service.formats.ome_tiff import read_ome_tiff
from service.formats.plausible import drop_implausible, with_images_nobody_lists
from service.formats.position_table import read_position_table
from service.formats.sharpelab import read_sharpelab
from service.formats.tiff import tiff_of_pages, tiff_of_pixels
from service.formats.useq import read_useq
from service.formats.zeiss import read_zeiss, read_zeiss_block
from service.vision.image_header import DEFAULT_MAX_PIXELS

_PIXELS_OF = {".nd2": read_nikon_frame, ".czi": read_zeiss_block}


def tile_bytes(tile: FolderTile, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> bytes:
    """What the decoder gets: the file itself where it is one image, else a TIFF file without loss.

    The same tile gives the same bytes every time.

    Raises
    ------
    InvalidImage
        The file is gone or cannot be read.
    InvalidValue
        It is an ND2 or CZI file that cannot be read, or for which the library is missing.
    TooLarge
        The image has over `max_pixels`, where that is known before the decoder.
    """
    try:
        if tile.path.is_symlink():
            # It was none when the folder was listed: a link may lead anywhere.
            raise InvalidImage(f"{tile.path.name} became a symbolic link, which is not followed.")
        if not tile.pages:
            return tile.path.read_bytes()
        read = _PIXELS_OF.get(tile.path.suffix.lower())
        if read is None:
            return tiff_of_pages(tile.path, tile.pages)
        return tiff_of_pixels(read(tile.path, tile.pages[0], max_pixels))
    except OSError as error:
        raise InvalidImage(
            f"{tile.path.name} cannot be read: {error.strerror or 'error'}."
        ) from error


def read_file_names(listing: Listing) -> FolderScan | None:
    """Tiles with row and column from their names; None where the names follow no pattern."""
    found = grids_of(listing.images)
    if found is None:
        return None
    grids, words = found
    places = [(None, None) if grid is None else grid for grid in grids]
    unknown = grids.count(None)
    return FolderScan(
        format=f"images with row and column in their names ({words})",
        tiles=[
            FolderTile(path=listing.path(name), row=row, col=col)
            for name, (row, col) in zip(listing.images, places, strict=True)
        ],
        notes=[f"{unknown:,} names state no row and column."] if unknown else [],
    )


def read_plain(listing: Listing) -> FolderScan | None:
    """Every image as a tile that is known by its name alone, in natural order."""
    return FolderScan(
        format="images without positions",
        tiles=[FolderTile(path=listing.path(name)) for name in listing.images],
    )


Reader = Callable[[Listing], FolderScan | None]

# Files beside the images come first: they are read without opening a single image.
READERS: tuple[Reader, ...] = (
    read_micro_manager,
    read_useq,
    read_leica,
    read_sharpelab,
    read_position_table,
    read_nikon,
    read_zeiss,
    read_micro_manager_tiff,
    read_ome_tiff,
    read_file_names,
    read_plain,
)
# Other names than these hold no positions that any reader knows.
_SIDE_FILES = (".csv", ".xlif", "metadata.txt", "_frame_metadata.json", "scan_meta.json")


def read_folder(folder: Path, *, max_files: int = DEFAULT_MAX_FILES) -> FolderScan:
    """Tiles of a scan folder, as Micro-Manager, Leica, Nikon, Zeiss or a list describes them.

    No image is decoded. Where several descriptions stand side by side, the first that knows
    stage positions is taken, else the one that knows most.

    Raises
    ------
    NotFound
        There is no such folder.
    InvalidValue
        It holds no image, a description in it is malformed, or a library for it is missing.
    TooLarge
        It holds too many files, or too large a description.
    """
    listing = list_folder(folder, max_files=max_files)
    best: FolderScan | None = None
    um_per_px: float | None = None
    for scan in _scans(listing):
        if best is None or _knowledge(scan) > _knowledge(best):
            best = scan
        um_per_px = scan.um_per_px if um_per_px is None else um_per_px
        if _knowledge(best) == _MOST:
            break
    if best is None:
        raise InvalidValue(_nothing(listing))
    # A table of positions knows no scale, but what lies beside it may.
    um_per_px = um_per_px if best.um_per_px is None else best.um_per_px
    notes = [*best.notes, *_remarks(listing, best)]
    return drop_implausible(replace(best, um_per_px=um_per_px, notes=notes), listing.root)


def _scans(listing: Listing) -> Iterator[FolderScan]:
    for reader in READERS:
        scan = reader(listing)
        if scan is not None and scan.tiles:
            yield with_images_nobody_lists(scan, listing)


_MOST = 3


def _knowledge(scan: FolderScan) -> int:
    if any(tile.stage_x_um is not None for tile in scan.tiles):
        return _MOST
    if any(tile.row is not None for tile in scan.tiles):
        return 2
    # A file with several tiles has to be taken apart; whoever can do that knows more.
    return int(any(tile.pages for tile in scan.tiles))


def _remarks(listing: Listing, scan: FolderScan) -> Iterator[str]:
    named = (*listing.others_named(*_SIDE_FILES), *listing.containers)
    unread = [name for name in named if name not in scan.side_files]
    if unread:
        more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
        yield f"Not read: {', '.join(unread[:3])}{more}."
    if listing.left_out:
        yield f"{listing.left_out:,} masks, thumbnails or overlays are left out."
    if listing.links:
        yield f"{listing.links:,} symbolic links are not followed."


def _nothing(listing: Listing) -> str:
    aside = [
        f"{count:,} {words}"
        for count, words in (
            (listing.left_out, "masks, thumbnails or overlays"),
            (listing.links, "symbolic links"),
            (len(listing.others), "other files"),
        )
        if count
    ]
    holds = f" It holds {', '.join(aside)}." if aside else " It is empty."
    return f"The folder {listing.root.name!r} holds no image.{holds}"
