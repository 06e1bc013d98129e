"""Write flakes as CSV and JSON, in pieces."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.exports.writers.rows import ExportedFlake, ExportedScan, Points

Json = dict[str, Any]


def pieces_of(members: Mapping[str, Any]) -> Iterator[bytes]:
    """Write a JSON object member by member, one item of each iterator a line.

    A member that is a function is called when its turn comes: what it gives may depend on the
    members before it.
    """
    between = "{\n"
    for name, given in members.items():
        value = given() if callable(given) else given
        yield f"{between}{json.dumps(name)}: ".encode()
        if isinstance(value, Iterator):
            yield from _list(value)
        else:
            yield dump(value)
        between = ",\n"
    yield b"\n}\n"


def dump(value: Any) -> bytes:
    """Encode one value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _list(items: Iterable[Any]) -> Iterator[bytes]:
    between = b"[\n"
    for item in items:
        yield between + dump(item)
        between = b",\n"
    yield b"[]" if between == b"[\n" else b"\n]"


# A tenth of a nanometre: finer than any stage, and short.
_DIGITS_UM = 4


def um(value: float) -> float:
    """Round a length in um to a tenth of a nanometre; -0.0 becomes 0.0."""
    return round(value, _DIGITS_UM) + 0.0


def um_or_none(value: float | None) -> float | None:
    """Round a length as `um` does; unknown (None) stays unknown."""
    return None if value is None else um(value)


def flakes_json(scan: ExportedScan, flakes: Iterable[ExportedFlake]) -> Iterator[bytes]:
    """Write `{"scan": {...}, "flakes": [...]}` with one flake a line."""
    return pieces_of({"scan": scan_json(scan), "flakes": map(flake_json, flakes)})


def scan_json(scan: ExportedScan) -> Json:
    """Describe a scan in JSON fields."""
    return {
        "id": scan.id,
        "name": scan.name,
        "material": scan.material,
        "oxide_nm": scan.oxide_nm,
        "um_per_px": scan.um_per_px,
        "state": scan.state,
        "tiles": {"screened": scan.tiles_screened, "failed": scan.tiles_failed},
        "flakes": {"graphene": scan.flakes_graphene, "other": scan.flakes_other},
        "model_versions": list(scan.model_versions),
        "created_at": scan.created_at.isoformat(),
        "exported_at": scan.exported_at.isoformat(),
        "criteria": scan.criteria,
    }


def flake_json(flake: ExportedFlake) -> Json:
    """Describe a flake in the API's fields, with its label, its tile's name and its focus."""
    x_um, y_um = flake.centre_um or (None, None)
    return {
        "id": flake.id,
        "label": flake.label,
        **verdict_json(flake),
        "bbox_px": list(flake.bbox_px),
        "centre_px": [round(px, 3) for px in flake.centre_px],
        "polygon_px": flake.polygon_px,
        "centre_um": None if x_um is None or y_um is None else [um(x_um), um(y_um)],
        "polygon_um": polygon(flake.polygon_um),
    }


def verdict_json(flake: ExportedFlake) -> Json:
    """Describe all of a flake but its id and its places."""
    review = flake.review
    return {
        "scan_id": flake.scan_id,
        "tile_id": flake.tile.id,
        "tile_name": flake.tile.name,
        "p_graphene": round(flake.p_graphene, 6),
        "is_graphene": flake.is_graphene,
        "threshold": round(flake.threshold, 6),
        "model_version": flake.model_version,
        "layers": flake.layers,
        "layers_source": flake.layers_source,
        "area_px": flake.area_px,
        "area_um2": um_or_none(flake.area_um2),
        "stage_z_um": um_or_none(flake.stage_z_um),
        "contrast_rgb": [round(one, 5) for one in flake.contrast_rgb],
        "touches_border": flake.touches_border,
        "review": None
        if review is None
        else {
            "label": review.label,
            "layers": review.layers,
            "note": review.note,
            "reviewer": review.reviewer,
            "created_at": review.created_at.isoformat(),
        },
    }


def polygon(points: Points | None) -> Points | None:
    """Round an outline in um; None stays None."""
    return None if points is None else [[um(x), um(y)] for x, y in points]
