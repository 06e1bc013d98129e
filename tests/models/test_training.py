import numpy as np
import pytest
import torch

from models.augment import Jitter, augment
from models.calibrate import fit_temperature, probability, threshold_of_recall
from models.evaluate import evaluate
from models.examples.labelled import join
from models.folds import group_folds, split
from models.networks import build
from models.ship import balanced_weights, calibrate
from models.train import TrainConfig, learning_rate_factor, predict, sampling_weights, train
from service.errors import InvalidValue
from tests.models.drawn_examples import draw_examples

SHORT = TrainConfig(steps=30, batch=32, threads=1, ema_decay=0.8, shares={"frame": 1.0})


def test_a_trained_network_gives_graphene_the_higher_logits() -> None:
    examples = draw_examples()
    network = train(build("flakenet"), examples, SHORT)
    logits = predict(network, examples)
    assert logits[examples.label == 1].min() > logits[examples.label == 0].max()


def test_the_same_seed_trains_the_same_network() -> None:
    examples = draw_examples()
    short = TrainConfig(steps=2, batch=8, threads=1, shares={"frame": 1.0})
    logits = []
    for _ in range(2):
        torch.manual_seed(1)
        logits.append(predict(train(build("flakenet"), examples, short), examples))
    assert np.array_equal(*logits)


def test_an_unknown_network_is_refused_with_the_names_of_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match="flakenet"):
        build("alexnet2")


def test_no_group_is_in_both_halves_of_a_fold() -> None:
    real = draw_examples(groups=("A", "B", "C", "W-train", "W-test"))
    synthetic = draw_examples(groups=("synthetic",))
    examples = join([real, synthetic])
    tested = np.zeros(len(examples), np.int64)
    for seen, held_out in split(examples, 3):
        assert set(examples.group[seen]).isdisjoint(examples.group[held_out])
        assert not (examples.group[held_out] == "synthetic").any()
        tested += held_out
    assert tested[: len(real)].tolist() == [1] * len(real)
    assert not tested[len(real) :].any()


def test_both_halves_of_one_acquisition_are_held_out_together() -> None:
    groups = np.array(["A", "B", "W-train", "W-test"])
    together = [fold for fold in group_folds(groups, 4) if "W-train" in fold]
    assert together == [{"W-train", "W-test"}]


def test_every_source_has_its_share_of_a_batch_and_each_class_its_part() -> None:
    many, few = draw_examples(64, source="rendered"), draw_examples(8, source="frame")
    config = TrainConfig(shares={"rendered": 0.75, "frame": 0.25}, positive_share=0.4)
    examples = join([many, few])
    weights = sampling_weights(examples, config)
    assert weights[examples.source == "frame"].sum() == pytest.approx(0.25)
    assert weights[examples.label == 1].sum() == pytest.approx(0.4)


def test_the_learning_rate_rises_and_falls_to_nothing() -> None:
    config = TrainConfig(steps=100, warm_up=0.1)
    factors = [learning_rate_factor(step, config) for step in range(101)]
    assert max(factors) == 1
    assert factors[0] < 0.2
    assert factors[-1] == pytest.approx(0, abs=1e-6)


def test_augmentation_keeps_what_is_darker_darker_and_what_is_brighter_brighter() -> None:
    examples = draw_examples()
    crops = torch.from_numpy(examples.crops).float()
    for seed in range(8):
        varied = augment(crops, Jitter(), torch.Generator().manual_seed(seed)).numpy()
        assert varied.shape == crops.shape
        assert np.abs(varied[..., :3]).max() <= 1
        for crop, label in zip(varied, examples.label, strict=True):
            inside = crop[..., :3][crop[..., 3] > 0.9].mean(axis=0)
            assert ((inside < 0) == (label == 1)).all()


def test_gamma_one_and_no_jitter_leaves_a_crop_as_it_was_but_for_a_turn() -> None:
    still = Jitter((1, 1), 0, vivid=0, offset=0, noise=0, blur=0, turned=0, outline=0)
    crops = torch.from_numpy(draw_examples(4).crops).float()
    varied = augment(crops, still, torch.Generator().manual_seed(0))
    assert torch.allclose(
        varied.flatten(1).sort().values, crops.flatten(1).sort().values, atol=1e-6
    )


def test_precision_and_recall_are_those_of_graphene() -> None:
    label = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], np.int8)
    p = np.array([0.9, 0.9, 0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1])
    figures = evaluate(label, p, 0.5)
    assert figures.confusion == (5, 1, 1, 3)
    assert figures.figures["recall"].value == pytest.approx(3 / 4)
    assert figures.figures["precision"].value == pytest.approx(3 / 4)
    assert figures.figures["f1"].low <= 0.75 <= figures.figures["f1"].high


def test_figures_that_need_both_classes_are_not_invented_for_one() -> None:
    figures = evaluate(np.zeros(5, np.int8), np.full(5, 0.1), 0.5)
    assert np.isnan(figures.figures["recall"].value)
    assert np.isnan(figures.figures["roc_auc"].value)
    assert figures.figures["false_alarms"].value == 0


def test_temperature_makes_overconfident_logits_honest() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, 20_000)
    label = (rng.random(20_000) < probability(honest, 1)).astype(np.int8)
    even = np.full(20_000, 1 / 20_000)
    assert fit_temperature(3 * honest, label, even) == pytest.approx(3, rel=0.05)


def test_a_threshold_reaches_the_wanted_recall_and_no_more() -> None:
    label = np.array([1] * 10 + [0] * 10, np.int8)
    p = np.concatenate([np.linspace(0.1, 1.0, 10), np.linspace(0, 0.5, 10)])
    threshold = threshold_of_recall(label, p, 0.8)
    assert np.mean(p[:10] >= threshold) == pytest.approx(0.8)


def test_a_stated_recall_sets_the_threshold() -> None:
    examples = draw_examples(64)
    logits = np.where(examples.label == 1, np.linspace(-2, 5, 64), -3)
    temperature, threshold = calibrate(examples, logits, recall=0.75)
    found = probability(logits, temperature)[examples.label == 1] >= threshold
    assert found.mean() == pytest.approx(0.75)


def test_each_class_of_each_source_counts_the_same_in_calibration() -> None:
    examples = join([draw_examples(64, source="frame"), draw_examples(8, source="tight")])
    weight = balanced_weights(examples.source, examples.label)
    assert weight[examples.source == "tight"].sum() == pytest.approx(0.5)
    temperature, threshold = calibrate(examples, np.where(examples.label == 1, 3.0, -3.0))
    assert temperature > 0
    assert threshold == 0.5  # even odds, unless a recall is asked for
