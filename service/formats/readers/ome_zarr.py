"""OME-Zarr (NGFF 0.4 and 0.5): images of a .zarr folder, their scale, place and channels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from service.errors import InvalidImage, InvalidValue
from service.formats.folder_scan import FolderScan, FolderTile, no_white_light
from service.formats.listing import Listing
from service.formats.readers.ome_xml import OmeImage, read_images
from service.formats.readers.zarr_array import open_array, read_plane
from service.formats.side_file import (
    mapping,
    number,
    parse_json,
    parse_xml,
    readable,
    sequence,
    text,
)
from service.formats.tiff import Pixels
from service.images.channel_choice import MOST_CHANNELS, choose_channels
from service.images.image_header import ImageHeader, check_size
from service.images.units import um_per_unit

# Series of a file that Bio-Formats converted: as many as a scan may have tiles.
_MOST_SERIES = 100_000
_LARGEST_JSON_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class ZarrImage:
    """One multiscale image of a store; unknown is None.

    Attributes
    ----------
    array : Path
        The folder of its largest level.
    axes : str
        A letter for each of its axes.
    """

    array: Path
    axes: str
    um_per_px: float | None
    corner_um: tuple[float, float] | None
    channel_names: tuple[str, ...]
    name: str


def read_ome_zarr(listing: Listing) -> FolderScan | None:
    """Tiles of the OME-Zarr stores of a folder; None where there is none.

    Raises
    ------
    InvalidValue
        No store can be read.
    """
    names = [name for name in listing.containers if name.lower().endswith(".zarr")]
    if not names:
        return None
    notes: list[str] = []
    tiles = [
        tile
        for found in readable(names, lambda name: _read(listing.path(name), name, notes), notes)
        for tile in found
    ]
    return FolderScan(format="OME-Zarr", tiles=tiles, notes=notes, side_files=tuple(names))


def read_zarr_image(tile: FolderTile, max_pixels: int) -> Pixels:
    """Pixels of a tile's image, (h, w) or (h, w, 3), at the first time and middle focus step.

    Raises
    ------
    InvalidValue
        The store cannot be read.
    InvalidImage, TooLarge
        The image has a size that cannot be screened, or lacks parts.
    """
    images = list(_images(tile.path, tile.path.name))
    if tile.pages[0] >= len(images):
        raise InvalidImage(f"{tile.path.name} has no image {tile.pages[0]}.")
    image = images[tile.pages[0]]
    array = open_array(image.array, tile.path.name)
    sizes = dict(zip(image.axes, array.shape, strict=True))
    check_size(ImageHeader(sizes["x"], sizes["y"]), max_pixels)
    at = {axis: size // 2 if axis == "z" else 0 for axis, size in sizes.items()}
    chosen = choose_channels(_names(image, sizes.get("c", 1))) or (0,)
    planes = [
        read_plane(array, tuple(_index(axis, at, channel) for axis in image.axes))
        for channel in chosen
    ]
    return planes[0] if len(planes) == 1 else np.dstack(planes)


def _index(axis: str, at: dict[str, int], channel: int) -> int | None:
    if axis in "xy":
        return None
    return channel if axis == "c" else at[axis]


def _names(image: ZarrImage, count: int) -> list[str]:
    count = min(count, MOST_CHANNELS)
    names = list(image.channel_names[:count])
    return names + [""] * (count - len(names))


def _read(store: Path, name: str, notes: list[str]) -> list[FolderTile]:
    stated = _companion(store, name)
    tiles = []
    for series, image in enumerate(_images(store, name)):
        array = open_array(image.array, name)
        if len(array.shape) != len(image.axes):
            raise InvalidValue(f"{name} names {len(image.axes)} axes for {len(array.shape)}.")
        sizes = dict(zip(image.axes, array.shape, strict=True))
        if sizes.get("c", 1) > 1:
            names = _names(image, sizes["c"])
            if not choose_channels(names):
                notes.append(f"{name}: {no_white_light(names, names[0])}")
        tiles.append(_tile(store, series, image, sizes, stated))
    if not tiles:
        raise InvalidValue(f"{name} is no OME-Zarr image: it has no multiscales.")
    return tiles


def _tile(
    store: Path, series: int, image: ZarrImage, sizes: dict[str, int], stated: list[OmeImage]
) -> FolderTile:
    said = stated[series] if series < len(stated) else None
    place: tuple[float | None, float | None] = (None, None)
    if said is not None and said.x_um is not None and said.y_um is not None:
        place = said.x_um, said.y_um
    elif image.corner_um is not None and image.um_per_px is not None:
        # The translation is that of the first pixel's middle.
        halves = [(sizes[axis] - 1) / 2 * image.um_per_px for axis in "xy"]
        place = round(image.corner_um[0] + halves[0], 6), round(image.corner_um[1] + halves[1], 6)
    return FolderTile(
        path=store,
        pages=(series,),
        name=(said.name if said is not None else None) or image.name,
        stage_x_um=place[0],
        stage_y_um=place[1],
        um_per_px=image.um_per_px,
    )


def _images(store: Path, name: str) -> Iterator[ZarrImage]:
    """The store's own image, else those of its numbered series."""
    own = _image(store, name)
    if own is not None:
        yield own
        return
    for series in range(_MOST_SERIES):
        image = _image(store / str(series), name)
        if image is None:
            return
        yield image


