"""Zarr arrays (version 2 and 3): one plane of one, chunk by chunk, in bounded memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np

from service.errors import InvalidImage, InvalidValue, TooLarge
from service.formats.side_file import mapping, parse_json, sequence, text, whole
from service.formats.tiff import Pixels

_LARGEST_JSON_BYTES = 1_000_000
# A chunk of 2048 pixels square, in 16 bit, of 32 focus steps.
_LARGEST_CHUNK_BYTES = 2**28
_TYPES = {"|u1": "u1", "<u2": "<u2", ">u2": ">u2", "uint8": "u1", "uint16": "<u2"}

# Each is given how many bytes it may give back, and fails beyond.
_DECODERS: dict[str, Callable[[bytes, int], Any]] = {
    "blosc": lambda data, size: imagecodecs.blosc_decode(data, out=size),
    "zstd": lambda data, size: imagecodecs.zstd_decode(data, out=size),
    "gzip": lambda data, size: imagecodecs.gzip_decode(data, out=size),
    "zlib": lambda data, size: imagecodecs.zlib_decode(data, out=size),
    "lz4": lambda data, size: imagecodecs.lz4_decode(data, header=True, out=size),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZarrArray:
    """What an array says of itself.

    Attributes
    ----------
    codec : str
        A key of the decoders; "" where chunks are not packed.
    separator : str
        Between the numbers in the names of chunks.
    prefix : str
        Before them.
    """

    folder: Path
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    codec: str
    separator: str
    prefix: str
    fill: int


def open_array(folder: Path, name: str) -> ZarrArray:
    """The description of an array, of zarr.json or .zarray.

    Raises
    ------
    InvalidValue
        There is none, or one of a kind that is not read; `name` is that of the store.
    """
    for file_name, read in (("zarr.json", _version_3), (".zarray", _version_2)):
        path = folder / file_name
        try:
            if path.is_symlink() or not path.is_file():
                continue
            if path.stat().st_size > _LARGEST_JSON_BYTES:
                raise InvalidValue(f"{name}: {file_name} has over {_LARGEST_JSON_BYTES:,} bytes.")
            content = parse_json(f"{name}/{file_name}", path.read_text("utf-8", "replace"))
        except OSError as error:
            raise InvalidValue(f"{name} cannot be read: {error.strerror or 'error'}.") from error
        return _checked(read(folder, name, content), name)
    raise InvalidValue(f"{name} has no array where it says its largest level is.")


def read_plane(array: ZarrArray, index: tuple[int | None, ...]) -> Pixels:
    """The (h, w) at an index of which two, y and x, are None.

    Raises
    ------
    InvalidImage
        A chunk is damaged.
    """
    free = [axis for axis, at in enumerate(index) if at is None]
    plane = np.full([array.shape[axis] for axis in free], array.fill, array.dtype.newbyteorder("="))
    for chunk in _chunks(array, index):
        values = _chunk(array, chunk)
        if values is None:
            continue
        inside = tuple(
            slice(None) if at is None else at % size
            for at, size in zip(index, array.chunks, strict=True)
        )
        piece = values[inside]
        target = tuple(
            slice(chunk[axis] * array.chunks[axis], (chunk[axis] + 1) * array.chunks[axis])
            for axis in free
        )
        room = plane[target].shape
        plane[target] = piece[: room[0], : room[1]]
    # Axes may stand in any order: the image has y before x, as NGFF wants it.
    return plane


def _chunks(array: ZarrArray, index: tuple[int | None, ...]) -> Iterator[tuple[int, ...]]:
    ranges = [
        range(-(-side // size)) if at is None else (at // size,)
        for at, side, size in zip(index, array.shape, array.chunks, strict=True)
    ]
    return product(*ranges)


def _chunk(array: ZarrArray, chunk: tuple[int, ...]) -> Pixels | None:
    """Values of a chunk; None where the file is not there, which stands for the fill value."""
    path = array.folder / (array.prefix + array.separator.join(map(str, chunk)))
    size_bytes = int(np.prod(array.chunks)) * array.dtype.itemsize
    if path.is_symlink():
        raise InvalidImage(f"{path.name} is a symbolic link, which is not followed.")
    try:
        if path.stat().st_size > 2 * _LARGEST_CHUNK_BYTES:
            raise TooLarge(f"A chunk has over {2 * _LARGEST_CHUNK_BYTES:,} bytes.")
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if array.codec:
        try:
            data = bytes(_DECODERS[array.codec](data, size_bytes))
        # Codecs meet arbitrary bytes and fail as it happens.
        except Exception as error:
            raise InvalidImage(f"A chunk is damaged ({type(error).__name__}).") from error
    if len(data) != size_bytes:
        raise InvalidImage(f"A chunk has {len(data):,} bytes in place of {size_bytes:,}.")
    return np.frombuffer(data, array.dtype).reshape(array.chunks)


def _checked(array: ZarrArray, name: str) -> ZarrArray:
    if len(array.shape) != len(array.chunks) or not 2 <= len(array.shape) <= 5:
        raise InvalidValue(f"{name} has an array of {len(array.shape)} axes.")
    if min(array.shape) < 1 or min(array.chunks) < 1:
        raise InvalidValue(f"{name} has an array or chunks without a size.")
    size_bytes = np.prod(array.chunks, dtype=float) * array.dtype.itemsize
    if size_bytes > _LARGEST_CHUNK_BYTES:
        raise TooLarge(
            f"{name} is kept in chunks of {size_bytes:,.0f} bytes; up to "
            f"{_LARGEST_CHUNK_BYTES:,} are read."
        )
    return array


def _version_2(folder: Path, name: str, content: dict[str, Any]) -> ZarrArray:
    compressor = mapping(content.get("compressor"))
    if content.get("filters"):
        raise InvalidValue(f"{name} has an array with filters, which are not read.")
    if content.get("order", "C") != "C":
        raise InvalidValue(f"{name} keeps its values column by column; row by row is read.")
    return ZarrArray(
        folder=folder,
        shape=_whole(content.get("shape")),
        chunks=_whole(content.get("chunks")),
        dtype=_dtype(name, content.get("dtype")),
        codec=_codec(name, text(compressor.get("id")) or ""),
        separator="/" if content.get("dimension_separator") == "/" else ".",
        prefix="",
        fill=_fill(content.get("fill_value")),
    )


def _version_3(folder: Path, name: str, content: dict[str, Any]) -> ZarrArray:
    dtype, codec = _dtype(name, content.get("data_type")), ""
    for one in map(mapping, sequence(content.get("codecs"))):
        kind = text(one.get("name")) or ""
        if kind == "bytes":
            if mapping(one.get("configuration")).get("endian") == "big":
                dtype = dtype.newbyteorder(">")
        elif codec:
            raise InvalidValue(f"{name} packs its chunks twice, which is not read.")
        else:
            codec = _codec(name, kind)
    grid = mapping(mapping(content.get("chunk_grid")).get("configuration"))
    keys = mapping(content.get("chunk_key_encoding"))
    is_default = keys.get("name", "default") == "default"
    separator = mapping(keys.get("configuration")).get("separator", "/" if is_default else ".")
    separator = "." if separator == "." else "/"
    return ZarrArray(
        folder=folder,
        shape=_whole(content.get("shape")),
        chunks=_whole(grid.get("chunk_shape")),
        dtype=dtype,
        codec=codec,
        separator=separator,
        prefix=f"c{separator}" if is_default else "",
        fill=_fill(content.get("fill_value")),
    )


def _whole(written: Any) -> tuple[int, ...]:
    return tuple(whole(one) or 0 for one in sequence(written))


def _dtype(name: str, written: Any) -> np.dtype[Any]:
    if written not in _TYPES:
        raise InvalidValue(f"{name} has values of {str(written)[:40]!r}; 8 and 16 bit are read.")
    return np.dtype(_TYPES[written])


def _codec(name: str, kind: str) -> str:
    if kind and kind not in _DECODERS:
        raise InvalidValue(f"{name} has chunks of {kind[:40]!r}; {', '.join(_DECODERS)} are read.")
    return kind


def _fill(written: Any) -> int:
    value = whole(written)
    return value if value is not None and 0 <= value < 256 else 0
