import numpy as np
import pytest
from sklearn import metrics

from models.evaluate import evaluate
from models.measures import MEASURES


def drawn(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities in steps of 0.05, so that many are equal."""
    rng = np.random.default_rng(3)
    label = (rng.random(n) < 0.3).astype(np.int8)
    p = np.clip(rng.normal(0.35 + 0.3 * label, 0.2), 0, 1)
    return label, np.round(20 * p) / 20


def test_every_measure_is_that_of_the_well_known_library_also_where_probabilities_are_equal() -> (
    None
):
    label, p = drawn()
    values = {name: f.value for name, f in evaluate(label, p, 0.5).figures.items()}
    called = p >= 0.5
    assert values["accuracy"] == pytest.approx(metrics.accuracy_score(label, called))
    assert values["precision"] == pytest.approx(metrics.precision_score(label, called))
    assert values["recall"] == pytest.approx(metrics.recall_score(label, called))
    assert values["f1"] == pytest.approx(metrics.f1_score(label, called))
    assert values["roc_auc"] == pytest.approx(metrics.roc_auc_score(label, p))
    assert values["average_precision"] == pytest.approx(metrics.average_precision_score(label, p))
    assert values["brier"] == pytest.approx(metrics.brier_score_loss(label, p))
    assert set(values) == set(MEASURES)


def test_a_crops_interval_is_about_as_wide_as_the_binomial_one() -> None:
    label, p = np.ones(400, np.int8), np.where(np.arange(400) < 320, 0.9, 0.1)
    figure = evaluate(label, p, 0.5).figures["recall"]
    half = 1.96 * np.sqrt(0.8 * 0.2 / 400)
    assert figure.low == pytest.approx(0.8 - half, abs=0.01)
    assert figure.high == pytest.approx(0.8 + half, abs=0.01)


def test_the_interval_over_groups_is_wide_where_one_group_fails_as_a_whole() -> None:
    label, group = np.ones(400, np.int8), np.repeat(["A", "B", "C", "D", "E"], 80)
    p = np.where(group == "E", 0.1, 0.9)
    figures = evaluate(label, p, 0.5, group)
    recall = figures.figures["recall"]
    assert figures.groups == 5
    assert recall.group_low < 0.5 < recall.low
    assert recall.group_high == 1


def test_one_group_has_no_interval_over_groups() -> None:
    label, p = drawn()
    figures = evaluate(label, p, 0.5, np.full(len(label), "only"))
    assert np.isnan(figures.figures["f1"].group_low)
    assert np.isfinite(figures.figures["f1"].low)


def test_calibration_error_of_honest_probabilities_is_small_and_of_others_what_they_are_off() -> (
    None
):
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    label = (rng.random(20_000) < p).astype(np.int8)
    assert evaluate(label, p, 0.5).figures["calibration_error"].value < 0.02
    sure = np.full(1000, 0.9)
    half = (np.arange(1000) % 2).astype(np.int8)
    assert evaluate(half, sure, 0.5).figures["calibration_error"].value == pytest.approx(0.4)
