"""Reviews of many flakes, and what is most worth one."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from service.api.schemas.base import Given, Shown, example
from service.api.schemas.flake import FLAKE, REVIEW, Flake, Label

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


class PastReview(Shown):
    """A review of a flake; one that was undone does not count."""

    model_config = example(PAST)

    id: int
    label: Label
    layers: int | None
    note: str | None
    reviewer: str
    created_at: datetime
    undone_at: datetime | None
    undone_by: str | None


class Reviews(Shown):
    """Every review of a flake, oldest first."""

    model_config = example({"items": [PAST]})

    items: list[PastReview]


class WorthReviewing(Shown):
    """A flake, and why its review would teach much."""

    flake: Flake
    merit: float = Field(description="From 0 to 2: the larger, the more a review teaches.")
    reasons: list[Literal["near_threshold", "optics_disagree", "new_substrate"]]


class ReviewQueue(Shown):
    """What is most worth reviewing, the best first."""

    model_config = example(
        {"items": [{"flake": FLAKE, "merit": 0.94, "reasons": ["near_threshold"]}]}
    )

    items: list[WorthReviewing]
