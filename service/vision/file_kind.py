"""File kind: what a file is by its first bytes, whatever its name says."""

import re

# Read here. The order matters nowhere: no signature begins another.
_READABLE = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
# Not read, but worth a name in the answer to whoever sent it.
_FOREIGN = {
    b"GIF8": "a GIF image",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 image",
    b"\xff\x4f\xff\x51": "a JPEG 2000 image",
    b"8BPS": "a Photoshop image",
    b"ZISRAWFILE": "a Zeiss CZI file",
    b"\xda\xce\xbe\x0a": "a Nikon ND2 file",
    b"\x70\0\0\0": "a Leica LIF file",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
}
# ASCII or UTF-8, which the end of the window may cut.
_TEXT = re.compile(rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3})+[\xc2-\xf4]?")


def readable_kind(data: bytes) -> str | None:
    """PNG, JPEG, TIFF or BMP; None for everything else."""
    for signature, kind in _READABLE.items():
        if data.startswith(signature):
            return kind
    # Two letters alone could be text; the reserved field of a bitmap is zero.
    if data[:2] == b"BM" and data[6:10] == bytes(4)[: len(data[6:10])]:
        return "BMP"
    return None


def describe(data: bytes) -> str:
    """What bytes look like that are no readable image: "a PDF document", "text"."""
    for signature, name in _FOREIGN.items():
        if data.startswith(signature):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a WebP image"
    if data[4:8] == b"ftyp":
        return "a HEIC or AVIF image" if data[8:10] in (b"he", b"mi", b"av") else "a video"
    start = data[:512]
    if start.lstrip()[:1] == b"<":
        return "an HTML or XML page"
    if _TEXT.fullmatch(start):
        return "text"
    return f"bytes that begin with {data[:8].hex(' ')}"
