"""Schemas of scans."""

from datetime import datetime
from typing import Any, Literal

from fastapi import UploadFile
from pydantic import Field

from service.schemas import Given, Shown, example

SCAN: dict[str, Any] = {
    "id": 3,
    "name": "chip 12, after cleaving",
    "material": "graphene",
    "oxide_nm": 90,
    "um_per_px": 0.3844,
    "um_per_px_from": "stated",
    "files_um_per_px": None,
    "affine": None,
    "flip_x": False,
    "flip_y": True,
    "swap_xy": False,
    "position_reference": "centre",
    "state": "open",
    "source": None,
    "format": None,
    "notes": [],
    "warnings": [],
    "substrate_id": None,
    "flat_field": "none",
    "positions": "stated",
    "error": None,
    "created_at": "2026-11-20T10:20:00Z",
    "tiles": {"expected": None, "queued": 0, "screened": 41, "failed": 0},
    "flakes": {"graphene": 6, "other": 133},
}


class ScanFields(Given):
    """Fields that may be said about a scan; unknown is left out, never 0."""

    material: str | None = None
    oxide_nm: float | None = None
    um_per_px: float | None = None
    affine: tuple[float, ...] | None = Field(
        default=None,
        description="From pixels to the stage in um, in Micro-Manager's order; "
        "takes the place of scale, flips and swap.",
    )
    flip_x: bool = False
    flip_y: bool = False
    swap_xy: bool = False
    position_reference: Literal["centre", "top_left"] = "centre"
    substrate_id: int | None = Field(
        default=None,
        description="Contrasts measured on its wafer; they override the thin-film model.",
    )
    flat_field: Literal["none", "auto"] = Field(
        default="none",
        description="auto: learnt from the scan's own tiles before they are screened.",
    )


class NewScan(ScanFields):
    """Request for a new scan; unknown is left out, never 0."""

    model_config = example(
        {
            "name": "chip 12, after cleaving",
            "material": "graphene",
            "oxide_nm": 90,
            "um_per_px": 0.3844,
            "flip_y": True,
        }
    )

    name: str
    source: str | None = Field(default=None, description="What its tiles come from, to find it by.")
    tiles_expected: int | None = Field(
        default=None, description="With so many tiles screened or failed the scan is done."
    )
    format: str | None = Field(default=None, description="As what its folder was read.")
    notes: list[str] = Field(
        default=[], description="What is to be said about how its folder was read."
    )
    um_per_px_from: Literal["stated", "files"] = Field(
        default="stated", description="stated: by a person; it counts for every tile."
    )
    files_um_per_px: float | None = Field(
        default=None, description="What its files say of the scale, whatever um_per_px is."
    )


class ArchiveFields(ScanFields):
    """Fields that may be said about an archive; where nothing is said, its files are asked."""

    name: str | None = Field(default=None, description="The file's or folder's if left out.")
    again: bool = Field(
        default=False, description="A new scan, although the same was brought in before."
    )


class Import(ArchiveFields):
    """A folder to bring in, and what may be said about it."""

    model_config = example({"folder": "/data/scans/chip 12", "oxide_nm": 90})

    folder: str


class ScanChanges(Given):
    """What is to be changed; what is left out stays.

    Another scale has every tile screened again, another orientation has every flake placed and
    merged again. All else counts from the next screening on, which `rescreen` asks for.
    """

    model_config = example({"oxide_nm": 90, "substrate_id": 2, "flat_field": "auto"})

    name: str = ""
    material: str | None = None
    oxide_nm: float | None = None
    substrate_id: int | None = None
    flat_field: Literal["none", "auto"] = "none"
    um_per_px: float | None = Field(default=None, description="Counts for every tile.")
    affine: tuple[float, ...] | None = None
    flip_x: bool = Field(default=False, description="Flips and swap take the place of affine.")
    flip_y: bool = False
    swap_xy: bool = False
    position_reference: Literal["centre", "top_left"] = "centre"
    format: str | None = None
    notes: list[str] = Field(default=[])
    rescreen: bool = Field(
        default=False, description="Screen its tiles again at once, so that all of it counts."
    )


class NewFlatField(Given):
    """A picture of empty substrate."""

    model_config = example({"image": "the bytes of empty.png"})

    image: UploadFile = Field(description="As large as the tiles, under the same light.")


class Rescreen(Given):
    """Request to screen a scan's tiles again: which of them, and with which model version."""

    model_config = example({"model_version": "graphene-2", "missing": False})

    model_version: str | None = Field(default=None, description="The active one if left out.")
    missing: bool = Field(default=False, description="Only tiles that have no result.")


class TileCounts(Shown):
    """Tiles of a scan."""

    expected: int | None
    queued: int
    screened: int
    failed: int


class FlakeCounts(Shown):
    """Flakes of a scan, by the model's verdict."""

    graphene: int
    other: int


class Scan(Shown):
    """A scan and how far it is."""

    model_config = example(SCAN)

    id: int
    name: str
    material: str | None
    oxide_nm: float | None
    um_per_px: float | None
    um_per_px_from: Literal["stated", "files"]
    files_um_per_px: float | None
    affine: tuple[float, ...] | None
    flip_x: bool
    flip_y: bool
    swap_xy: bool
    position_reference: str
    state: Literal["open", "queued", "screening", "done", "failed", "cancelled"]
    source: str | None
    format: str | None = Field(description="As what a folder or an archive was read.")
    notes: list[str] = Field(description="What is to be said about how it was read.")
    warnings: list[str] = Field(
        description="What its last run noticed: images that contradict positions, changed light."
    )
    substrate_id: int | None
    flat_field: Literal["none", "auto", "given"] = Field(
        description="Where the light over its tiles is known from."
    )
    positions: Literal["stated", "corrected"] = Field(
        description="Which positions of its tiles its flakes lie by."
    )
    error: str | None = Field(description="Why it failed as a whole.")
    created_at: datetime
    tiles: TileCounts
    flakes: FlakeCounts


class ScanPage(Shown):
    """Some scans, newest first."""

    model_config = example({"items": [SCAN], "next_cursor": None, "total": 1})

    items: list[Scan]
    next_cursor: str | None
    total: int
