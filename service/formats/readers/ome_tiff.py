"""OME-TIFF: tiles with their positions inside, one or many a file, interleaved or planar colour."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from service.errors import InvalidValue
from service.formats.folder_scan import (
    FolderScan,
    FolderTile,
    Plane,
    no_white_light,
    one_per_position,
)
from service.formats.listing import Listing, is_image
from service.formats.names import folder_of
from service.formats.readers.ome_xml import Coordinate, OmeImage, read_images
from service.formats.reference_frame import with_reference_frame
from service.formats.side_file import parse_xml, read_text
from service.formats.tiff import open_tiff, some_of, tiff_names
from service.images.channel_choice import MOST_CHANNELS, choose_channels

# Software that writes a position twice rounds it; more, and one of the two is another's.
_AGREE_UM = 1.0


@dataclass(slots=True)
class _Found:
    """The state of reading: what was read so far.

    Attributes
    ----------
    pages : dict
        How many pages of each file a description accounts for.
    page_counts : dict
        How many pages a file has, where it was opened.
    channels_read : dict
        What is to be said of the channels, in the order in which it was found.
    frames : dict
        Positions of tiles whose numbers have no unit.
    """

    planes: list[Plane] = field(default_factory=list)
    pages: dict[str, int] = field(default_factory=dict)
    page_counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    side_files: list[str] = field(default_factory=list)
    channels_read: dict[str, None] = field(default_factory=dict)
    frames: dict[tuple[Path, tuple[int, ...]], tuple[float, float]] = field(default_factory=dict)
    label_off_um: float = 0.0


def read_ome_tiff(listing: Listing) -> FolderScan | None:
    """Tiles of OME-TIFF files; None where there are none, and no companion that describes them.

    Of 100,000 files of another kind only three are opened. A damaged file is noted, and left to
    fail alone when it is decoded.

    Raises
    ------
    InvalidValue
        OME-XML is malformed.
    """
    names = tiff_names(listing)
    companions = listing.others_named(".companion.ome")
    if not companions and not any(_is_ome(listing, name) for name in some_of(names)):
        return None
    found = _Found()
    for companion in companions:
        root = parse_xml(companion, read_text(listing, companion))
        found.side_files.append(companion)
        _add(listing, companion, read_images(companion, root, 1), found)
    for name in names:
        # The first file of several may describe all.
        if name not in found.pages:
            try:
                images, page_count = _images(listing, name)
                found.page_counts[name] = page_count
                _add(listing, name, images, found, page_count)
            except InvalidValue as error:
                found.notes.append(str(error))
    if not found.planes:
        return None
    _note_oddities(found)
    tiles = one_per_position(found.planes, found.notes)
    tiles = with_reference_frame(tiles, found.frames, found.notes)
    return FolderScan(
        format="OME-TIFF",
        tiles=_whole_files(listing, found, tiles),
        notes=found.notes,
        side_files=tuple(found.side_files),
        accounted=frozenset(found.pages),
    )


def _is_ome(listing: Listing, name: str) -> bool:
    try:
        with open_tiff(listing, name) as tiff:
            return bool(tiff.is_ome)
    except InvalidValue:
        # Whether this is an image at all is for the decoder to say, for this tile alone.
        return False


def _images(listing: Listing, name: str) -> tuple[list[OmeImage], int]:
    """Read the images that a file describes, and count its pages."""
    with open_tiff(listing, name) as tiff:
        if not tiff.is_ome:
            return [], 0
        page = tiff.pages.first
        written, samples, count = page.description, int(page.samplesperpixel), len(tiff.pages)
    return read_images(name, parse_xml(name, written), samples), count


def _add(
    listing: Listing,
    source: str,
    images: list[OmeImage],
    found: _Found,
    page_count: int | None = None,
) -> None:
    """Add what `source` describes; of an acquisition that was stopped early only what exists."""
    written = {file for image in images for file, _ in image.pages.values()}
    for number, image in enumerate(images):
        pages = {
            coordinate: (name, page)
            for coordinate, (file, page) in image.pages.items()
            if (name := _file(listing, source, file, is_only=len(written) == 1)) is not None
            and (name != source or page_count is None or page < page_count)
        }
        for name, _ in pages.values():
            found.pages[name] = found.pages.get(name, 0) + 1
        found.label_off_um = max(found.label_off_um, image.label_off_um)
        found.planes.extend(_planes(listing, image, pages, (source, number), found))


def _file(listing: Listing, source: str, written: str | None, *, is_only: bool) -> str | None:
    """Find the file of the folder that a description means; None where it is not there."""
    if written is not None:
        named = listing.find_image(written, folder_of(source))
        # A file that describes only itself may have been renamed since.
        if named is not None or not is_only:
            return named
    return source if is_image(source) else None


def _planes(
    listing: Listing,
    image: OmeImage,
    pages: dict[Coordinate, tuple[str, int]],
    position: tuple[str, int],
    found: _Found,
) -> Iterator[Plane]:
    """List a plane per focus step and time; planar colour is one, other channels are left out."""
    chosen = _chosen_channels(image, found)
    for slice_, time in dict.fromkeys((slice_, time) for slice_, _, time in pages):
        known = [
            part for channel in chosen if (part := pages.get((slice_, channel, time))) is not None
        ]
        if not known:
            continue
        if len(known) < len(chosen):
            known = known[:1]
        files = {name for name, _ in known}
        tile = FolderTile(
            path=listing.path(known[0][0]),
            pages=tuple(page for _, page in known) if len(files) == 1 else (known[0][1],),
            # Each colour may be kept in a file of its own.
            colours=()
            if len(files) == 1
            else tuple((listing.path(name), (page,)) for name, page in known),
            name=image.name or "",
            stage_x_um=image.x_um,
            stage_y_um=image.y_um,
            stage_z_um=image.z_um,
            um_per_px=image.um_per_px,
        )
        if image.frame_xy is not None:
            found.frames[tile.path, tile.pages] = image.frame_xy
        yield Plane(tile=tile, position=position, time=time, slice=slice_)


def _chosen_channels(image: OmeImage, found: _Found) -> Sequence[int]:
    """Numbers of the channels that are red, green and blue, or of the one of white light."""
    count = min(image.channels, MOST_CHANNELS)
    names = list(image.channel_names[:count])
    names += [""] * (count - len(names))
    if len(names) < 2:
        return (0,)
    chosen = choose_channels(names)
    if not chosen:
        found.channels_read[no_white_light(names, names[0])] = None
        return (0,)
    if len(chosen) < len(names):
        listed = ", ".join(repr(name) for name in names)
        kept = ", ".join(repr(names[index]) for index in chosen)
        found.channels_read[f"Of the channels {listed} is read: {kept}."] = None
    return chosen


def _whole_files(listing: Listing, found: _Found, tiles: list[FolderTile]) -> list[FolderTile]:
    """Drop the page numbers of tiles whose file holds nothing else."""
    counts = {listing.path(name): count for name, count in found.pages.items()}
    counts |= {listing.path(name): count for name, count in found.page_counts.items()}
    return [
        replace(tile, pages=())
        if len(tile.pages) == counts[tile.path] and not tile.colours
        else tile
        for tile in tiles
    ]


def _note_oddities(found: _Found) -> None:
    found.notes.extend(found.channels_read)
    if found.label_off_um > _AGREE_UM:
        found.notes.append(
            f"Planes and stage labels differ by up to {found.label_off_um:.1f} um; the positions "
            "of the planes are used."
        )