def _image(group: Path, name: str) -> ZarrImage | None:
    attributes = _attributes(group, name)
    multiscales = [mapping(one) for one in sequence(attributes.get("multiscales"))]
    datasets = [
        mapping(one) for one in sequence(mapping(next(iter(multiscales), {})).get("datasets"))
    ]
    level = text(datasets[0].get("path")) if datasets else None
    if level is None:
        return None
    if Path(level).is_absolute() or ".." in Path(level).parts:
        raise InvalidValue(f"{name} names a level outside of itself: {level[:80]!r}.")
    axes = [mapping(axis) for axis in sequence(multiscales[0].get("axes"))]
    letters = "".join((text(axis.get("name")) or "?")[:1].lower() for axis in axes) or "tczyx"
    if len(set(letters)) != len(letters) or not {"x", "y"} <= set(letters) <= set("tczyx"):
        raise InvalidValue(f"{name} has the axes {letters!r}; t, c, z, y and x are read.")
    units = {letter: text(axis.get("unit")) for letter, axis in zip(letters, axes, strict=False)}
    scale, shift = _transformations(multiscales[0], datasets[0], letters)
    channels = sequence(mapping(attributes.get("omero")).get("channels"))
    return ZarrImage(
        array=group / level,
        axes=letters,
        um_per_px=_scale_um(scale, units),
        corner_um=_corner_um(shift, units),
        channel_names=tuple(text(mapping(one).get("label")) or "" for one in channels),
        name=text(multiscales[0].get("name")) or group.name,
    )


def _attributes(group: Path, name: str) -> dict[str, Any]:
    """Of NGFF 0.5 in zarr.json, of 0.4 in .zattrs; empty where there is no group."""
    for file_name in ("zarr.json", ".zattrs"):
        path = group / file_name
        try:
            if path.is_symlink() or not path.is_file() or group.is_symlink():
                continue
            if path.stat().st_size > _LARGEST_JSON_BYTES:
                raise InvalidValue(f"{name}/{file_name} has over {_LARGEST_JSON_BYTES:,} bytes.")
            content = parse_json(f"{name}/{file_name}", path.read_text("utf-8", "replace"))
        except OSError as error:
            raise InvalidValue(f"{name} cannot be read: {error.strerror or 'error'}.") from error
        if file_name == ".zattrs":
            return content
        return mapping(mapping(content.get("attributes")).get("ome"))
    return {}


def _transformations(
    multiscale: dict[str, Any], dataset: dict[str, Any], letters: str
) -> tuple[dict[str, float], dict[str, float]]:
    """Scale and translation of each axis; those of all levels come after those of one."""
    scale, shift = dict.fromkeys(letters, 1.0), dict.fromkeys(letters, 0.0)
    stated = False
    for owner in (dataset, multiscale):
        for one in map(mapping, sequence(owner.get("coordinateTransformations"))):
            for axis, written in zip(
                letters, sequence(one.get(str(one.get("type")))), strict=False
            ):
                value = number(written)
                if value is None:
                    continue
                stated = True
                if one.get("type") == "scale":
                    scale[axis], shift[axis] = scale[axis] * value, shift[axis] * value
                else:
                    shift[axis] += value
    return (scale, shift) if stated else ({}, {})


def _scale_um(scale: dict[str, float], units: dict[str, str | None]) -> float | None:
    sides = [_um(scale.get(axis), units.get(axis)) for axis in "xy"]
    x, y = sides
    if x is None or y is None or x <= 0 or abs(x - y) > 0.01 * x:
        return None
    return x


def _corner_um(shift: dict[str, float], units: dict[str, str | None]) -> tuple[float, float] | None:
    x, y = (_um(shift.get(axis), units.get(axis)) for axis in "xy")
    # Nobody shifted it, then: it is known only relative to itself.
    return None if x is None or y is None or (x, y) == (0.0, 0.0) else (x, y)


def _um(value: float | None, unit: str | None) -> float | None:
    """In um; an axis without a unit counts pixels or anything else."""
    um = None if unit is None else um_per_unit(unit)
    return None if value is None or um is None else round(value * um, 9)


def _companion(store: Path, name: str) -> list[OmeImage]:
    """Places of the series, as Bio-Formats keeps the OME-XML beside them."""
    path = store / "OME" / "METADATA.ome.xml"
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_JSON_BYTES:
            return []
        written = path.read_text("utf-8", "replace")
    except OSError:
        return []
    return read_images(name, parse_xml(f"{name}/OME/METADATA.ome.xml", written), 1)
