"""Figures and curves of a model's answers."""

import numpy as np
import pytest

from models.evaluate import evaluate
from service.registry.figures import MOST_POINTS, judge, worst

RANDOM = np.random.default_rng(5)
TRUTH = RANDOM.random(700) < 0.4
# Some equal, as networks that are sure give them.
P = np.round(np.clip(RANDOM.normal(0.35 + 0.3 * TRUTH, 0.2), 0, 1), 2)


def test_figures_are_those_of_a_trainings_report():
    judged = judge(P, TRUTH, 0.5)
    report = evaluate(TRUTH.astype(np.int8), P, 0.5).figures
    ours = {
        "accuracy": judged.figures.accuracy,
        "precision": judged.figures.precision,
        "recall": judged.figures.recall,
        "f1": judged.figures.f1,
        "false_alarms": judged.figures.false_alarm_rate,
        "roc_auc": judged.figures.roc_auc,
        "average_precision": judged.figures.average_precision,
        "brier": judged.figures.brier,
    }
    for name, value in ours.items():
        assert value == pytest.approx(report[name].value), name


def test_curves_go_from_none_called_to_all_and_fit_a_plot():
    p = RANDOM.random(3000)
    judged = judge(p, p + RANDOM.normal(0, 0.3, 3000) > 0.5, 0.5)
    assert (judged.roc[0].false_alarm_rate, judged.roc[0].recall) == (0, 0)
    assert (judged.roc[-1].false_alarm_rate, judged.roc[-1].recall) == (1, 1)
    assert len(judged.roc) <= MOST_POINTS
    recalls = [point.recall for point in judged.precision_recall]
    assert recalls == sorted(recalls)
    assert sum(bar.crops for bar in judged.reliability) == 3000
    for bar in judged.reliability:
        assert bar.p_mean is not None
        assert bar.low <= bar.p_mean <= bar.high


def test_confusion_is_at_the_models_own_threshold():
    confusion = judge(np.array([0.9, 0.7, 0.2, 0.8]), np.array([True, False, True, True]), 0.75)
    both = confusion.confusion
    assert (both.true_graphene, both.missed, both.false_alarms, both.true_other) == (2, 1, 0, 1)


@pytest.mark.parametrize("labels", [[], [True, True], [False]])
def test_what_is_not_defined_is_none_and_draws_nothing(labels: list[bool]):
    truth = np.array(labels, np.bool_)
    judged = judge(np.full(len(labels), 0.7), truth, 0.5)
    assert (judged.roc, judged.precision_recall) == ([], [])
    assert judged.figures.roc_auc is None
    assert judged.figures.balanced_accuracy is None
    assert (judged.graphene, judged.other) == (sum(labels), len(labels) - sum(labels))


def test_the_surest_mistakes_come_first():
    p = np.array([0.9, 0.6, 0.05, 0.99, 0.4])
    truth = np.array([False, False, True, True, False])
    assert worst(p, truth, 0.5, 10).tolist() == [2, 0, 1]
    assert worst(p, truth, 0.5, 1).tolist() == [2]
