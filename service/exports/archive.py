"""Write everything of a scan into one zip while it is sent, with a README of what is in it."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from service.errors import Conflict
from service.exports.crops import crops_of, png_of
from service.exports.exporting import Export, Source, file_name, gathered, make
from service.exports.formats import ARCHIVE, FORMATS, Packed
from service.exports.select import exported_tiles
from service.exports.writers.rows import ExportedScan, label_of
from service.exports.writers.tables import tiles_csv

# Beside the files of each format.
_BESIDE = (
    ("tiles.csv", "where each tile was taken"),
    ("crops/", "a picture of each flake, named by its label"),
)


def readme(scan: ExportedScan, missing: Sequence[tuple[str, str]], notes: Sequence[str]) -> bytes:
    """Write the README: what the archive holds, and why some files are not in it.

    Parameters
    ----------
    missing : sequence of (file, reason)
    """
    absent = {name for name, _ in missing}
    packed_files = (file for form in FORMATS.values() for file in form.packed)
    contents = [*((file.name, file.words) for file in packed_files), *_BESIDE]
    lines = [
        f"Scan {scan.id}: {scan.name}",
        f"Exported {scan.exported_at:%Y-%m-%d %H:%M} UTC by Flakescope.",
        f"Flakes: {scan.criteria}",
        "",
        "Every file calls a flake by the same label, flake- and its number in the service.",
        "um are micrometres of the microscope's stage as its controller counts them; px are",
        "pixels of the tile, origin top left, x right, y down.",
        "",
        *(f"{name:<24}{what}" for name, what in contents if name not in absent),
    ]
    if missing:
        lines += ["", "Not in here:"]
        lines += [f"{name:<24}{reason}" for name, reason in missing]
    if notes:
        lines += ["", *notes]
    # Windows' editor shows lines by both characters.
    return "\r\n".join([*lines, ""]).encode()


# So many flakes wait while tiles are decoded for their pictures.
_FLAKES_AT_ONCE = 200


def export_archive(source: Source) -> Export:
    """Export a zip of every format that the scan has places for, pictures and a README.txt.

    Raises
    ------
    InvalidValue
        The marks of an alignment are wrong.
    """
    source.alignment()
    return Export(
        filename=file_name(source.scan, ARCHIVE),
        media_type="application/zip",
        pieces=gathered(_archive(source)),
    )


class Outlet:
    """Takes what `zipfile` writes, until it is fetched; it cannot seek, so the zip streams."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, piece: bytes) -> int:
        """Take a piece."""
        self._waiting += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def fetch(self) -> bytes:
        """Fetch the bytes that were written since the last time."""
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece


def _archive(source: Source) -> Iterator[bytes]:
    outlet = Outlet()
    missing: list[tuple[str, str]] = []
    said: list[str] = []
    # zipfile asks for no more than what an outlet has; its types ask for a whole file.
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for form, file in ((name, file) for name, one in FORMATS.items() for file in one.packed):
            try:
                pieces, notes = make(_with_options(source, file), form)
            except Conflict as error:
                missing.append((file.name, str(error)))
                continue
            said += [note for note in notes if note not in said]
            yield from packed(archive, outlet, file.name, pieces)
        tiles = tiles_csv(exported_tiles(source.sessions, source.scan.id))
        yield from packed(archive, outlet, "tiles.csv", tiles)
        for name, picture in _pictures(source):
            # PNG is packed already.
            archive.writestr(name, picture, zipfile.ZIP_STORED)
            yield outlet.fetch()
        archive.writestr("README.txt", readme(source.scan, missing, said))
    yield outlet.fetch()


def _with_options(source: Source, file: Packed) -> Source:
    options: dict[str, Any] = dict(file.options)
    return replace(source, options=replace(source.options, **options))


def packed(
    archive: zipfile.ZipFile, outlet: Outlet, name: str, pieces: Iterable[bytes]
) -> Iterator[bytes]:
    """Pack a member as it is made; what leaves the archive meanwhile."""
    # How long it gets is not known: the form for over 4 GB is taken.
    with archive.open(name, "w", force_zip64=True) as member:
        for piece in gathered(iter(pieces)):
            member.write(piece)
            yield outlet.fetch()
    yield outlet.fetch()


def _pictures(source: Source) -> Iterator[tuple[str, bytes]]:
    flakes = source.flakes()
    while some := list(islice(flakes, _FLAKES_AT_ONCE)):
        for flake_id, crop in crops_of(source.stores, some):
            yield f"crops/{label_of(flake_id)}.png", png_of(crop)
