"""Schemas of the curves of a model version, and of what it got wrong."""

from typing import Any, Literal

from pydantic import Field

from service.schemas import Given, Shown, example
from service.training.schemas import EPOCH, Epoch

CURVES: dict[str, Any] = {
    "version": "graphene-1",
    "on": "holdout",
    "name": "holdout-p1-dd38e969",
    "threshold": 0.5,
    "graphene": 234,
    "other": 339,
    "confusion": {"true_graphene": 230, "missed": 4, "false_alarms": 9, "true_other": 330},
    "figures": {
        "accuracy": 0.977,
        "balanced_accuracy": 0.978,
        "precision": 0.962,
        "recall": 0.983,
        "f1": 0.973,
        "false_alarm_rate": 0.027,
        "roc_auc": 0.996,
        "average_precision": 0.994,
        "brier": 0.018,
        "calibration_error": 0.012,
    },
    "roc": [
        {"threshold": None, "false_alarm_rate": 0.0, "recall": 0.0},
        {"threshold": 0.5, "false_alarm_rate": 0.027, "recall": 0.983},
    ],
    "precision_recall": [{"threshold": 0.5, "recall": 0.983, "precision": 0.962}],
    "reliability": [
        {"low": 0.9, "high": 1.0, "p_mean": 0.97, "graphene_share": 0.98, "crops": 201}
    ],
    "training_id": 3,
    "epochs": [EPOCH],
    "misses": [
        {
            "n": 0,
            "p_graphene": 0.97,
            "is_graphene": False,
            "flake_id": None,
            "picture": "/v1/models/graphene-1/misses/0.png?on=holdout",
        }
    ],
}


class CurvesQuery(Given):
    """Query for a model version's curves: the crops that it is judged on."""

    on: Literal["holdout", "reviews"] = Field(
        "holdout", description="The fixed holdout that ships, or the lab's newest sure reviews."
    )


class MissQuery(CurvesQuery):
    """Query for the picture of a miss: the view and the size."""

    view: Literal["colour", "contrast"] = Field(
        "colour", description="Colour: its contrast laid on grey substrate."
    )
    size_px: int = Field(132, description="Side of the picture, 32 to 512.")


class Confusion(Shown):
    """Verdicts at the model's own threshold."""

    model_config = example(CURVES["confusion"])

    true_graphene: int
    missed: int
    false_alarms: int
    true_other: int


class Figures(Shown):
    """At the model's own threshold; the last four over all. None where one is not defined."""

    model_config = example(CURVES["figures"])

    accuracy: float | None
    balanced_accuracy: float | None = Field(description="What the gate compares.")
    precision: float | None
    recall: float | None
    f1: float | None
    false_alarm_rate: float | None
    roc_auc: float | None
    average_precision: float | None
    brier: float | None
    calibration_error: float | None = Field(description="Over 12 bins of equal counts.")


class RocPoint(Shown):
    """From this threshold on; None stands for above every probability."""

    model_config = example(CURVES["roc"][1])

    threshold: float | None
    false_alarm_rate: float
    recall: float


class PrecisionPoint(Shown):
    """From this threshold on."""

    model_config = example(CURVES["precision_recall"][0])

    threshold: float
    recall: float
    precision: float


class Bar(Shown):
    """Crops whose p_graphene lies from `low` to `high`."""

    model_config = example(CURVES["reliability"][0])

    low: float
    high: float
    p_mean: float | None = Field(description="None where there are no crops.")
    graphene_share: float | None
    crops: int


class Miss(Shown):
    """A crop that got the wrong verdict."""

    model_config = example(CURVES["misses"][0])

    n: int
    p_graphene: float
    is_graphene: bool = Field(description="Its label.")
    flake_id: int | None = Field(description="None in the holdout.")
    picture: str = Field(description="Where its picture is.")


class ModelCurves(Shown):
    """A model version judged on labelled crops; lists are empty where there is nothing to draw."""

    model_config = example(CURVES)

    version: str
    on: Literal["holdout", "reviews"]
    name: str = Field(description="Of the crops: figures on others cannot be compared.")
    threshold: float
    graphene: int = Field(description="Crops that are graphene; 0 where nothing is reviewed.")
    other: int
    confusion: Confusion
    figures: Figures
    roc: list[RocPoint] = Field(description="At most 200 points, from none called to all.")
    precision_recall: list[PrecisionPoint] = Field(description="At most 200 points.")
    reliability: list[Bar] = Field(description="Ten bars of equal width.")
    training_id: int | None = Field(description="Where this lab trained it.")
    epochs: list[Epoch] = Field(description="Of that training: loss and F1 by epoch.")
    misses: list[Miss] = Field(description="The surest mistakes first, at most 60.")
