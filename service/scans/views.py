"""Read rows into the frozen views that leave the domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from service.checks import found
from service.db.queries.reviews import latest_reviews
from service.db.queries.scans import count_flakes, count_tiles
from service.db.tables import Flake, ModelVersion, Review, Scan, Tile

PointPx = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TileCounts:
    """Tiles of a scan; `expected` is None where nobody said how many there will be."""

    expected: int | None
    queued: int
    screened: int
    failed: int


@dataclass(frozen=True, slots=True)
class FlakeCounts:
    """Flakes of a scan, by the verdict of the model."""

    graphene: int
    other: int


@dataclass(frozen=True, slots=True)
class ScanView:
    """A scan and how far it is.

    Attributes
    ----------
    source, format, notes
        What it was brought in from, as what it was read, and what is to be said about that.
    warnings : list of str
        What its last run noticed about light and positions.
    flat_field : {"none", "auto", "given"}
        Where the light over its tiles is known from.
    positions : {"stated", "corrected"}
        Which positions of its tiles its map has.
    error : str or None
        Why it failed as a whole.
    """

    id: int
    name: str
    material: str | None
    oxide_nm: float | None
    um_per_px: float | None
    affine: tuple[float, ...] | None
    flip_x: bool
    flip_y: bool
    swap_xy: bool
    position_reference: str
    state: str
    source: str | None
    format: str | None
    notes: list[str]
    warnings: list[str]
    substrate_id: int | None
    flat_field: str
    positions: str
    error: str | None
    created_at: datetime
    tiles: TileCounts
    flakes: FlakeCounts


@dataclass(frozen=True, slots=True)
class LightView:
    """How a tile was lit; see `service.vision.normalise.Light`."""

    background_rgb: tuple[float, float, float]
    noise_rgb: tuple[float, float, float]
    bare_fraction: float
    focus: float


@dataclass(frozen=True, slots=True)
class TileView:
    """A tile of a scan. `um_per_px` is the tile's own or its scan's."""

    id: int
    scan_id: int
    name: str | None
    row: int | None
    col: int | None
    stage_x_um: float | None
    stage_y_um: float | None
    stage_z_um: float | None
    corrected_x_um: float | None
    corrected_y_um: float | None
    um_per_px: float | None
    width_px: int | None
    height_px: int | None
    sha256: str
    media_type: str
    state: str
    model_version: str | None
    light: LightView | None
    warnings: list[str]
    error: str | None
    created_at: datetime
    screened_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A person's verdict on a flake; one that was undone does not count."""

    id: int
    flake_id: int
    label: str
    layers: int | None
    note: str | None
    reviewer: str
    created_at: datetime
    undone_at: datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class FlakeView:
    """A flake as its best tile shows it.

    Attributes
    ----------
    tile_id .. contrast_rgb
        Pixels belong to the tile `tile_id`. `area_um2`, `centre_um` and `polygon_um` are of the
        whole flake, joined from several tiles where none holds it whole.
    touches_border : bool
        Part of the flake lies outside all tiles.
    is_lost : bool
        Nothing on the tiles as they are now supports the flake: kept only for its review.
    review : ReviewView or None
        The latest.
    """

    id: int
    scan_id: int
    tile_id: int
    p_graphene: float
    is_graphene: bool
    threshold: float
    model_version: str
    layers: int | None
    layers_source: str | None
    area_px: int
    area_um2: float | None
    bbox_px: tuple[int, int, int, int]
    centre_px: PointPx
    polygon_px: list[list[float]]
    centre_um: tuple[float, float] | None
    polygon_um: list[list[float]] | None
    contrast_rgb: tuple[float, float, float]
    touches_border: bool
    is_lost: bool
    review: ReviewView | None


@dataclass(frozen=True, slots=True)
class TileAdded:
    """A tile and every flake on it; `created` is False where it stood there already."""

    tile: TileView
    flakes: list[FlakeView]
    created: bool


@dataclass(frozen=True, slots=True)
class ScanPage:
    """Some scans, newest first, and the cursor of the next page (None on the last)."""

    items: list[ScanView]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class TilePage:
    """Some tiles of a scan, oldest first, and the cursor of the next page (None on the last)."""

    items: list[TileView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class FlakePage:
    """Some flakes, how many match in all, and the cursor of the next page (None on the last).

    Where `total_is_exact` is False, at least so many match.
    """

    items: list[FlakeView]
    next_cursor: str | None
    total: int
    total_is_exact: bool


@dataclass(frozen=True, slots=True)
class ModelVersionView:
    """One exported network.

    Attributes
    ----------
    sha256 : str
        Of the ONNX file, which stands in the blob store or ships with the service.
    metrics, provenance : dict
        As its training wrote them.
    created_by, promoted_by : str or None
        The token's name; None where the service did it by itself.
    replaced_version : str or None
        What was active before it.
    gate : dict or None
        What was measured and said at its last promotion.
    """

    version: str
    sha256: str
    architecture: str | None
    input_size_px: int
    threshold: float
    temperature: float
    data_digest: str
    metrics: dict[str, object]
    provenance: dict[str, object]
    is_active: bool
    created_at: datetime
    created_by: str | None
    promoted_at: datetime | None
    promoted_by: str | None
    replaced_version: str | None
    gate: dict[str, object] | None


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


def flake_row(session: Session, flake_id: int) -> Flake:
    """The row as it is now; raises `NotFound`."""
    return found(session.get(Flake, flake_id, populate_existing=True), f"flake {flake_id}")
