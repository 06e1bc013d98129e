"""Exports: a scan's flakes in the format of another program."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from service.checks import STAGE_UM_RANGE, check_one_of, check_range, check_text
from service.db.engine import Sessions
from service.errors import InvalidValue
from service.exports.crops import crops_of
from service.exports.formats import FORMATS
from service.exports.select import Selection, exported_flakes, exported_scan, exported_tiles
from service.exports.words import check_positions_known, left_out_note, no_positions
from service.exports.writers.coco import MASKS, flakes_coco
from service.exports.writers.gds import Alignment, Mark, align, write_gds
from service.exports.writers.geojson import flakes_geojson
from service.exports.writers.json import flakes_json
from service.exports.writers.positions import (
    ENCODINGS,
    VERSIONS,
    Stages,
    nis_points,
    position_list,
    useq_sequence,
)
from service.exports.writers.rows import ExportedFlake, ExportedScan, Position, positions_of
from service.exports.writers.tables import flakes_csv
from service.flakes.flakes import list_flakes
from service.scans.tiles import Stores


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """The options that only some formats ask for."""

    version: str = VERSIONS[0]
    encoding: str = ENCODINGS[0]
    masks: str = MASKS[0]
    stages: Stages = field(default_factory=Stages)
    marks: tuple[Mark, ...] = ()
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file that is being made.

    Attributes
    ----------
    pieces : iterator of bytes
        Its content; long formats are made while it is read.
    notes : list of str
        What is to be said of it, as flakes that are left out.
    """

    filename: str
    media_type: str
    pieces: Iterator[bytes]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """An export's source: the stores, scan, selection and options that the formats write from."""

    stores: Stores
    scan: ExportedScan
    chosen: Selection
    options: ExportOptions

    @property
    def sessions(self) -> Sessions:
        """Rows."""
        return self.stores.sessions

    def flakes(self, *, with_masks: bool = False) -> Iterator[ExportedFlake]:
        """Iterate over the flakes, from the first on."""
        return exported_flakes(self.sessions, self.chosen, with_masks=with_masks)

    def positions(self) -> tuple[list[Position], int]:
        """List where to drive and count flakes without a place; raises `Conflict` for no place."""
        self.check_placed()
        positions, left_out = positions_of(self.flakes())
        if left_out and not positions:
            raise no_positions(self.scan.id, left_out)
        return positions, left_out

    def check_placed(self) -> None:
        """Raise `Conflict` where the scan has no places."""
        with self.sessions() as session:
            check_positions_known(session, self.scan.id)

    def alignment(self) -> Alignment | None:
        """Fit the alignment of the marks; None without marks; raises `InvalidValue`."""
        marks = self.options.marks
        return align(marks, mirrored=self.options.mirrored) if marks else None


# A file's content and what is to be said of it.
Made = tuple[Iterator[bytes], list[str]]


def source_of(stores: Stores, chosen: Selection, options: ExportOptions, now: datetime) -> Source:
    """Check and collect what a format is made from.

    Raises
    ------
    NotFound
        No such scan.
    InvalidValue
        A filter, the sort or an option is wrong.
    """
    scan_id = chosen.which.scan_id
    if scan_id is None:
        raise InvalidValue("An export is of one scan: scan_id is missing.")
    _check(options)
    list_flakes(stores.sessions, chosen.which, sort=chosen.sort, limit=1)
    return Source(stores, exported_scan(stores.sessions, scan_id, chosen, now), chosen, options)


def _csv(source: Source) -> Made:
    return flakes_csv(source.scan, source.flakes()), []


def _json(source: Source) -> Made:
    return flakes_json(source.scan, source.flakes()), []


def _geojson(source: Source) -> Made:
    source.check_placed()
    return flakes_geojson(source.scan, source.flakes()), []


def _coco(source: Source) -> Made:
    masks = source.options.masks
    flakes = source.flakes(with_masks=masks == "rle")
    return flakes_coco(source.scan, flakes, masks), []


def _pos(source: Source) -> Made:
    positions, left_out = source.positions()
    options = source.options
    return position_list(positions, options.stages, options.version), left_out_note(left_out)


def _useq(source: Source) -> Made:
    positions, left_out = source.positions()
    pieces = useq_sequence(source.scan, positions, left_out, source.options.encoding)
    return pieces, left_out_note(left_out)


def _nis(source: Source) -> Made:
    positions, left_out = source.positions()
    return nis_points(positions), left_out_note(left_out)


def _gds(source: Source) -> Made:
    source.check_placed()
    alignment = source.alignment()
    tiles = exported_tiles(source.sessions, source.scan.id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flakes.gds"
        left_out = write_gds(path, source.scan, source.flakes(), tiles, alignment)
        content = path.read_bytes()
    notes = left_out_note(left_out) + ([] if alignment is None else [alignment.words])
    return iter([content]), notes


def _pdf(source: Source) -> Made:
    # ReportLab takes long to load, and few starts are followed by a report.
    from service.exports.writers.report import write_report  # noqa: PLC0415

    tiles = list(exported_tiles(source.sessions, source.scan.id))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.pdf"
        write_report(
            path,
            source.scan,
            source.flakes(),
            tiles,
            lambda flakes: dict(crops_of(source.stores, flakes)),
        )
        return iter([path.read_bytes()]), []


# By the name that `FORMATS` has.
_MAKERS: Mapping[str, Callable[[Source], Made]] = {
    "csv": _csv,
    "json": _json,
    "geojson": _geojson,
    "coco": _coco,
    "pos": _pos,
    "useq": _useq,
    "nis": _nis,
    "gds": _gds,
    "pdf": _pdf,
}


def make(source: Source, format_name: str) -> Made:
    """Make the content of one of `FORMATS`; raises as `export` does."""
    return _MAKERS[format_name](source)


def export(source: Source, format_name: str) -> Export:
    """Export a scan in one of `FORMATS`.

    Raises
    ------
    Conflict
        The format needs stage coordinates, and the scan has none.
    InvalidValue
        The marks of an alignment are wrong.
    """
    form = FORMATS[format_name]
    pieces, notes = make(source, format_name)
    ending, media_type = form.ending, form.media_type
    if format_name == "useq" and source.options.encoding == "yaml":
        ending, media_type = "useq.yaml", "application/yaml"
    return Export(
        filename=file_name(source.scan, ending),
        media_type=media_type,
        pieces=gathered(pieces),
        notes=notes,
    )


def file_name(scan: ExportedScan, ending: str) -> str:
    """Make a file name for every system: ASCII letters, digits, "-", "_" and points inside."""
    # Longer ones fill a folder's window; the number tells scans apart.
    words = re.sub(r"[^A-Za-z0-9_-]+", "-", scan.name)[:60].strip("-_")
    return f"{words + '-' if words else ''}scan-{scan.id}.{ending}"


# Each piece that leaves costs a thread switch: so much at once makes that nothing.
_PIECE_BYTES = 2**16


def gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join the same bytes into larger pieces."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        if len(waiting) >= _PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)


def _check(options: ExportOptions) -> None:
    check_one_of("version", options.version, VERSIONS)
    check_one_of("as", options.encoding, ENCODINGS)
    check_one_of("masks", options.masks, MASKS)
    check_text("xy_stage", options.stages.xy, longest=200)
    check_text("z_stage", options.stages.z, longest=200)
    for mark in options.marks:
        for value in (*mark.stage_um, *mark.design_um):
            check_range("mark", value, STAGE_UM_RANGE)
