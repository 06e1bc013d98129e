from pathlib import Path

import numpy as np
import pytest

from models import plots
from models.report.learning import Losses, fit_decay, verdict
from models.report.page import gallery, page
from models.report.training import Judged, write_report
from tests.models.drawn_examples import draw_examples

EPOCHS = np.arange(30)


def decaying(scale: float, floor: float = 0.2) -> list[float]:
    rng = np.random.default_rng(0)
    return (floor + 0.5 * np.exp(-EPOCHS / scale) + rng.normal(0, 0.003, 30)).tolist()


def test_the_fitted_curve_finds_floor_span_and_scale_again() -> None:
    fit = fit_decay(decaying(6))
    assert fit.floor == pytest.approx(0.2, abs=0.01)
    assert fit.span == pytest.approx(0.5, abs=0.02)
    assert fit.scale == pytest.approx(6, rel=0.1)


def test_a_loss_that_has_reached_its_floor_has_converged() -> None:
    assert verdict(Losses(decaying(4), decaying(4))) == "converged"


def test_a_loss_that_still_falls_is_still_learning() -> None:
    assert verdict(Losses(decaying(25), decaying(25))) == "still learning"
    assert verdict(Losses(decaying(25))) == "still learning"


def test_a_validation_loss_that_rises_while_the_training_loss_falls_is_overfitting() -> None:
    rising = (0.4 + 0.3 * np.exp(-EPOCHS / 2) + 0.01 * np.maximum(EPOCHS - 8, 0)).tolist()
    assert verdict(Losses(decaying(8, floor=0), rising)) == "overfitting"


def test_few_epochs_tell_nothing() -> None:
    assert verdict(Losses([0.5, 0.4, 0.3])) == "too short to tell"


def test_a_constant_loss_has_converged_and_does_not_break_the_fit() -> None:
    assert verdict(Losses([0.69] * 10)) == "converged"


def test_a_report_is_one_file_that_needs_no_other_and_shows_what_was_missed(
    tmp_path: Path,
) -> None:
    examples = draw_examples(64)
    p = np.where(examples.label == 1, 0.9, 0.1)
    p[1], p[2] = 0.2, 0.8  # one missed, one false
    judged = Judged(examples, p, 0.5, "out of fold")
    losses = Losses(decaying(4), decaying(4))
    figures = write_report(tmp_path / "r.html", "a <run>", {"ms per crop": "0.2"}, judged, losses)
    text = (tmp_path / "r.html").read_text()
    assert figures.confusion == (31, 1, 1, 31)
    assert "a &lt;run&gt;" in text
    assert "Missed graphene: 1" in text
    assert "False alarms: 1" in text
    assert "Learning: converged" in text
    assert text.count("<img") == 2
    assert text.count("<svg") == 5
    for outside in ('src="http', 'href="http', "<script", "<link"):
        assert outside not in text


def test_pictures_of_the_same_figures_are_the_same() -> None:
    label = np.array([0, 1, 0, 1], np.int8)
    curves = {"network": (label, np.array([0.1, 0.8, 0.3, 0.6]))}
    assert plots.roc(curves) == plots.roc(curves)
    assert plots.precision_recall(curves).startswith("<svg")


def test_captions_are_text_never_markup() -> None:
    assert "<script>" not in page("t", [gallery([("data:,", "<script>")])])
