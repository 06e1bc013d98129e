"""Schemas of reviews, of what another model version says, and of images taken again."""

from datetime import datetime
from typing import Any, Literal

from fastapi import UploadFile
from pydantic import Field

from service.scans.tile_schemas import FLAKE, REVIEW, Flake, Label, Review
from service.schemas import Given, Shown, example

PAST = REVIEW | {"undone_at": None, "undone_by": None}


class NewReviews(Given):
    """The same verdict on several flakes."""

    model_config = example({"flake_ids": [17, 18, 25], "label": "not_graphene", "note": "tape"})

    flake_ids: list[int] = Field(description="1 to 1000 flakes; all are reviewed, or none.")
    label: Label
    layers: int | None = Field(None, description="Layers that the person counted.")
    note: str | None = None


class Flakes(Shown):
    """Some flakes."""

    model_config = example({"items": [FLAKE]})

    items: list[Flake]


class UndoReviews(Given):
    """Reviews that no longer count."""

    model_config = example({"review_ids": [41, 42, 43]})

    review_ids: list[int] = Field(description="1 to 1000 reviews, as flakes name them.")


class Undone(Shown):
    """Flakes that lost a review, and those that kept it."""

    model_config = example({"items": [FLAKE], "kept": [18]})

    items: list[Flake]
    kept: list[int] = Field(description="Ids of flakes of which somebody said something since.")


class PastReview(Review):
    """A review of a flake; one that was undone does not count."""

    model_config = example(PAST)

    undone_at: datetime | None
    undone_by: str | None


class Reviews(Shown):
    """Every review of a flake, oldest first."""

    model_config = example({"items": [PAST]})

    items: list[PastReview]


Reason = Literal["near_threshold", "optics_disagree", "new_substrate"]


class WorthReviewing(Shown):
    """A flake, and why its review would teach much."""

    flake: Flake
    merit: float = Field(description="From 0 to 2: the larger, the more a review teaches.")
    reasons: list[Reason]


class ReviewQueue(Shown):
    """Queue of the flakes most worth reviewing, the best first."""

    model_config = example(
        {"items": [{"flake": FLAKE, "merit": 0.94, "reasons": ["near_threshold"]}]}
    )

    items: list[WorthReviewing]


class Change(Shown):
    """One flake of which two model versions say different things."""

    kind: Literal["became_graphene", "no_longer_graphene", "p_changed"]
    flake_id: int = Field(description="It may be gone, where the later version did not find it.")
    p_before: float | None = Field(description="None where the earlier version did not find it.")
    p_after: float | None


class ChangePage(Shown):
    """Some changes, how many there are of each kind, and how to get the next ones."""

    model_config = example(
        {
            "items": [
                {"kind": "became_graphene", "flake_id": 17, "p_before": 0.31, "p_after": 0.92}
            ],
            "next_cursor": None,
            "counts": {"became_graphene": 1, "no_longer_graphene": 0, "p_changed": 0},
        }
    )

    items: list[Change]
    next_cursor: str | None
    counts: dict[str, int]


REVISIT: dict[str, Any] = {
    "id": 7,
    "flake_id": 17,
    "name": "flake 17, 100x.tif",
    "sha256": "9f2feb0f1ef425b292f2f94bc8482494df430413b1fcd26b3a5b4f9ed1b7a6d8",
    "media_type": "image/tiff",
    "um_per_px": 0.0769,
    "stage_x_um": 10234.5,
    "stage_y_um": -881.2,
    "stage_z_um": None,
    "note": "clean edge",
    "created_at": "2026-11-20T10:40:00Z",
}


class NextQuery(Given):
    """Query for flakes that are worth a second look."""

    layers: list[int] = Field([], description="Any of these: `layers=1&layers=2`.")
    min_area_um2: float | None = Field(None, examples=[100])
    min_p: float | None = Field(None, examples=[0.8])


class NextFlake(Shown):
    """Next flake to drive to."""

    model_config = example({"flake": FLAKE | {"review": None}, "merit_um2": 179.2, "waiting": 12})

    flake: Flake | None = Field(description="None where none waits.")
    merit_um2: float | None = Field(description="p_graphene * area_um2")
    waiting: int = Field(description="Flakes that wait for a second look, this one included.")


class NewRevisit(Given):
    """An image taken again of a flake, and how; unknown is left out, never 0."""

    model_config = example({"image": "the bytes of an image", "um_per_px": 0.0769, "screen": True})

    image: UploadFile = Field(description="PNG, JPEG, TIFF, OME-TIFF or BMP.")
    name: str | None = Field(None, description="The file's name if left out.")
    um_per_px: float | None = None
    stage_x_um: float | None = None
    stage_y_um: float | None = None
    stage_z_um: float | None = None
    note: str | None = None
    screen: bool = Field(False, description="Look for flakes on it; they are answered, not saved.")


class Revisit(Shown):
    """An image taken again of a flake."""

    model_config = example(REVISIT)

    id: int
    flake_id: int
    name: str | None
    sha256: str
    media_type: str
    um_per_px: float | None
    stage_x_um: float | None
    stage_y_um: float | None
    stage_z_um: float | None
    note: str | None
    created_at: datetime


class RevisitAdded(Revisit):
    """A revisit, and what was found on it if that was asked."""

    model_config = example(REVISIT | {"flakes": None})

    flakes: list[Flake] | None = Field(None, description="None where `screen` was not asked.")
    # Whether it is new; the answer says that by its status.
    created: bool = Field(default=True, exclude=True)


class RevisitList(Shown):
    """Every revisit of a flake, oldest first."""

    model_config = example({"items": [REVISIT]})

    items: list[Revisit]
