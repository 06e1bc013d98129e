"""Archives: a zip of a scan folder, looked at before anything is unpacked, then unpacked.

Nothing is believed: names lead nowhere but below the folder, and sizes are those that were read.
"""

import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from service.errors import InvalidArchive, StorageFull, TooLarge

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

# What the usual programs write beside these two. Windows packs files over 2 GB by Deflate64.
_OTHER_METHODS = {
    9: "Deflate64 (as Windows packs files over 2 GB)",
    12: "bzip2",
    14: "LZMA",
    93: "Zstandard",
    95: "XZ",
    98: "PPMd",
}

# Images of bare substrate, uncompressed, shrink some ten times; zeros shrink a thousand times.
MOST_RATIO = 200
# An archive this small may hold what it likes.
_HARMLESS_BYTES = 2**30

# What every usual file system takes, and what leaves room for the service's own folder.
_NAME_BYTES = 255
_PATH_CHARACTERS = 1000

# Left free for the database and for other scans.
RESERVE_BYTES = 2**30

_PIECE_BYTES = 2**20

# End of central directory: the fixed part, with the number of members and the directory's size.
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_SIGNATURE = b"PK\x06\x06"
# At most: what a member takes in the directory, with a long name and extra fields.
_DIRECTORY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """The limits of an archive's contents."""

    members: int
    unpacked_bytes: int


def check_archive(path: Path, limits: ArchiveLimits, free_bytes: int) -> None:
    """Refuse an archive by its directory, before anything of it is unpacked.

    Raises
    ------
    InvalidArchive
        It is no zip, is cut off, encrypted or packed in a way that is not read, or a name in it
        is absolute, leads upwards, stands twice or is a link; or everything in it is empty.
    TooLarge
        Its members are too many, or unpacked too large for the limit or its own size.
    StorageFull
        The disk has no room for what is in it.
    """
    with _opened(path, limits) as archive:
        for member in archive.infolist():
            _check_member(member)
        _check_names(archive.infolist())
        _check_sizes(archive.infolist(), path.stat().st_size, limits, free_bytes)


def unpack(path: Path, folder: Path, limits: ArchiveLimits) -> None:
    """Unpack an archive below a folder; files that are there whole are left.

    Raises
    ------
    InvalidArchive
        As `check_archive`; or the content of a member is damaged.
    TooLarge, StorageFull
    """
    check_archive(path, limits, shutil.disk_usage(path.parent).free)
    with _opened(path, limits) as archive:
        for member in archive.infolist():
            if not _is_folder(member):
                _unpack_member(archive, member, folder.joinpath(*_parts(member)))


@contextmanager
def _opened(path: Path, limits: ArchiveLimits) -> Iterator[zipfile.ZipFile]:
    _check_directory(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error) as error:
        raise InvalidArchive(f"The archive is damaged or cut off: {error}.") from error
    except (NotImplementedError, UnicodeDecodeError) as error:
        raise InvalidArchive(f"The archive cannot be read: {error}.") from error


