"""`python -m bench.archives`: archives that mean harm, sent to the real service.

Each is sent by its one call; what the service says, what it leaves on the disk, and whether
anything was written elsewhere is printed as a table. Status 1 where anything stays.
"""

import json
import os
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.kill.run import wait_for_end
from bench.kill.service import Service

_PATIENCE_S = 300.0
_ZEROS = bytes(64 * 2**20)

# A worker writes its log, the database its pages: less than any archive here unpacks to.
_SLACK_BYTES = 30 * 2**20


def write(path: Path, *names: str, content: bytes = b"image", mode: int = 0) -> None:
    """A zip of members with these names, whatever this system thinks of them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            member = zipfile.ZipInfo("a")
            member.filename = member.orig_filename = name
            member.external_attr = mode << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)


def patched(path: Path, local: int, central: int, form: str, value: int) -> None:
    """Change a field of the only member, in its own header and in the directory."""
    content = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        struct.pack_into(form, content, content.index(signature) + at, value)
    path.write_bytes(content)


def bomb(path: Path, size_bytes: int, says_bytes: int | None = None) -> None:
    """One file of zeros, really so large when it is unpacked; the directory may say another size.

    A block of zeros that ends in a full flush can stand behind itself any number of times.
    """
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = pack.compress(_ZEROS) + pack.flush(zlib.Z_FULL_FLUSH)
    times = size_bytes // len(_ZEROS)
    crc = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        with archive.open(zipfile.ZipInfo("zeros.tif"), "w", force_zip64=True) as member:
            for _ in range(times):
                member.write(block)
                crc = zlib.crc32(_ZEROS, crc)
            member.write(pack.flush(zlib.Z_FINISH))
        one = archive.infolist()[0]
        one.compress_type, one.CRC = zipfile.ZIP_DEFLATED, crc
        one.file_size = says_bytes or times * len(_ZEROS)


def overlapping(path: Path) -> None:
    """A thousand names of the same bytes: in all 100 GiB, in an archive of 200 kB."""
    bomb(path, 128 * 2**20)
    with zipfile.ZipFile(path, "a") as archive:
        first = archive.infolist()[0]
        for number in range(800):
            other = zipfile.ZipInfo(f"{number}.tif")
            for name in ("compress_type", "CRC", "file_size", "compress_size", "header_offset"):
                setattr(other, name, getattr(first, name))
            archive.filelist.append(other)
        archive._didModify = True  # type: ignore[attr-defined]


def cut(path: Path) -> None:
    """An archive without its second half."""
    write(path, *(f"{n}.png" for n in range(20)), content=os.urandom(10_000))
    path.write_bytes(path.read_bytes()[:100_000])


def encrypted(path: Path) -> None:
    """An archive whose member has the flag of a password."""
    write(path, "a.png")
    patched(path, 6, 8, "<H", 1)


def no_zip(path: Path) -> None:
    """Anything else."""
    path.write_bytes(os.urandom(100_000))


def lying_end(path: Path) -> None:
    """An end of 64 bits that tells of 2**60 members."""
    write(path, "a.png")
    content = path.read_bytes()
    at = content.rindex(b"PK\x05\x06")
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *[2**60] * 2, 2**62, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    path.write_bytes(content[:at] + end64 + locator + content[at:])


def nested(path: Path) -> None:
    """A zip in a zip in a zip."""
    inner = path.with_suffix(".inner")
    bomb(inner, 2**30)
    for _ in range(2):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            archive.write(inner, "inner.zip")
        inner.write_bytes(path.read_bytes())
    inner.unlink()


CASES: dict[str, Callable[[Path], None]] = {
    "slip ../": lambda path: write(path, "a.png", "../../outside.png"),
    "slip ..\\": lambda path: write(path, "a.png", "..\\..\\outside.png"),
    "absolute path": lambda path: write(path, "/tmp/flakescope-outside.png"),
    "drive of Windows": lambda path: write(path, "C:\\flakescope-outside.png"),
    "share of Windows": lambda path: write(path, "\\\\host\\share\\a.png"),
    "symbolic link": lambda path: write(path, "l", content=b"/etc", mode=stat.S_IFLNK | 0o777),
    "device": lambda path: write(path, "d", mode=stat.S_IFCHR | 0o600),
    "bomb: 10 GiB of zeros": lambda path: bomb(path, 10 * 2**30),
    "bomb that says 1 MiB": lambda path: bomb(path, 10 * 2**30, says_bytes=2**20),
    "bomb that overlaps: 100 GiB": overlapping,
    "zip in zip": nested,
    "encrypted": encrypted,
    "cut off": cut,
    "no zip": no_zip,
    "100,000 empty files": lambda path: write(path, *map(str, range(100_000)), content=b""),
    "250,000 files": lambda path: write(path, *map(str, range(250_000)), content=b""),
    "end that says 2**60 members": lying_end,
    "the same name twice": lambda path: write(path, "a.png", "A.PNG"),
    "file that is a folder too": lambda path: write(path, "a/b.png", "a"),
    "NUL in a name": lambda path: write(path, "a\0b.png"),
    "name of 300 bytes": lambda path: write(path, "a" * 300),
    "path of 5,000 characters": lambda path: write(path, "a/" * 2500 + "a.png"),
    "names of all scripts, no image": lambda path: write(path, "石墨烯/фото \u202e.png"),
}


@dataclass(frozen=True, slots=True)
class Bench:
    """The service, and the folders that are watched."""

    service: Service
    folder: Path

    def send(self, name: str) -> dict[str, Any]:
        """Send one archive; what was said, and what it left."""
        archive = self.folder / "sent" / "scan.zip"
        archive.parent.mkdir(exist_ok=True)
        CASES[name](archive)
        outside, before = self._outside(), du_bytes(self.service.data_dir)
        started = time.monotonic()
        with self.service.client() as http, archive.open("rb") as file:
            files = {"archive": (archive.name, file, "application/zip")}
            answer = http.post("/v1/scans/upload", files=files, timeout=_PATIENCE_S)
        said, state = answer.json(), ""
        if answer.is_success:
            scan = wait_for_end(self.service, said["id"], time.monotonic() + _PATIENCE_S)
            said, state = {"detail": scan["error"]}, scan["state"]
        left = list((self.service.data_dir / "uploads").glob("*"))
        return {
            "case": name,
            "sent_bytes": archive.stat().st_size,
            "status": answer.status_code,
            "type": answer.headers["content-type"],
            "state": state,
            "said": said["detail"],
            "took_s": round(time.monotonic() - started, 1),
            "left_in_uploads": len(left),
            "disk_bytes": du_bytes(self.service.data_dir) - before,
            "outside": sorted(map(str, self._outside() - outside)),
        }

    def _outside(self) -> set[Path]:
        """Everything beside the service's own folder that a name here could have meant."""
        watched = {
            path for path in self.folder.rglob("*") if self.service.data_dir not in path.parents
        }
        return watched | set(Path("/tmp").glob("*outside*")) | set(Path("/").glob("*outside*"))


def du_bytes(folder: Path) -> int:
    """What a folder takes on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def main(
    out: Annotated[Path | None, typer.Option(help="Folder for archives.json.")] = None,
) -> None:
    """Send each archive, and print a table."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        data_dir = folder / "service" / "data"
        service = Service(data_dir, f"sqlite:///{data_dir / 'flakescope.db'}")
        service.start()
        try:
            rows = [Bench(service, folder).send(case) for case in CASES]
        finally:
            service.stop()
    for row in rows:
        print("{case:32} {status} {state:7} {took_s:6} s  {disk_bytes:9}  {said}".format(**row))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "archives.json").write_text(json.dumps(rows, indent=1))
    bad = [
        row["case"]
        for row in rows
        if row["outside"]
        or row["left_in_uploads"]
        or row["disk_bytes"] > _SLACK_BYTES
        or (row["state"] not in ("", "failed"))
        or (row["status"] != 202 and row["type"] != "application/problem+json")
    ]
    print("nothing stays" if not bad else f"wrong: {bad}")
    raise typer.Exit(1 if bad else 0)


if __name__ == "__main__":
    typer.run(main)
