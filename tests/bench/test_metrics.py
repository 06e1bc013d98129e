"""Metrics and their intervals on small cases that can be counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from bench.quality.metrics import bootstrap_weights, counts, estimate, set_metrics
from bench.quality.screen import ScreenedFrame, judge
from service.vision.decode import Tile
from tests.bench.frames import found, frame, region

TILE = Tile(np.full((300, 400, 3), 100, np.uint8))
LEFT, RIGHT, NOWHERE = region(10, 10, 30, 30), region(100, 10, 30, 30), region(200, 100, 30, 30)
MS = {"decode": 10.0, "normalise": 20.0}


def mixed() -> ScreenedFrame:
    """Two flakes: one found with 2 layers too many, one seen but rejected; one false alarm."""
    detections = [found(LEFT, 0.9, 3), found(NOWHERE, 0.8), found(RIGHT, 0.2)]
    return judge(frame(LEFT, RIGHT), TILE, detections, MS)


def perfect() -> ScreenedFrame:
    return judge(frame(LEFT), TILE, [found(LEFT, 0.95)], MS)


def test_metrics_of_one_frame_are_what_one_counts() -> None:
    metrics = {name: value.value for name, value in set_metrics([mixed()]).items()}
    assert metrics["recall"] == 0.5
    assert metrics["candidate_recall"] == 1.0
    assert metrics["precision"] == 0.5
    assert metrics["f1"] == 0.5
    # Ranked hit, false, hit: precision 1 up to recall 1/2, then 2/3.
    assert metrics["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert metrics["mean_iou"] == 1.0
    assert metrics["layer_accuracy"] == 0.0
    assert metrics["false_per_tile"] == 1.0
    assert metrics["candidates_per_tile"] == 3.0
    assert metrics["tile_ms"] == 30.0


def test_counts_are_of_what_is_called_graphene() -> None:
    assert counts([mixed(), perfect()]) == {
        "tiles": 2,
        "flakes": 3,
        "candidate_hits": 3,
        "hit": 2,
        "false": 1,
        "duplicate": 0,
        "ignored": 0,
        "candidates": 4,
    }


def test_a_miss_says_how_close_the_best_candidate_came() -> None:
    (miss,) = mixed().misses
    assert (miss.flake.region, miss.iou, miss.p_graphene) == (RIGHT, 1.0, pytest.approx(0.2))


def test_a_set_without_flakes_has_false_alarms_but_no_recall() -> None:
    metrics = set_metrics([judge(frame(), TILE, [found(NOWHERE)], MS)])
    assert metrics["recall"].value is None
    assert metrics["f1"].value is None
    assert metrics["precision"].value == 0.0
    assert metrics["false_per_tile"].value == 1.0


def test_the_interval_of_equal_frames_is_a_point() -> None:
    recall = set_metrics([perfect()] * 5)["recall"]
    assert (recall.low, recall.value, recall.high) == (1.0, 1.0, 1.0)


def test_the_interval_over_unequal_frames_holds_the_value_and_narrows_with_more() -> None:
    few = set_metrics([mixed(), perfect()] * 3)["recall"]
    many = set_metrics([mixed(), perfect()] * 30)["recall"]
    assert few.value == many.value == pytest.approx(2 / 3)
    assert few.low < many.low < many.value < many.high < few.high  # type: ignore[operator]


def test_an_interval_covers_the_middle_95_percent_of_the_replicates() -> None:
    values = np.concatenate([[50.0], np.arange(101.0)])
    assert (estimate(values).low, estimate(values).high) == pytest.approx((2.5, 97.5))


def test_replicates_in_which_a_metric_is_undefined_are_left_out() -> None:
    values = np.array([0.5, np.nan, 0.4, 0.6])
    assert estimate(values).low == pytest.approx(0.405)
    assert estimate(np.array([np.nan, 1.0])).value is None


def test_every_replicate_draws_as_many_frames_as_there_are() -> None:
    weights = bootstrap_weights(7, replicates=50)
    assert weights.shape == (51, 7)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 7).all()


def test_a_frame_counts_in_the_metrics_however_it_is_ordered() -> None:
    frames = [mixed(), perfect(), replace(perfect(), ms={})]
    forward, backward = set_metrics(frames), set_metrics(frames[::-1])
    assert forward["average_precision"].value == backward["average_precision"].value
