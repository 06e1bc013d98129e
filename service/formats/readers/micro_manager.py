"""Read Micro-Manager: folders of single files, MMStack TIFFs, metadata.txt."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from service.errors import InvalidValue
from service.formats.folder_scan import FolderScan, one_per_position
from service.formats.listing import Listing, folders_around
from service.formats.names import base_of, folder_of
from service.formats.orientation import orientation_of
from service.formats.plausible import missing_note
from service.formats.readers.micro_manager_entry import (
    NEEDED,
    Entry,
    Json,
    Summary,
    read_entry,
    read_summary,
)
from service.formats.side_file import mapping, parse_json, read_text, text, whole
from service.formats.tiff import micro_manager_metadata, open_tiff, some_of, tiff_names

# A stage that was sent somewhere arrives within this; more, and list and images do not belong
# together, or the stage was moved by hand.
_ARRIVED_UM = 5.0


def scan_of_entries(
    words: str,
    entries: Sequence[Entry],
    notes: list[str],
    side_files: tuple[str, ...] = (),
    accounted: frozenset[str] = frozenset(),
) -> FolderScan:
    """Build the scan; what the images say of themselves wins over the acquisition's list."""
    tiles = one_per_position([entry.plane for entry in entries], notes)
    off_um = max((entry.off_um for entry in entries), default=0.0)
    if off_um > _ARRIVED_UM:
        notes.append(
            f"Images lie up to {off_um:.1f} um from where the list of positions sent the stage; "
            "the positions of the images are used."
        )
    contradicting = sum(entry.contradicts for entry in entries)
    if contradicting:
        notes.append(
            f"{contradicting:,} images have an index that belongs to another label in the list of "
            "positions: the label is believed, and where the list has none, the place is unknown."
        )
    scales = {tile.um_per_px for tile in tiles}
    um_per_px = scales.pop() if len(scales) == 1 else None
    orientation = orientation_of((entry.affine for entry in entries), um_per_px, notes)
    return FolderScan(
        format=words,
        tiles=tiles,
        um_per_px=um_per_px if um_per_px is not None else orientation.um_per_px,
        affine=orientation.affine,
        flip_x=orientation.flip_x,
        flip_y=orientation.flip_y,
        swap_xy=orientation.swap_xy,
        orientation_stated=orientation.is_stated,
        notes=notes,
        side_files=side_files,
        accounted=accounted,
    )


# Version 1.4 names an image by its frame, channel and slice, version 2 by its file.
_FRAME_KEY = re.compile(r"FrameKey-(\d+)-(\d+)-(\d+)")
_FRAME_AXES = ("FrameIndex", "ChannelIndex", "SliceIndex")
_FILE_KEYS = ("Metadata-", "Coords-")
# An entry has a few brackets inside; beyond them the file is no cut one.
_REPAIRS = 6
_IMAGE_KEYS = (*_FILE_KEYS, "FrameKey-")


def read_micro_manager(listing: Listing) -> FolderScan | None:
    """Tiles of an acquisition with metadata.txt; None where there is none.

    Raises
    ------
    InvalidValue
        A metadata.txt is no JSON, or says nothing about any image.
    """
    side_files = [name for name in listing.others if base_of(name).lower() == "metadata.txt"]
    if not side_files:
        return None
    entries: list[Entry] = []
    accounted: set[str] = set()
    notes: list[str] = []
    versions: set[str] = set()
    for side_file in side_files:
        content = _content(listing, side_file, notes)
        found, missing = [], []
        summary = read_summary(_summary(content))
        for written, image, coords in _images(side_file, content):
            name = listing.find_image(written, *folders_around(side_file))
            if name is None:
                missing.append(written)
                continue
            found.append(read_entry(listing.path(name), image, coords, summary))
            accounted.add(name)
        if not found and not missing:
            raise InvalidValue(f"{side_file} describes no image: it has no Metadata or FrameKey.")
        notes.extend(missing_note(side_file, missing))
        versions.add(summary.version or ("1.4" if _is_old(content) else "2"))
        entries.extend(found)
    words = f"Micro-Manager {', '.join(sorted(versions))} (metadata.txt)"
    return scan_of_entries(words, entries, notes, tuple(side_files), frozenset(accounted))


def _is_needed(key: str, value: object) -> bool:
    # Stages have any name; their positions are lists.
    return key in NEEDED or isinstance(value, list) or key.startswith((*_IMAGE_KEYS, "Summary"))


def _content(listing: Listing, name: str, notes: list[str]) -> Json:
    written = read_text(listing, name)
    try:
        return parse_json(name, written, _is_needed)
    except InvalidValue as error:
        for repaired in _with_an_end(written):
            content: Json = {}
            with suppress(InvalidValue):
                content = parse_json(name, repaired, _is_needed)
            if any(key.startswith(_IMAGE_KEYS) for key in content):
                notes.append(f"{name} has no end, as after a crash: it was read up to there.")
                return content
        raise error


def _with_an_end(written: str) -> Iterator[str]:
    """Repair the text of an acquisition that was stopped hard: close it behind a last entry."""
    # Often all entries are whole, and only the last bracket is missing: Micro-Manager adds it too.
    yield written.rstrip().rstrip(",") + "\n}"
    end = len(written)
    for _ in range(_REPAIRS):
        end = written.rfind("},", 0, end)
        if end < 0:
            return
        yield written[: end + 1] + "\n}"


def _summary(content: Json) -> Json:
    """Find the summary of all images; some versions of 1.4 write it into each of them instead."""
    images = (mapping(value) for value in content.values())
    return next((mapping(one["Summary"]) for one in (content, *images) if "Summary" in one), {})


def _is_old(content: Json) -> bool:
    return any(key.startswith("FrameKey-") for key in content)


def _images(side_file: str, content: Json) -> Iterator[tuple[str, Json, Json]]:
    """File name, metadata and coordinates of every image."""
    folder = base_of(folder_of(side_file))
    names: dict[str, None] = {}
    for key, value in content.items():
        frame = _FRAME_KEY.fullmatch(key)
        if frame is not None:
            image = mapping(value)
            coords = dict(zip(_FRAME_AXES, frame.groups(), strict=True))
            # A folder a position: where the entry does not name its position, the folder does.
            position = {"PositionName": folder} if folder else {}
            yield _old_name(image, coords), {**position, **_stated(image)}, coords
        for start in _FILE_KEYS:
            if key.startswith(start):
                names[key.removeprefix(start)] = None
    for name in names:
        image, coords = (mapping(content.get(start + name)) for start in _FILE_KEYS)
        yield text(image.get("FileName")) or name, image, coords


def _stated(image: Json) -> Json:
    return {key: value for key, value in image.items() if value not in (None, "", "null")}


def _old_name(image: Json, coords: Json) -> str:
    named = text(image.get("FileName"))
    if named is not None:
        return named
    time, slice_ = whole(coords["FrameIndex"]) or 0, whole(coords["SliceIndex"]) or 0
    return f"img_{time:09d}_{image.get('Channel', 'Default')}_{slice_:03d}.tif"


# Lies beside the stacks; what it says stands in their pages too.
_NDTIFF_INDEX = "NDTiff.index"


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
    ndtiff = [name for name in listing.others if base_of(name) == _NDTIFF_INDEX]
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
        "NDTiff (Micro-Manager, pycro-manager, Magellan)"
        if ndtiff
        else "Micro-Manager TIFF files with their own metadata",
        entries,
        notes,
        tuple(ndtiff),
        accounted,
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
