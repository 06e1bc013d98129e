"""Write everything of a scan into one zip while it is sent, with a README of what is in it."""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from service.errors import Conflict
from service.exports.crops import crops_of, png_of
from service.exports.exporting import FORMATS, Export, Made, Source, file_name, gathered
from service.exports.select import exported_tiles
from service.exports.writers.rows import ExportedScan, label_of
from service.exports.writers.tables import tiles_csv

_WHAT = (
    ("flakes.csv", "table of the flakes, for spreadsheets; stage coordinates x_um, y_um"),
    ("flakes.json", "the same with outlines, in the fields of the service's API"),
    ("flakes.geojson", "outlines in um of the stage (not degrees), for QGIS or geopandas"),
    ("coco_rle.json", "COCO instances on the tiles' pixels: masks as run lengths, exact"),
    ("coco_polygons.json", "COCO instances on the tiles' pixels: outer outlines"),
    ("micro_manager_2.pos", "Micro-Manager 2: Multi-D Acquisition, Edit Position List, Load"),
    ("micro_manager_1.4.pos", "the same for Micro-Manager 1.4"),
    ("useq.json", "positions for pymmcore-plus: useq.MDASequence.from_file(...)"),
    ("useq.yaml", "the same as YAML"),
    ("nis_points.xml", "points for Nikon NIS-Elements: ND Acquisition, XY, Load"),
    ("flakes.gds", "outlines for lithography: layer n = n graphene layers, 0 = unknown"),
    ("report.pdf", "chip report: map, table, pictures"),
    ("tiles.csv", "where each tile was taken"),
    ("crops/", "a picture of each flake, named by its label"),
)


def readme(scan: ExportedScan, missing: Sequence[tuple[str, str]], notes: Sequence[str]) -> bytes:
    """What the archive holds, and why some files are not in it.

    Parameters
    ----------
    missing : sequence of (file, reason)
    """
    absent = {name for name, _ in missing}
    lines = [
        f"Scan {scan.id}: {scan.name}",
        f"Exported {scan.exported_at:%Y-%m-%d %H:%M} UTC by Flakescope.",
        f"Flakes: {scan.criteria}",
        "",
        "Every file calls a flake by the same label, flake- and its number in the service.",
        "um are micrometres of the microscope's stage as its controller counts them; px are",
        "pixels of the tile, origin top left, x right, y down.",
        "",
        *(f"{name:<24}{what}" for name, what in _WHAT if name not in absent),
    ]
    if missing:
        lines += ["", "Not in here:"]
        lines += [f"{name:<24}{reason}" for name, reason in missing]
    if notes:
        lines += ["", *notes]
    # Windows' editor shows lines by both characters.
    return "\r\n".join([*lines, ""]).encode()


# Name in the archive, format, and what differs from the options given.
_FILES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("flakes.csv", "csv", {}),
    ("flakes.json", "json", {}),
    ("flakes.geojson", "geojson", {}),
    ("coco_rle.json", "coco", {"masks": "rle"}),
    ("coco_polygons.json", "coco", {"masks": "polygons"}),
    ("micro_manager_2.pos", "pos", {"version": "2"}),
    ("micro_manager_1.4.pos", "pos", {"version": "1.4"}),
    ("useq.json", "useq", {"encoding": "json"}),
    ("useq.yaml", "useq", {"encoding": "yaml"}),
    ("nis_points.xml", "nis", {}),
    ("flakes.gds", "gds", {}),
    ("report.pdf", "pdf", {}),
)
# So many flakes wait while tiles are decoded for their pictures.
_FLAKES_AT_ONCE = 200


def export_archive(source: Source) -> Export:
    """A zip of every format that the scan has places for, pictures and a README.txt.

    Raises
    ------
    InvalidValue
        The marks of an alignment are wrong.
    """
    source.alignment()
    return Export(
        filename=file_name(source.scan, "zip"),
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
        """What was written since the last time."""
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece


def _archive(source: Source) -> Iterator[bytes]:
    outlet = Outlet()
    missing: list[tuple[str, str]] = []
    said: list[str] = []
    # zipfile asks for no more than what an outlet has; its types ask for a whole file.
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, form, different in _FILES:
            try:
                pieces, notes = _made(source, form, different)
            except Conflict as error:
                missing.append((name, str(error)))
                continue
            said += [note for note in notes if note not in said]
            yield from packed(archive, outlet, name, pieces)
        tiles = tiles_csv(exported_tiles(source.sessions, source.scan.id))
        yield from packed(archive, outlet, "tiles.csv", tiles)
        for name, picture in _pictures(source):
            # PNG is packed already.
            archive.writestr(name, picture, zipfile.ZIP_STORED)
            yield outlet.fetch()
        archive.writestr("README.txt", readme(source.scan, missing, said))
    yield outlet.fetch()


def _made(source: Source, form: str, different: dict[str, Any]) -> Made:
    options = replace(source.options, **different)
    return FORMATS[form].make(replace(source, options=options))


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
