"""What the scans package gives to its callers: frozen, detached from any session."""

from dataclasses import dataclass
from datetime import datetime

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
