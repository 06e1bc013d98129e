"""JSON with every field of the API, and the parts of it that other JSON formats share."""

from collections.abc import Iterable, Iterator

from service.exports.json_pieces import Json, pieces_of
from service.exports.numbers import um, um_or_none
from service.exports.rows import ExportedFlake, ExportedScan, Points


def flakes_json(scan: ExportedScan, flakes: Iterable[ExportedFlake]) -> Iterator[bytes]:
    """`{"scan": {...}, "flakes": [...]}` with one flake a line."""
    return pieces_of({"scan": scan_json(scan), "flakes": map(flake_json, flakes)})


def scan_json(scan: ExportedScan) -> Json:
    """What is said of a scan."""
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
    """A flake in the API's fields, with its label, its tile's name and its focus."""
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
    """All of a flake but its id and its places."""
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
    """An outline in um."""
    return None if points is None else [[um(x), um(y)] for x, y in points]
