"""Read a scan folder: recognise its format, and give its tiles with their positions and bytes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from service.errors import InvalidImage, InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.image_size import image_facts
from service.formats.listing import DEFAULT_MAX_FILES, Listing, list_folder
from service.formats.mosaic_tiles import cut_mosaics
from service.formats.names import suffix_of
from service.formats.plausible import drop_implausible, with_images_nobody_lists
from service.formats.registry import CONTAINERS, READERS, pixels_of, side_file_endings
from service.formats.several import check_no_other_description, check_one_acquisition
from service.formats.tiff import tiff_of_pages, tiff_of_pixels
from service.images.image_header import DEFAULT_MAX_PIXELS, describe
from service.images.tiff_region import read_region
from service.vision.decode import decode

# What a folder of foreign files is judged by: one of each suffix, and so many of them.
_MOST_KINDS = 5
_HEAD_BYTES = 64


def read_folder(folder: Path, *, max_files: int = DEFAULT_MAX_FILES) -> FolderScan:
    """Tiles of a scan folder, as the first of `registry.READERS` that knows most describes them.

    Images are decoded only where nothing but a few of them tells how their names run. Where
    several descriptions stand side by side, the first that knows stage positions is taken.

    Raises
    ------
    NotFound
        There is no such folder.
    InvalidValue
        It holds no image, several acquisitions of the same places, a malformed description, or
        a library for it is missing.
    TooLarge
        It holds too many files, or too large a description.
    """
    listing = list_folder(folder, containers=CONTAINERS, max_files=max_files)
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
    if um_per_px is None:
        um_per_px = _scale_of_images(best)
    check_one_acquisition(best.tiles, listing)
    check_no_other_description(best, listing)
    notes = [*best.notes, *_remarks(listing, best)]
    whole = cut_mosaics(replace(best, um_per_px=um_per_px, notes=notes))
    return drop_implausible(whole, listing.root)


def _scans(listing: Listing) -> Iterator[FolderScan]:
    for reader in READERS:
        scan = reader.read(listing)
        if scan is not None and scan.tiles:
            yield with_images_nobody_lists(scan, listing)


def _scale_of_images(scan: FolderScan) -> float | None:
    """What the first, middle and last image say of their scale, where they say the same."""
    tiles = scan.tiles
    if any(tile.um_per_px is not None for tile in tiles):
        return None
    some = {tiles[0].path, tiles[len(tiles) // 2].path, tiles[-1].path}
    scales = {image_facts(path).um_per_px for path in some}
    return scales.pop() if len(scales) == 1 else None


_MOST = 3


def _knowledge(scan: FolderScan) -> int:
    if any(tile.stage_x_um is not None for tile in scan.tiles):
        return _MOST
    if any(tile.row is not None for tile in scan.tiles):
        return 2
    # A file with several tiles has to be taken apart; whoever can do that knows more.
    return int(any(tile.pages for tile in scan.tiles))


def _remarks(listing: Listing, scan: FolderScan) -> Iterator[str]:
    named = (*listing.others_named(*side_file_endings()), *listing.containers)
    unread = [name for name in named if name not in scan.side_files]
    if unread:
        more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
        yield f"Not read: {', '.join(unread[:3])}{more}."
    if listing.left_out:
        yield f"{listing.left_out:,} masks, thumbnails or overlays are left out."
    if listing.skipped:
        few = ", ".join(listing.skipped[:3]) + (", ..." if len(listing.skipped) > 3 else "")
        yield f"{len(listing.skipped):,} folders of masks or reduced copies are left out: {few}."
    if listing.links:
        yield f"{listing.links:,} symbolic links are not followed."


def _nothing(listing: Listing) -> str:
    aside = [
        f"{count:,} {words}"
        for count, words in (
            (listing.left_out, "masks, thumbnails or overlays"),
            (listing.links, "symbolic links"),
        )
        if count
    ]
    aside += _kinds(listing)
    holds = f" It holds {', '.join(aside)}." if aside else " It is empty."
    return f"The folder holds no image.{holds}"


def _kinds(listing: Listing) -> list[str]:
    """What other files are by their first bytes, counted: "6 HDF5 files (a.h5, b.h5, ...)"."""
    names: dict[str, list[str]] = {}
    for name in listing.others:
        names.setdefault(suffix_of(name), []).append(name)
    kinds: dict[str, list[str]] = {}
    for alike in names.values():
        kinds.setdefault(_kind(listing, alike[0]), []).extend(alike)
    counts = Counter({kind: len(alike) for kind, alike in kinds.items()})
    return [
        f"{count:,} {_plural(kind, count)} ({', '.join(kinds[kind][:3])}"
        f"{', ...' if count > 3 else ''})"
        for kind, count in counts.most_common(_MOST_KINDS)
    ]


def _kind(listing: Listing, name: str) -> str:
    try:
        with listing.path(name).open("rb") as file:
            kind = describe(file.read(_HEAD_BYTES))
    except OSError:
        return "other file"
    article, _, words = kind.partition(" ")
    return words if article in ("a", "an") else "other file"


def _plural(words: str, count: int) -> str:
    return words if count == 1 else f"{words}s"


def tile_bytes(tile: FolderTile, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> bytes:
    """Read a tile's bytes to decode: the file itself where it is one image, else a lossless TIFF.

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
        if tile.colours:
            return _put_together(tile, max_pixels)
        read = pixels_of(tile.path.suffix.lower())
        if read is not None:
            return tiff_of_pixels(read(tile, max_pixels))
        if tile.region_px is not None:
            page = tile.pages[0] if tile.pages else 0
            return tiff_of_pixels(read_region(tile.path, page, tile.region_px))
        return tiff_of_pages(tile.path, tile.pages) if tile.pages else tile.path.read_bytes()
    except OSError as error:
        raise InvalidImage(
            f"{tile.path.name} cannot be read: {error.strerror or 'error'}."
        ) from error


def _put_together(tile: FolderTile, max_pixels: int) -> bytes:
    """One image of three: each is the light of one colour, grey or in a channel of its own."""
    parts = [
        decode(
            tile_bytes(FolderTile(path=path, pages=pages), max_pixels=max_pixels),
            max_pixels=max_pixels,
        ).pixels.max(axis=2)
        for path, pages in tile.colours
    ]
    if len({(part.shape, part.dtype) for part in parts}) > 1:
        sizes = ", ".join(f"{part.shape[1]} x {part.shape[0]}" for part in parts)
        raise InvalidImage(f"{tile.name}: its images in red, green and blue differ: {sizes}.")
    return tiff_of_pixels(np.dstack(parts))
