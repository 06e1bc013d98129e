"""Flakes of a screening that nobody saved."""

from service.api.schemas.flake import Flake
from service.screening.pipeline import Screening
from service.vision.decode import Tile


def unsaved_flakes(tile: Tile, screening: Screening) -> list[Flake]:
    """Every candidate of one image as a flake without ids and without a place on the stage."""
    um2_per_px = None if tile.um_per_px is None else tile.um_per_px**2
    return [
        Flake(
            id=None,
            scan_id=None,
            tile_id=None,
            p_graphene=found.p_graphene,
            is_graphene=found.is_graphene,
            threshold=screening.threshold,
            model_version=screening.model_version,
            layers=found.layers.layers,
            layers_source=found.layers.source,
            area_px=found.measurement.area_px,
            area_um2=None if um2_per_px is None else found.measurement.area_px * um2_per_px,
            bbox_px=found.measurement.bbox_px,
            centre_px=found.measurement.centre_px,
            polygon_px=found.measurement.polygon_px.tolist(),
            centre_um=None,
            polygon_um=None,
            contrast_rgb=found.measurement.contrast_rgb,
            touches_border=found.measurement.touches_border,
            is_lost=False,
            review=None,
        )
        for found in screening.detections
    ]
