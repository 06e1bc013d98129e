"""What the service answers, as values. Units stand in the names; unknown is None, never 0."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

T = TypeVar("T")
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Flake:
    """A flake as its best tile shows it; `is_graphene` is the model's verdict.

    Attributes
    ----------
    centre_um, polygon_um
        On the stage: drive to `centre_um` to look again.
    review : mapping or None
        A person's latest verdict.
    """

    id: int
    scan_id: int
    tile_id: int
    p_graphene: float
    is_graphene: bool
    layers: int | None
    area_px: int
    area_um2: float | None
    bbox_px: tuple[int, int, int, int]
    centre_px: Point
    polygon_px: tuple[Point, ...]
    centre_um: Point | None
    polygon_um: tuple[Point, ...] | None
    contrast_rgb: tuple[float, float, float]
    touches_border: bool
    model_version: str
    review: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Tile:
    """One image of a scan, as the service keeps it."""

    id: int
    scan_id: int
    name: str | None
    row: int | None
    col: int | None
    stage_x_um: float | None
    stage_y_um: float | None
    stage_z_um: float | None
    um_per_px: float | None
    width_px: int | None
    height_px: int | None
    sha256: str
    state: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TileResult:
    """Result of one tile that was sent.

    Attributes
    ----------
    number : int
        What `send` gave.
    tile, flakes
        None and empty where it was refused.
    error : str or None
        Why it was refused, in the service's words.
    status : int
        Of HTTP: 201 = stored now, 200 = it stood there already; 0 = it never got there.
    """

    number: int
    name: str
    tile: Tile | None
    flakes: tuple[Flake, ...]
    error: str | None
    status: int

    @property
    def ok(self) -> bool:
        """Tell whether the service has it."""
        return self.error is None


@dataclass(frozen=True, slots=True)
class ScanStatus:
    """Status of a scan; `expected` is None where nobody said how many tiles there will be."""

    id: int
    name: str
    state: str
    expected: int | None
    queued: int
    screened: int
    failed: int
    graphene: int
    other: int


@dataclass(frozen=True, slots=True)
class NextFlake:
    """Next flake to look at again: the flake, its merit in um2, and how many wait with it."""

    flake: Flake | None
    merit_um2: float | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Revisit:
    """An image taken again of a flake; `flakes` is what screening found on it, if it was asked."""

    id: int
    flake_id: int
    name: str | None
    sha256: str
    media_type: str
    um_per_px: float | None
    note: str | None
    created_at: str
    flakes: tuple[Mapping[str, Any], ...] | None


def read(kind: type[T], content: Mapping[str, Any]) -> T:
    """Read a value from the service's JSON; what a newer service says beyond it is left out."""
    names = (field.name for field in fields(kind))  # type: ignore[arg-type]
    return kind(**{name: _frozen(content.get(name)) for name in names})


def read_status(scan: Mapping[str, Any]) -> ScanStatus:
    """Read the counts of a scan."""
    return read(ScanStatus, {**scan["tiles"], **scan["flakes"], **scan})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
