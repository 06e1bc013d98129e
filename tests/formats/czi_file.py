"""A Zeiss CZI file with as little in it as its readers need (ZISRAW, as libCZI documents it)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np

PIXEL_TYPES = {(1, 1): 0, (2, 1): 1, (1, 3): 3, (2, 3): 4}


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One subblock; `xy_px` is its corner in the mosaic, `stage_um` its centre on the stage."""

    image: np.ndarray
    mosaic: int
    xy_px: tuple[int, int]
    stage_um: tuple[float, float] | None = None
    scene: int = 0
    slice: int = 0
    compression: int = 0
    pyramid: int = 0


def write_czi(
    path: Path,
    tiles: Sequence[Tile],
    *,
    um_per_px: float | None = 0.25,
    centres_um: Sequence[tuple[float, float]] = (),
) -> None:
    """Tiles in the order of their subblocks; `centres_um` are those of the scenes."""
    data = bytearray(_segment("ZISRAWFILE", bytes(512)))
    entries = []
    for tile in tiles:
        entry = _entry(tile, len(data))
        entries.append(entry)
        tags = "" if tile.stage_um is None else _tags(*tile.stage_um)
        metadata = f"<METADATA><Tags>{tags}</Tags></METADATA>".encode()
        packed = _packed(tile)
        head = struct.pack("<iiq", len(metadata), 0, len(packed)) + entry.ljust(240, b"\0")
        data += _segment("ZISRAWSUBBLOCK", head + metadata + packed)
    directory = len(data)
    data += _segment(
        "ZISRAWDIRECTORY", struct.pack("<i", len(entries)) + bytes(124) + b"".join(entries)
    )
    xml = _xml(um_per_px, centres_um).encode()
    place = len(data)
    data += _segment("ZISRAWMETADATA", struct.pack("<ii", len(xml), 0) + bytes(248) + xml)
    header = struct.pack(
        "<iiii16s16siqqiq", 1, 0, 0, 0, bytes(16), bytes(16), 0, directory, place, 0, 0
    )
    data[32 : 32 + len(header)] = header
    path.write_bytes(data)


def _segment(name: str, content: bytes) -> bytes:
    return struct.pack("<16sqq", name.encode(), len(content), len(content)) + content


def _entry(tile: Tile, position: int) -> bytes:
    height, width = tile.image.shape[:2]
    samples = 1 if tile.image.ndim == 2 else 3
    kind = PIXEL_TYPES[tile.image.dtype.itemsize, samples]
    # A step of a pyramid covers more pixels than it stores.
    reduction = 2 if tile.pyramid else 1
    x, y = tile.xy_px
    dimensions = [
        ("X", x, width * reduction, width),
        ("Y", y, height * reduction, height),
        ("C", 0, 1, 1),
        ("Z", tile.slice, 1, 1),
        ("S", tile.scene, 1, 1),
        ("M", tile.mosaic, 1, 1),
    ]
    head = struct.pack(
        "<2siqiiBB4si",
        b"DV",
        kind,
        position,
        0,
        tile.compression,
        tile.pyramid,
        0,
        bytes(4),
        len(dimensions),
    )
    return head + b"".join(
        struct.pack("<4siifi", axis.encode(), start, size, 0.0, stored)
        for axis, start, size, stored in dimensions
    )


def _packed(tile: Tile) -> bytes:
    if tile.compression == 4:
        return bytes(imagecodecs.jpegxr_encode(tile.image, level=1.0))
    # Blue stands first.
    stored = tile.image if tile.image.ndim == 2 else tile.image[..., ::-1]
    raw = np.ascontiguousarray(stored).tobytes()
    if tile.compression == 5:
        return bytes(imagecodecs.zstd_encode(raw))
    if tile.compression == 6:
        parted = np.frombuffer(raw, np.uint8)
        if tile.image.dtype.itemsize == 1:
            return b"\1" + bytes(imagecodecs.zstd_encode(raw))
        low_then_high = np.ascontiguousarray(parted.reshape(-1, 2).T).tobytes()
        return b"\3\1\1" + bytes(imagecodecs.zstd_encode(low_then_high))
    return raw


def _tags(x_um: float, y_um: float) -> str:
    return (
        f"<StageXPosition>{x_um:+018.4f}</StageXPosition>"
        f"<StageYPosition>{y_um:+018.4f}</StageYPosition>"
        "<FocusPosition>+000000009801.2900</FocusPosition>"
    )


def _xml(um_per_px: float | None, centres_um: Sequence[tuple[float, float]]) -> str:
    scenes = "".join(
        f'<Scene Index="{n}"><CenterPosition>{x},{y}</CenterPosition></Scene>'
        for n, (x, y) in enumerate(centres_um)
    )
    size = "" if um_per_px is None else f"{um_per_px * 1e-6:.3e}"
    distances = "".join(
        f'<Distance Id="{axis}"><Value>{size}</Value></Distance>' for axis in "XY" if size
    )
    return (
        '<?xml version="1.0"?><ImageDocument><Metadata><Information><Image><Dimensions><S><Scenes>'
        f"{scenes}</Scenes></S></Dimensions></Image></Information>"
        f"<Scaling><Items>{distances}</Items></Scaling></Metadata></ImageDocument>"
    )
