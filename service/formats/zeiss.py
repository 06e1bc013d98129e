"""Zeiss CZI: the tiles of a mosaic, read by the library czifile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from service.errors import FlakescopeError, InvalidValue
from service.formats.extras import load_extra, readable
from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing
from service.formats.planes import Plane, one_per_position
from service.formats.side_file import parse_xml
from service.formats.values import number, whole

_UM_PER_M = 1e6


@dataclass(frozen=True, slots=True)
class Block:
    """A subblock: one image as the camera took it, with its place in the file's own pixels."""

    number: int
    start: dict[str, int]
    size: dict[str, int]
    tags: dict[str, str]

    @property
    def centre_px(self) -> tuple[float, float]:
        """Its middle, in pixels of the whole mosaic."""
        x, y = (self.start[axis] + self.size[axis] / 2 for axis in "XY")
        return x, y


def read_zeiss(listing: Listing) -> FolderScan | None:
    """Tiles of the CZI files of a folder; None where there is none.

    Raises
    ------
    InvalidValue
        A file cannot be read, or the library is missing and nothing else is there to read.
    """
    names = [name for name in listing.containers if name.lower().endswith(".czi")]
    if not names:
        return None
    try:
        load_czifile()
    except InvalidValue:
        if listing.images:
            return None
        raise
    planes: list[Plane] = []
    notes: list[str] = []
    for found in readable(names, lambda name: _read(listing, name, notes), notes):
        planes.extend(found)
    return FolderScan(
        format="Zeiss CZI",
        tiles=one_per_position(planes, notes),
        notes=notes,
        side_files=tuple(names),
    )


def _read(listing: Listing, name: str, notes: list[str]) -> list[Plane]:
    with open_czi(listing.path(name), name) as file:
        root = parse_xml(name, file.metadata(raw=True))
        blocks = list(_blocks(file, name))
    return list(_planes(listing.path(name), blocks, root, notes))


def load_czifile() -> Any:
    """The library; raises `InvalidValue` where it is missing."""
    return load_extra("czifile", extra="czi", reads="Zeiss CZI")


@contextmanager
def open_czi(path: Path, name: str) -> Iterator[Any]:
    """A CZI file as `czifile.CziFile`; whatever fails inside is `InvalidValue`."""
    czifile = load_czifile()
    try:
        # multifile: the file may name another to open in its place.
        with czifile.CziFile(str(path), multifile=False, detectmosaic=False) as file:
            yield file
    except FlakescopeError:
        raise
    # The library meets arbitrary bytes: struct, key, type and value errors were all seen.
    except Exception as error:
        raise InvalidValue(f"{name} is no readable CZI file ({type(error).__name__}).") from error


def _blocks(file: Any, name: str) -> Iterator[Block]:
    for index, entry in enumerate(file.subblock_directory):
        dimensions = {one.dimension: one for one in entry.dimension_entries}
        is_reduced = any(one.stored_size != one.size for one in dimensions.values())
        # Pyramids are reduced copies, without a stage position of their own.
        if entry.pyramid_type or is_reduced or not {"X", "Y"} <= dimensions.keys():
            continue
        written = entry.data_segment().metadata(raw=True)
        yield Block(
            index,
            {axis: one.start for axis, one in dimensions.items()},
            {axis: one.size for axis, one in dimensions.items()},
            _tags(name, written.strip("\0 ")),
        )


def _tags(name: str, written: str) -> dict[str, str]:
    if not written.startswith("<"):
        return {}
    tags = parse_xml(name, written).find("Tags")
    return {} if tags is None else {tag.tag: tag.text or "" for tag in tags}


def _planes(
    path: Path, blocks: Sequence[Block], root: Element, notes: list[str]
) -> Iterator[Plane]:
    um_per_px = _um_per_px(root)
    centres = _scene_centres(root)
    middles = _scene_middles(blocks)
    by_scene = 0
    for block in blocks:
        x_um, y_um, z_um = (
            number(block.tags.get(tag))
            for tag in ("StageXPosition", "StageYPosition", "FocusPosition")
        )
        scene = block.start.get("S", 0)
        if (x_um is None or y_um is None) and scene in centres and um_per_px is not None:
            by_scene += 1
            (x, y), (x_px, y_px) = block.centre_px, middles[scene]
            x_um = centres[scene][0] + (x - x_px) * um_per_px
            y_um = centres[scene][1] + (y - y_px) * um_per_px
        tile = FolderTile(
            path=path,
            pages=(block.number,),
            stage_x_um=x_um,
            stage_y_um=y_um,
            stage_z_um=z_um,
            um_per_px=um_per_px,
        )
        yield Plane(
            tile=tile,
            position=(path, scene, block.start.get("M"), block.start["X"], block.start["Y"]),
            time=block.start.get("T", 0),
            slice=block.start.get("Z", 0),
            channel=block.start.get("C", 0),
        )
    if by_scene:
        notes.append(
            f"{by_scene} images of {path.name} state no stage position: theirs follow from the "
            "centre of their scene, which was written before the scan and may be off by some um."
        )


def _um_per_px(root: Element) -> float | None:
    """Scale in x, if y has the same."""
    scales = {
        one.get("Id"): number(one.findtext("Value"))
        for one in root.iterfind(".//Scaling/Items/Distance")
    }
    x, y = scales.get("X"), scales.get("Y")
    if x is None or x <= 0 or (y is not None and abs(x - y) > 0.01 * x):
        return None
    return round(x * _UM_PER_M, 9)


def _scene_centres(root: Element) -> dict[int, tuple[float, float]]:
    centres = {}
    for index, scene in enumerate(root.iterfind(".//Dimensions/S/Scenes/Scene")):
        parts = [number(part) for part in (scene.findtext("CenterPosition") or "").split(",")]
        if len(parts) == 2 and parts[0] is not None and parts[1] is not None:
            stated = whole(scene.get("Index"))
            centres[index if stated is None else stated] = (parts[0], parts[1])
    return centres


def _scene_middles(blocks: Sequence[Block]) -> dict[int, tuple[float, float]]:
    """The middle of all images of each scene, in pixels of the whole mosaic."""
    bounds: dict[int, tuple[int, int, int, int]] = {}
    for block in blocks:
        x, y, scene = block.start["X"], block.start["Y"], block.start.get("S", 0)
        right, bottom = x + block.size["X"], y + block.size["Y"]
        old = bounds.get(scene, (x, y, right, bottom))
        bounds[scene] = (
            min(old[0], x),
            min(old[1], y),
            max(old[2], right),
            max(old[3], bottom),
        )
    return {scene: ((a + c) / 2, (b + d) / 2) for scene, (a, b, c, d) in bounds.items()}
