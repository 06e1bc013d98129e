"""useq-schema: flakes as the stage positions of an MDASequence, JSON or YAML."""

from collections.abc import Iterator, Sequence

import yaml

from service.exports.json_pieces import Json, dump, pieces_of
from service.exports.numbers import um
from service.exports.rows import ExportedScan, Position

ENCODINGS = ("json", "yaml")


def useq_sequence(
    scan: ExportedScan, positions: Sequence[Position], left_out: int, encoding: str
) -> Iterator[bytes]:
    """A sequence of positions, which has no channels yet: whoever runs it adds them."""
    metadata = _metadata(scan, left_out)
    if encoding == "yaml":
        return _yaml(metadata, positions)
    return pieces_of({"metadata": metadata, "stage_positions": map(_place, positions)})


def _metadata(scan: ExportedScan, left_out: int) -> Json:
    return {
        "source": "flakescope",
        "scan_id": scan.id,
        "scan_name": scan.name,
        "criteria": scan.criteria,
        "exported_at": scan.exported_at.isoformat(),
        "left_out": left_out,
    }


def _place(position: Position) -> Json:
    place: Json = {"x": um(position.x_um), "y": um(position.y_um)}
    if position.z_um is not None:
        place["z"] = um(position.z_um)
    return place | {"name": position.label}


def _yaml(metadata: Json, positions: Sequence[Position]) -> Iterator[bytes]:
    yield yaml.safe_dump({"metadata": metadata}, allow_unicode=True, sort_keys=False).encode()
    if not positions:
        yield b"stage_positions: []\n"
        return
    yield b"stage_positions:\n"
    for position in positions:
        # A mapping of JSON on one line is one of YAML too; labels and numbers here are plain.
        yield b"- " + dump(_place(position)) + b"\n"