def _check_directory(path: Path, limits: ArchiveLimits) -> None:
    """Refuse too many members before their names are read: each takes memory."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        # The record, the longest comment, and before them the one of 64 bits.
        file.seek(max(0, size - _END.size - 2**16 - 20 - _END64.size))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) - at < _END.size:
        raise InvalidArchive("This is no zip archive, or its end is missing: it was cut off.")
    members, directory_bytes = _END.unpack_from(end, at)[4:6]
    at64 = end.rfind(_END64_SIGNATURE, 0, at)
    if at64 >= 0 and at - at64 >= _END64.size:
        members, directory_bytes = _END64.unpack_from(end, at64)[7:9]
    if members > limits.members or directory_bytes > limits.members * _DIRECTORY_BYTES:
        raise TooLarge(f"The archive says it has {members} members; {limits.members} are allowed.")


def _check_member(member: zipfile.ZipInfo) -> None:
    name = _shown(member)
    if member.flag_bits & 0x1:
        raise InvalidArchive(f"{name} is encrypted: send the archive without a password.")
    # The upper half holds the mode of Unix; a folder or a file that was not told has none.
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        what = "a link" if kind == stat.S_IFLNK else "no plain file"
        raise InvalidArchive(f"{name} is {what}; only files and folders are taken.")
    if member.compress_type not in _METHODS:
        method = _OTHER_METHODS.get(member.compress_type, f"method {member.compress_type}")
        raise InvalidArchive(
            f"{name} is packed by {method}, which is not read: pack it again with Deflate or "
            "without packing."
        )
    _parts(member)


def _is_folder(member: zipfile.ZipInfo) -> bool:
    """Whether a name stands for a folder; PowerShell 5 ends it with the slash of Windows."""
    return member.is_dir() or member.orig_filename.endswith("\\")


def _parts(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Split the member's place below the folder; raises `InvalidArchive` where it is not below."""
    # What was written on Windows may hold the other slash, whatever the format says.
    name = member.orig_filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise InvalidArchive(f"{_shown(member)} is an absolute path.")
    parts = PurePosixPath(name).parts
    if ".." in parts:
        raise InvalidArchive(f"{_shown(member)} leads out of the archive.")
    if not parts or any(ord(letter) < 32 for letter in name):
        raise InvalidArchive(f"{_shown(member)} is no name of a file.")
    longest = max(len(part.encode("utf-8", "surrogateescape")) for part in parts)
    if longest > _NAME_BYTES or len(name) > _PATH_CHARACTERS:
        raise InvalidArchive(
            f"The name {_shown(member)}... is too long: {_NAME_BYTES} bytes are allowed, "
            f"and {_PATH_CHARACTERS} characters with its folders."
        )
    return parts


def _check_names(members: list[zipfile.ZipInfo]) -> None:
    seen: set[tuple[str, ...]] = set()
    for member in members:
        # Windows and macOS hold a.png and A.PNG for one file: the second would replace the first.
        parts = tuple(part.casefold() for part in _parts(member))
        if parts in seen and not _is_folder(member):
            raise InvalidArchive(f"{_shown(member)} stands in the archive twice.")
        seen.add(parts)


def _check_sizes(
    members: list[zipfile.ZipInfo], archive_bytes: int, limits: ArchiveLimits, free_bytes: int
) -> None:
    unpacked = sum(member.file_size for member in members)
    # Members that share their bytes would each count them.
    packed = min(archive_bytes, sum(member.compress_size for member in members))
    if unpacked == 0:
        raise InvalidArchive(f"The archive holds {len(members)} names, but not one byte.")
    if unpacked > limits.unpacked_bytes:
        raise TooLarge(f"The archive holds {unpacked} bytes; {limits.unpacked_bytes} are allowed.")
    if unpacked > _HARMLESS_BYTES and unpacked > MOST_RATIO * packed:
        raise TooLarge(
            f"The archive unpacks to {unpacked // max(packed, 1)} times its size; "
            f"images do not, and {MOST_RATIO} times is allowed."
        )
    if unpacked > free_bytes - RESERVE_BYTES:
        raise StorageFull(
            f"The archive holds {unpacked} bytes; the service's disk has room for "
            f"{max(0, free_bytes - RESERVE_BYTES)}."
        )


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path) -> None:
    # A worker that died here left files behind; the last one may be shorter than it should.
    if place.is_file() and place.stat().st_size == member.file_size:
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as packed, place.open("wb") as file:
            left = member.file_size
            while piece := packed.read(_PIECE_BYTES):
                left -= len(piece)
                if left < 0:
                    raise InvalidArchive(f"{_shown(member)} is longer than the archive says.")
                file.write(piece)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise InvalidArchive(f"{_shown(member)} is a file and a folder at once.") from error
    if left:
        raise InvalidArchive(f"{_shown(member)} is shorter than the archive says.")


def _shown(member: zipfile.ZipInfo) -> str:
    return repr(member.orig_filename[:100])
