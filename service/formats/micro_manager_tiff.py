"""Micro-Manager without metadata.txt: MMStack and single TIFF files that describe themselves."""

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan
from service.formats.listing import Listing
from service.formats.micro_manager_entry import Entry, Summary, read_entry, read_summary
from service.formats.micro_manager_scan import scan_of_entries
from service.formats.tiff_metadata import micro_manager_metadata, open_tiff, some_of, tiff_names
from service.formats.values import mapping


def read_micro_manager_tiff(listing: Listing) -> FolderScan | None:
    """Tiles of TIFF files that carry Micro-Manager's metadata; None where there are none.

    Of 100,000 files of another kind only three are opened. A damaged file is noted, and left to
    fail alone when it is decoded.
    """
    names = tiff_names(listing)
    if not any(_is_micro_manager(listing, name) for name in some_of(names)):
        return None
    entries: list[Entry] = []
    notes: list[str] = []
    summary = read_summary({})
    for name in names:
        try:
            found, summary = _entries(listing, name, summary)
        except InvalidValue as error:
            notes.append(str(error))
        else:
            entries.extend(found)
    paths = {entry.plane.tile.path for entry in entries}
    accounted = frozenset(name for name in names if listing.path(name) in paths)
    return scan_of_entries(
        "Micro-Manager TIFF files with their own metadata", entries, notes, accounted=accounted
    )


def _is_micro_manager(listing: Listing, name: str) -> bool:
    try:
        with open_tiff(listing, name) as tiff:
            return bool(micro_manager_metadata(tiff.pages.first))
    except InvalidValue:
        # Whether this is an image at all is for the decoder to say, for this tile alone.
        return False


def _entries(listing: Listing, name: str, summary: Summary) -> tuple[list[Entry], Summary]:
    """Images of one file, and the summary that holds from here on: not every file has one."""
    with open_tiff(listing, name) as tiff:
        stated = mapping(mapping(tiff.micromanager_metadata).get("Summary"))
        summary = read_summary(stated) if stated else summary
        metadata = [micro_manager_metadata(page) for page in tiff.pages]
    several = len(metadata) > 1
    return [
        read_entry(listing.path(name), image, {}, summary, pages=(number,) if several else ())
        for number, image in enumerate(metadata)
        if image
    ], summary
