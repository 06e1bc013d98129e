"""Nikon NIS-Elements: the positions of an ND2 file, read by the library nd2."""

from pathlib import Path
from typing import Any

import numpy as np

from service.errors import FlakescopeError, InvalidImage, InvalidValue
from service.formats.folder_scan import (
    FolderScan,
    FolderTile,
    Plane,
    no_white_light,
    one_per_position,
)
from service.formats.listing import Listing
from service.formats.orientation import orientation_of
from service.formats.side_file import load_extra, number, readable, scale, text
from service.formats.tiff import Pixels
from service.images.channel_choice import choose_channels
from service.images.image_header import ImageHeader, check_size

# More channels than any camera and filter wheel give.
_MOST_SAMPLES = 64

Affine = tuple[float, ...] | None
Place = tuple[str, float | None, float | None, float | None]


def read_nikon(listing: Listing) -> FolderScan | None:
    """Tiles of the ND2 files of a folder; None where there is none.

    Raises
    ------
    InvalidValue
        A file cannot be read, or the library is missing and nothing else is there to read.
    """
    names = [name for name in listing.containers if name.lower().endswith(".nd2")]
    if not names:
        return None
    try:
        nd2 = _library()
    except InvalidValue:
        if listing.images:
            return None
        raise
    planes: list[Plane] = []
    affines: list[Affine] = []
    notes: list[str] = []
    for found, affine in readable(names, lambda name: _read(nd2, listing, name, notes), notes):
        planes.extend(found)
        affines.append(affine)
    tiles = one_per_position(planes, notes)
    scales = {tile.um_per_px for tile in tiles}
    um_per_px = scales.pop() if len(scales) == 1 else None
    orientation = orientation_of(affines, um_per_px, notes)
    return FolderScan(
        format="Nikon ND2",
        tiles=tiles,
        um_per_px=um_per_px,
        affine=orientation.affine,
        flip_x=orientation.flip_x,
        flip_y=orientation.flip_y,
        swap_xy=orientation.swap_xy,
        orientation_stated=orientation.is_stated,
        notes=notes,
        side_files=tuple(names),
    )


def read_nikon_frame(tile: FolderTile, max_pixels: int) -> Pixels:
    """Pixels of a tile's frame, (h, w) or (h, w, 3).

    Raises
    ------
    InvalidValue
        The file cannot be read, or the library is missing.
    InvalidImage, TooLarge
        The frame has a size that cannot be screened.
    """
    nd2 = _library()
    path, frame = tile.path, tile.pages[0]
    try:
        with nd2.ND2File(path) as file:
            sizes, samples = file.sizes, int(file.attributes.componentCount)
            check_size(ImageHeader(sizes["X"], sizes["Y"]), max_pixels)
            if samples > _MOST_SAMPLES:
                raise InvalidImage(
                    f"{path.name} has {samples:,} values a pixel; {_MOST_SAMPLES} are read."
                )
            # A copy: the library shows its own map of the file, which ends with the file.
            pixels = np.array(file.read_frame(frame))
            is_colour = bool(file.is_rgb)
            channels = choose_channels(_channel_names(file)) or (0,)
    except FlakescopeError:
        raise
    except Exception as error:
        raise _unreadable(path.name, error) from error
    if not pixels.any():
        # So the library answers for what the file has lost; no camera gives only zeros.
        raise InvalidImage(f"{path.name} holds no pixels for its image {frame}.")
    if is_colour:
        # NIS-Elements stores blue first, as Windows bitmaps do, and nd2 hands it on as it is.
        return pixels[..., 2::-1]
    if pixels.ndim == 2:
        return pixels
    chosen = pixels[list(channels)]
    return np.ascontiguousarray(chosen.transpose(1, 2, 0)) if len(channels) == 3 else chosen[0]


def _channel_names(file: Any) -> list[str]:
    return [str(one.channel.name or "") for one in file.metadata.channels or []]


def _note_channels(name: str, file: Any, notes: list[str]) -> None:
    """Which of several channels is read."""
    names = [] if file.is_rgb else _channel_names(file)
    if len(names) < 2:
        return
    chosen = choose_channels(names)
    if not chosen:
        notes.append(f"{name}: {no_white_light(names, names[0])}")
        return
    kept, listed = (
        ", ".join(repr(one) for one in some) for some in ([names[index] for index in chosen], names)
    )
    notes.append(f"{name} has the channels {listed}; {kept} is read.")


def _library() -> Any:
    return load_extra("nd2", extra="nd2", reads="Nikon ND2")


def _read(nd2: Any, listing: Listing, name: str, notes: list[str]) -> tuple[list[Plane], Affine]:
    path = listing.path(name)
    try:
        with nd2.ND2File(path) as file:
            indices: tuple[dict[str, int], ...] = file.loop_indices or ({},)
            volume = file.metadata.channels[0].volume
            um_per_px = scale(volume.axesCalibration[0]) if volume.axesCalibrated[0] else None
            places = _places(file)
            planes = [
                _plane(path, frame, index, places, um_per_px) for frame, index in enumerate(indices)
            ]
            _note_channels(name, file, notes)
            return planes, _affine(volume)
    # The library meets arbitrary bytes: struct, key, type and value errors were all seen.
    except Exception as error:
        raise _unreadable(name, error) from error


def _places(file: Any) -> list[Place]:
    """Name and x, y, z in um of each position, in their order."""
    for loop in file.experiment:
        if loop.type == "XYPosLoop":
            has_focus = bool(loop.parameters.isSettingZ)
            return [_place(point, has_focus) for point in loop.parameters.points]
    return [_place(file.frame_metadata(0).channels[0].position, True)]


def _place(position: Any, has_focus: bool) -> Place:
    x_um, y_um, z_um = (number(value) for value in position.stagePositionUm)
    return text(position.name) or "", x_um, y_um, z_um if has_focus else None


def _unreadable(name: str, error: Exception) -> InvalidValue:
    return InvalidValue(f"{name} is no readable ND2 file ({type(error).__name__}).")


def _plane(
    path: Path, frame: int, index: dict[str, int], places: list[Place], um_per_px: float | None
) -> Plane:
    at = index.get("P", 0)
    name, x_um, y_um, z_um = places[at] if at < len(places) else ("", None, None, None)
    tile = FolderTile(
        path=path,
        pages=(frame,),
        name=name,
        stage_x_um=x_um,
        stage_y_um=y_um,
        stage_z_um=z_um,
        um_per_px=um_per_px,
    )
    return Plane(tile=tile, position=(path, at), time=index.get("T", 0), slice=index.get("Z", 0))


def _affine(volume: Any) -> Affine:
    """Read the affine from pixels to the stage, moved from the library's corner to the centre."""
    matrix = volume.pixelToStageTransformationMatrix
    if matrix is None:
        return None
    m00, m01, _, m10, m11, _ = (float(value) for value in matrix)
    return m00, m01, 0.0, m10, m11, 0.0
