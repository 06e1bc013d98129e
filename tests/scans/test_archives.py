"""Archives that mean harm are refused before they are unpacked, in words, and leave nothing."""

import os
import stat
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest

from service.errors import InvalidArchive, StorageFull, TooLarge
from service.intake.archives import ArchiveLimits, check_archive, unpack

LIMITS = ArchiveLimits(members=1000, unpacked_bytes=100 * 2**20)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "scan.zip"


def write(archive: Path, *names: str, content: bytes = b"image", mode: int = 0) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            member = zipfile.ZipInfo(name)
            member.filename = name  # as it is, whatever this system calls a separator
            member.external_attr = mode << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(member, content)


def refuse(archive: Path, error: type[Exception], words: str, limits=LIMITS) -> None:
    folder = archive.parent / "unpacked"
    with pytest.raises(error, match=words):
        unpack(archive, folder, limits)
    assert not folder.exists() or not any(path.is_file() for path in folder.rglob("*"))
    assert sorted(path.name for path in archive.parent.iterdir() if path != folder) == ["scan.zip"]


def test_a_folder_with_folders_in_it_is_unpacked_as_it_was(archive: Path, tmp_path: Path):
    names = ["chip 12/Pos_000/img.png", "chip 12/Pos_001/img.png", "chip 12/metadata.txt"]
    write(archive, "chip 12/", *names)

    for _ in range(2):
        unpack(archive, tmp_path / "out", LIMITS)

    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(tmp_path / "out").as_posix() for path in files) == names
    assert {path.read_bytes() for path in files} == {b"image"}


def test_a_file_that_a_dead_worker_left_half_is_written_again(archive: Path, tmp_path: Path):
    write(archive, "a.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_bytes(b"ima")

    unpack(archive, tmp_path / "out", LIMITS)

    assert (tmp_path / "out" / "a.png").read_bytes() == b"image"


@pytest.mark.parametrize(
    "name",
    ["../a.png", "a/../../b.png", "..\\a.png", "/etc/a.png", "C:\\a.png", "c:/a.png", "\\\\h\\a"],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(archive: Path, name: str):
    write(archive, "good.png", name)

    refuse(archive, InvalidArchive, r"leads out of the archive|is an absolute path")


@pytest.mark.parametrize(
    ("mode", "words"),
    [(stat.S_IFLNK | 0o777, "is a link"), (stat.S_IFIFO | 0o600, "is no plain file")],
)
def test_a_link_or_a_device_is_refused(archive: Path, mode: int, words: str):
    write(archive, "tiles", content=b"/etc/passwd", mode=mode)

    refuse(archive, InvalidArchive, words)


@pytest.mark.parametrize("names", [("a.png", "A.PNG"), ("a/b.png", "a//b.png")])
def test_a_name_that_stands_twice_is_refused(archive: Path, names: tuple[str, str]):
    write(archive, *names)

    refuse(archive, InvalidArchive, "stands in the archive twice")


def test_a_file_that_is_a_folder_too_is_refused(archive: Path, tmp_path: Path):
    write(archive, "a/b.png", "a")

    with pytest.raises(InvalidArchive, match="is a file and a folder at once"):
        unpack(archive, tmp_path / "out", LIMITS)


def test_an_encrypted_archive_is_refused(archive: Path):
    write(archive, "a.png")
    content = bytearray(archive.read_bytes())
    # The flag in the local header and in the directory.
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    archive.write_bytes(content)

    refuse(archive, InvalidArchive, "is encrypted")


@pytest.mark.parametrize("kept", [0, 1, 30, 0.5, -1])
def test_an_archive_that_was_cut_off_is_refused(archive: Path, kept: float):
    write(archive, *(f"{n}.png" for n in range(20)), content=os.urandom(1000))
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * kept) if kept == 0.5 else int(kept)])

    refuse(archive, InvalidArchive, "its end is missing|damaged or cut off")


def test_what_is_no_zip_at_all_is_refused(archive: Path):
    archive.write_bytes(b"PK\x05\x06" * 100)

    refuse(archive, InvalidArchive, "damaged or cut off|no zip")


def test_a_damaged_member_is_named_as_damage(archive: Path, tmp_path: Path):
    write(archive, "a.png", content=os.urandom(5000))
    content = bytearray(archive.read_bytes())
    content[2000] ^= 0xFF
    archive.write_bytes(content)

    with pytest.raises(InvalidArchive, match="damaged or cut off"):
        unpack(archive, tmp_path / "out", LIMITS)


def test_zeros_without_end_are_refused_by_their_ratio_alone(archive: Path):
    # The directory says ten gigabytes; what it says is all that is looked at.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as file:
        with file.open(zipfile.ZipInfo("zeros.tif"), "w", force_zip64=True) as member:
            member.write(bytes(2**20))
        file.infolist()[0].file_size = 10 * 2**30
        file.infolist()[0].compress_size = 10 * 2**20

    refuse(archive, TooLarge, "times its size", ArchiveLimits(1000, 2**40))
    refuse(archive, TooLarge, r"holds 10737418240 bytes; 104857600 are allowed")


def test_a_member_that_is_longer_than_it_says_is_refused(archive: Path, tmp_path: Path):
    write(archive, "a.png", content=bytes(5000))
    content = bytearray(archive.read_bytes())
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(signature) + at, 100)
    archive.write_bytes(content)

    with pytest.raises(InvalidArchive, match=r"damaged|longer than the archive says"):
        unpack(archive, tmp_path / "out", LIMITS)
    assert all(p.stat().st_size <= 100 for p in (tmp_path / "out").rglob("*") if p.is_file())


def test_too_many_members_are_refused_before_their_names_are_read(archive: Path):
    write(archive, *(f"{n}" for n in range(1001)), content=b"")

    refuse(archive, TooLarge, "1001 members; 1000 are allowed")


def test_a_hundred_thousand_empty_files_are_refused(archive: Path):
    write(archive, *(f"{n:06}.png" for n in range(100_000)), content=b"")

    refuse(archive, InvalidArchive, "100000 names, but not one byte", ArchiveLimits(200_000, 1))


def test_what_does_not_fit_the_disk_is_refused(archive: Path):
    write(archive, "a.png")

    with pytest.raises(StorageFull, match="disk has room for 0"):
        check_archive(archive, LIMITS, free_bytes=1000)


def test_an_archive_of_another_programme_is_read(archive: Path, tmp_path: Path):
    (tmp_path / "chip").mkdir()
    (tmp_path / "chip" / "size.png").write_bytes(b"image")
    command = ["zip", "-qr", str(archive), "chip"]
    try:
        subprocess.run(command, cwd=tmp_path, check=True)
    except FileNotFoundError:
        pytest.skip("there is no zip on this computer")

    unpack(archive, tmp_path / "out", LIMITS)

    assert (tmp_path / "out" / "chip" / "size.png").read_bytes() == b"image"
