"""From rows to the views that leave the package."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from service.db.queries.reviews import latest_reviews
from service.db.queries.scans import count_flakes, count_tiles
from service.db.tables import Flake, ModelVersion, Review, Scan, Tile
from service.scans.views import (
    FlakeCounts,
    FlakeView,
    LightView,
    ModelVersionView,
    ReviewView,
    ScanView,
    TileCounts,
    TileView,
)

Triple = tuple[float, float, float]


def scan_views(session: Session, scans: Sequence[Scan]) -> list[ScanView]:
    """Scans with their counts."""
    ids = [scan.id for scan in scans]
    tiles, flakes = count_tiles(session, ids), count_flakes(session, ids)
    return [
        ScanView(
            id=scan.id,
            name=scan.name,
            material=scan.material,
            oxide_nm=scan.oxide_nm,
            um_per_px=scan.um_per_px,
            affine=None if scan.affine is None else tuple(scan.affine),
            flip_x=scan.flip_x,
            flip_y=scan.flip_y,
            swap_xy=scan.swap_xy,
            position_reference=scan.position_reference,
            state=scan.state,
            source=scan.source,
            format=scan.format,
            notes=list(scan.notes),
            warnings=list(scan.warnings),
            substrate_id=scan.substrate_id,
            flat_field=scan.flat_field,
            positions=scan.positions,
            error=scan.error,
            created_at=scan.created_at,
            tiles=TileCounts(
                expected=scan.tiles_expected,
                queued=tiles.get((scan.id, "queued"), 0),
                screened=tiles.get((scan.id, "screened"), 0),
                failed=tiles.get((scan.id, "failed"), 0),
            ),
            flakes=FlakeCounts(
                graphene=flakes.get((scan.id, True), 0), other=flakes.get((scan.id, False), 0)
            ),
        )
        for scan in scans
    ]


def tile_view(tile: Tile) -> TileView:
    """One tile."""
    return TileView(
        id=tile.id,
        scan_id=tile.scan_id,
        name=tile.name,
        row=tile.row,
        col=tile.col,
        stage_x_um=tile.stage_x_um,
        stage_y_um=tile.stage_y_um,
        stage_z_um=tile.stage_z_um,
        corrected_x_um=tile.corrected_x_um,
        corrected_y_um=tile.corrected_y_um,
        um_per_px=tile.um_per_px,
        width_px=tile.width_px,
        height_px=tile.height_px,
        sha256=tile.sha256,
        media_type=tile.media_type,
        state=tile.state,
        model_version=tile.model_version,
        light=_light(tile),
        warnings=list(tile.warnings),
        error=tile.error,
        created_at=tile.created_at,
        screened_at=tile.screened_at,
    )


def flake_views(session: Session, flakes: Sequence[Flake]) -> list[FlakeView]:
    """Flakes with their latest reviews."""
    reviews = latest_reviews(session, [flake.id for flake in flakes if flake.is_reviewed])
    return [_flake_view(flake, reviews.get(flake.id)) for flake in flakes]


def review_view(review: Review) -> ReviewView:
    """One review."""
    return ReviewView(
        id=review.id,
        flake_id=review.flake_id,
        label=review.label,
        layers=review.layers,
        note=review.note,
        reviewer=review.reviewer,
        created_at=review.created_at,
        undone_at=review.undone_at,
        undone_by=review.undone_by,
    )


def model_version_view(model: ModelVersion) -> ModelVersionView:
    """One model version."""
    return ModelVersionView(
        version=model.version,
        sha256=model.sha256,
        architecture=model.architecture,
        input_size_px=model.input_size_px,
        threshold=model.threshold,
        temperature=model.temperature,
        data_digest=model.data_digest,
        metrics=model.metrics,
        provenance=model.provenance,
        is_active=model.is_active,
        created_at=model.created_at,
        created_by=model.created_by,
        promoted_at=model.promoted_at,
        promoted_by=model.promoted_by,
        replaced_version=model.replaced_version,
        gate=model.gate,
    )


def _flake_view(flake: Flake, review: Review | None) -> FlakeView:
    return FlakeView(
        id=flake.id,
        scan_id=flake.scan_id,
        tile_id=flake.tile_id,
        p_graphene=flake.p_graphene,
        is_graphene=flake.is_graphene,
        threshold=flake.threshold,
        model_version=flake.model_version,
        layers=flake.layers,
        layers_source=flake.layers_source,
        area_px=flake.area_px,
        area_um2=flake.area_um2,
        bbox_px=(flake.bbox_x_px, flake.bbox_y_px, flake.bbox_width_px, flake.bbox_height_px),
        centre_px=(flake.centre_x_px, flake.centre_y_px),
        polygon_px=flake.polygon_px,
        centre_um=_point(flake.centre_x_um, flake.centre_y_um),
        polygon_um=flake.polygon_um,
        contrast_rgb=(flake.contrast_r, flake.contrast_g, flake.contrast_b),
        touches_border=flake.touches_border,
        is_lost=flake.is_lost,
        review=None if review is None else review_view(review),
    )


def _light(tile: Tile) -> LightView | None:
    if tile.background_rgb is None or tile.noise_rgb is None:
        return None
    if tile.bare_fraction is None or tile.focus is None:
        return None
    return LightView(
        _triple(tile.background_rgb), _triple(tile.noise_rgb), tile.bare_fraction, tile.focus
    )


def _triple(numbers: Sequence[float]) -> Triple:
    r, g, b = numbers
    return r, g, b


def _point(x: float | None, y: float | None) -> tuple[float, float] | None:
    return None if x is None or y is None else (x, y)
