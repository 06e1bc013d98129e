"""What another model version says differently."""

from typing import Literal

from pydantic import Field

from service.api.schemas.base import Shown, example


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
