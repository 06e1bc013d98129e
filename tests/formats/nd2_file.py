"""A Nikon ND2 file, version 3, with as little in it as its readers need."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_MAGIC = 0x0ABECEDA
# Names of chunks fill up to here, so that pixels begin 4096 bytes behind their chunk.
_NAME_BYTES = 4072
_BOOL, _UINT, _DOUBLE, _STRING, _LEVEL = 1, 3, 6, 8, 11


def write_nd2(
    path: Path,
    frames: Sequence[np.ndarray],
    points: Sequence[tuple[str, float, float]],
    *,
    um_per_px: float | None = 0.25,
    y_direction: int | None = None,
) -> None:
    """Frames of one position each, (h, w) or (h, w, 3) in RGB.

    `y_direction` is that of the stage's y axis against the camera's; None where the stage is none.
    """
    height, width = frames[0].shape[:2]
    samples = 1 if frames[0].ndim == 2 else 3
    bits = frames[0].dtype.itemsize * 8
    attributes = {
        "uiWidth": width,
        "uiWidthBytes": width * samples * bits // 8,
        "uiHeight": height,
        "uiComp": samples,
        "uiBpcInMemory": bits,
        "uiBpcSignificant": bits,
        "uiSequenceCount": len(frames),
        "eCompression": 2,
    }
    plane = {
        "uiCompCount": samples,
        "sDescription": "Brightfield",
        # Real files always have one, and nd2 (0.12) relies on it.
        "pFluorescentProbe": {"m_sName": "none"},
    }
    settings = {} if y_direction is None else _stage(y_direction)
    metadata = {
        "bCalibrated": um_per_px is not None,
        "dCalibration": um_per_px or 1.0,
        "dXPos": points[0][1],
        "dYPos": points[0][2],
        "dZPos": 0.0,
        "sPicturePlanes": {
            "uiCount": 1,
            "sPlaneNew": {"a0": plane},
            "sSampleSetting": {"a0": settings},
        },
    }
    chunks = {
        "ImageAttributesLV!": _variant({"SLxImageAttributes": attributes}),
        "ImageMetadataSeqLV|0!": _variant({"SLxPictureMetadata": metadata}),
        "CustomData|AcqTimesCache!": np.arange(len(frames), dtype=np.float64).tobytes(),
    }
    if len(points) > 1:
        loop = {"eType": 2, "uLoopPars": {"bUseZ": False, "Points": [_point(*p) for p in points]}}
        chunks["ImageMetadataLV!"] = _variant({"SLxExperiment": loop})
    for number, frame in enumerate(frames):
        # Blue stands first; before the pixels stands their time.
        stored = frame[..., ::-1] if samples == 3 else frame
        chunks[f"ImageDataSeq|{number}!"] = bytes(8) + stored.tobytes()
    _write(path, chunks)


def _stage(y_direction: int) -> dict[str, Any]:
    orientation = {"m_iXOrientation0": 1, "m_iYOrientation0": y_direction}
    return {"pDeviceSetting": {"m_iXYUse0": True, **orientation}}


def _point(name: str, x_um: float, y_um: float) -> dict[str, Any]:
    return {"dPosX": x_um, "dPosY": y_um, "dPosZ": 0.0, "dPosName": name}


def _write(path: Path, chunks: Mapping[str, bytes]) -> None:
    signature = b"ND2 FILE SIGNATURE CHUNK NAME01!"
    data = bytearray(struct.pack("<IIQ32s64s", _MAGIC, 32, 64, signature, b"Ver3.0"))
    table = bytearray()
    for name, content in chunks.items():
        table += name.encode() + struct.pack("<QQ", len(data), len(content))
        data += struct.pack(f"<IIQ{_NAME_BYTES}s", _MAGIC, _NAME_BYTES, len(content), name.encode())
        data += content
    place = len(data)
    table += b"ND2 CHUNK MAP SIGNATURE 0000001!" + struct.pack("<Q", place)
    head = struct.pack("<IIQ32s", _MAGIC, 32, len(table), b"ND2 FILEMAP SIGNATURE NAME 0001!")
    path.write_bytes(data + head + table)


def _variant(content: Mapping[str, Any]) -> bytes:
    return b"".join(_entry(name, value) for name, value in content.items())


def _entry(name: str, value: Any) -> bytes:
    written = (name + "\0").encode("utf-16-le")
    kind, packed = _packed(value, 2 + len(written))
    return struct.pack("BB", kind, len(written) // 2) + written + packed


def _packed(value: Any, head_bytes: int) -> tuple[int, bytes]:
    if isinstance(value, bool):
        return _BOOL, struct.pack("B", value)
    if isinstance(value, int):
        # Directions are signed, and read as such by their own kind.
        return (2, struct.pack("<i", value)) if value < 0 else (_UINT, struct.pack("<I", value))
    if isinstance(value, float):
        return _DOUBLE, struct.pack("<d", value)
    if isinstance(value, str):
        return _STRING, (value + "\0").encode("utf-16-le")
    items = [("", one) for one in value] if isinstance(value, list) else list(value.items())
    inside = b"".join(_entry(name, one) for name, one in items)
    length = head_bytes + 12 + len(inside)
    return _LEVEL, struct.pack("<IQ", len(items), length) + inside + bytes(8 * len(items))
