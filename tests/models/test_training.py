from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.augment import Jitter, augment
from models.calibrate import balanced_weights, fit_temperature, probability, threshold_of_recall
from models.evaluate import evaluate
from models.examples.labelled import Examples, join
from models.folds import group_folds, split
from models.networks import build
from models.ship import calibrate
from models.train import train
from models.training.batches import Batches, graphene_weight, sampling_weights
from models.training.config import (
    NetworkConfig,
    RunConfig,
    TrainConfig,
    changed,
    read_config,
    write_config,
)
from models.training.held_out import hold_out
from models.training.judge import judge, predict
from models.training.optimiser import rate_factor
from models.training.place import Place
from models.training.run_folder import Taught, read_network, read_result, read_sample, write_result
from service.errors import InvalidValue, NotFound
from tests.models.drawn_examples import draw_examples
from tests.models.train_drawn import STILL

SHORT = TrainConfig(
    epochs=3, epoch_steps=10, batch=32, threads=1, ema_decay=0.8, shares={"frame": 1.0}
)
QUICK = TrainConfig(
    epochs=2, epoch_steps=10, batch=16, threads=1, ema_decay=0, sampling="balanced", jitter=STILL
)
CPU = torch.device("cpu")


def test_a_trained_network_gives_graphene_the_higher_logits() -> None:
    examples = draw_examples()
    network = train(build("flakenet"), examples, SHORT).network
    logits = predict(network, examples)
    assert logits[examples.label == 1].min() > logits[examples.label == 0].max()


def test_the_same_seed_trains_the_same_network() -> None:
    examples = draw_examples()
    short = replace(SHORT, epochs=1, epoch_steps=2, batch=8)
    logits = []
    for _ in range(2):
        torch.manual_seed(1)
        logits.append(predict(train(build("flakenet"), examples, short).network, examples))
    assert np.array_equal(*logits)


@pytest.mark.parametrize(
    ("optimiser", "rate"),
    [("sgd", 0.3), ("momentum", 0.2), ("rmsprop", 1e-3), ("adam", 3e-3), ("adamw", 3e-3)],
)
def test_every_optimiser_learns(optimiser: str, rate: float) -> None:
    torch.manual_seed(0)
    config = changed(QUICK, {"optimiser": optimiser, "learning_rate": str(rate), "epochs": "4"})
    examples = draw_examples()
    before = judge(build("lenet5"), examples).loss
    trained = train(build("lenet5", dropout=0), examples, config, examples)
    assert trained.epochs[-1].validation_loss is not None
    assert trained.epochs[-1].validation_loss < 0.8 * before


def test_an_epoch_tells_losses_figures_rate_and_time() -> None:
    examples = draw_examples()
    epochs = train(build("lenet5"), examples, QUICK, examples).epochs
    assert [epoch.number for epoch in epochs] == [1, 2]
    assert epochs[0].left_s == pytest.approx(epochs[0].took_s)
    assert epochs[1].left_s == 0
    assert epochs[1].learning_rate < epochs[0].learning_rate
    assert set(epochs[1].figures) >= {"f1", "recall", "precision", "roc_auc"}


def test_half_precision_is_off_on_the_cpu_and_the_result_says_so() -> None:
    config = replace(QUICK, epochs=1, mixed_precision=True)
    assert train(build("lenet5"), draw_examples(8), config).precision == "float32"


def test_it_stops_when_the_validation_loss_gets_no_better_and_keeps_the_best_epoch() -> None:
    examples = draw_examples()
    # Called the wrong way round, so that the better it learns the worse it looks.
    wrong = replace_label(examples, 1 - examples.label)
    config = replace(QUICK, epochs=20, patience=2, schedule="none")
    trained = train(build("lenet5", dropout=0), examples, config, wrong)
    losses = [epoch.validation_loss or 0 for epoch in trained.epochs]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 20
    assert judge(trained.network, wrong).loss == pytest.approx(losses[best], abs=1e-6)


def replace_label(examples: Examples, label: np.ndarray) -> Examples:
    return replace(examples, label=label.astype(np.int8))


def test_patience_without_held_out_examples_is_refused() -> None:
    with pytest.raises(InvalidValue, match="held-out"):
        train(build("lenet5"), draw_examples(8), replace(QUICK, patience=1))


def test_l1_makes_weights_smaller() -> None:
    sizes = []
    for l1 in (0.0, 0.01):
        torch.manual_seed(0)
        config = replace(QUICK, l1=l1, weight_decay=0)
        network = train(build("lenet5"), draw_examples(), config).network
        sizes.append(sum(w.abs().sum().item() for w in network.parameters() if w.dim() > 1))
    assert sizes[1] < 0.9 * sizes[0]


def test_class_weights_let_few_flakes_count_as_much_as_all_the_rest() -> None:
    examples = draw_examples(40)
    few = examples.where((examples.label == 0) | (np.arange(40) < 10))
    assert graphene_weight(few) == pytest.approx(20 / 5)


def test_once_draws_every_example_once_an_epoch() -> None:
    config = replace(QUICK, sampling="once", epoch_steps=None, batch=8)
    examples = draw_examples(32)
    batches = Batches(examples, config, Place(CPU))
    drawn = torch.cat([crops for crops, _ in batches.of_epoch(1)]).sum(dim=(1, 2, 3))
    assert batches.steps == 4
    expected = torch.from_numpy(examples.crops).float().sum(dim=(1, 2, 3))
    assert torch.equal(drawn.sort().values, expected.sort().values)


def test_processes_part_each_batch_among_them() -> None:
    config = replace(QUICK, epoch_steps=1, batch=8)
    examples = draw_examples(32)
    whole = next(Batches(examples, config, Place(CPU)).of_epoch(1))[0]
    halves = [next(Batches(examples, config, Place(CPU, n, 2)).of_epoch(1))[0] for n in (0, 1)]
    assert torch.equal(whole[::2], halves[0])
    assert torch.equal(whole[1::2], halves[1])


def test_a_batch_that_cannot_be_dealt_out_is_refused() -> None:
    with pytest.raises(InvalidValue, match="3 processes"):
        Batches(draw_examples(8), replace(QUICK, batch=8), Place(CPU, 0, 3))


def test_a_source_without_a_share_is_not_left_out_silently() -> None:
    with pytest.raises(InvalidValue, match="reviewed have no share"):
        sampling_weights(draw_examples(8, source="reviewed"), SHORT)


def test_settings_come_back_from_their_file(tmp_path: Path) -> None:
    config = RunConfig(NetworkConfig("vgg16", pretrained=Path("vgg16.pth"), side=224), SHORT)
    write_config(config, tmp_path / "config.json")
    assert read_config(RunConfig, tmp_path / "config.json") == config


def test_what_a_file_of_settings_leaves_out_is_as_usual(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"network": {"name": "lenet5"}}')
    assert read_config(RunConfig, tmp_path / "c.json") == RunConfig(NetworkConfig("lenet5"))


def test_a_misspelt_setting_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"training": {"epoch": 3}}')
    with pytest.raises(InvalidValue, match=r"training\.epoch"):
        read_config(RunConfig, tmp_path / "c.json")
    with pytest.raises(InvalidValue, match=r"no setting 'training\.epoch'"):
        changed(RunConfig(), {"training.epoch": "3"})
    with pytest.raises(InvalidValue, match=r"training\.epochs.*'many'"):
        changed(RunConfig(), {"training.epochs": "many"})


def test_single_settings_are_changed_by_their_path() -> None:
    settings = {"training.jitter.blur": "0", "network.side": "none", "training.schedule": "none"}
    config = changed(RunConfig(NetworkConfig(side=224)), settings)
    assert config.training.jitter.blur == 0
    assert config.network.side is None
    assert config.training.schedule == "none"


def test_whole_groups_are_held_out_with_both_classes() -> None:
    seen, held_out = hold_out(draw_examples(40, groups=("A", "B", "C", "D")), 4)
    assert set(seen.group).isdisjoint(held_out.group)
    assert set(seen.label) == set(held_out.label) == {0, 1}


def test_examples_of_one_group_cannot_be_parted() -> None:
    with pytest.raises(InvalidValue, match="1 group"):
        hold_out(draw_examples(groups=("A",)), 5)


def test_a_result_and_its_network_come_back_from_their_folder(tmp_path: Path) -> None:
    examples = draw_examples(32)
    torch.manual_seed(0)
    network = build("lenet5").eval()
    write_config(RunConfig(NetworkConfig("lenet5")), tmp_path / "config.json")
    figures = evaluate(np.zeros(3, np.int8), np.full(3, 0.1), 0.5)
    taught = Taught(
        "lenet5",
        1,
        "from scratch",
        "float32",
        48,
        2,
        1.0,
        1.5,
        0.5,
        "sha256:0",
        "2026",
        ("A",),
        {"crops": {"laid": 3}},
        {"held out": figures},
    )
    write_result(tmp_path, taught, network, examples)
    assert np.array_equal(predict(read_network(tmp_path), examples), predict(network, examples))
    assert read_result(tmp_path).temperature == 1.5
    assert np.isnan(read_result(tmp_path).figures["held out"].figures["recall"].value)
    assert read_sample(tmp_path).shape == (64, 48, 48, 4)


def test_a_folder_without_a_finished_run_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no finished training"):
        read_result(tmp_path)


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


@pytest.mark.parametrize(("schedule", "last"), [("cosine", 0.0), ("step", 0.01), ("none", 1.0)])
def test_the_learning_rate_rises_and_ends_as_its_schedule_says(schedule: str, last: float) -> None:
    config = changed(
        TrainConfig(epochs=10, epoch_steps=10, warm_up=0.1, drop_every=4), {"schedule": schedule}
    )
    factors = [rate_factor(step, 10, config) for step in range(100)]
    assert max(factors) == 1
    assert factors[0] < 0.2
    assert factors[-1] == pytest.approx(last, abs=1e-3)


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
    still = replace(STILL, flips=True)
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


def test_nothing_is_left_of_augmentation_where_all_of_it_is_off() -> None:
    crops = torch.from_numpy(draw_examples(4).crops).float()
    varied = augment(crops, STILL, torch.Generator().manual_seed(0))
    assert torch.allclose(varied, crops, atol=1e-6)


def test_uneven_light_tilts_a_crop_and_leaves_its_middle() -> None:
    crops = torch.zeros(64, 49, 49, 4)
    varied = augment(crops, replace(STILL, slope=0.05), torch.Generator().manual_seed(0))
    assert varied[:, 24, 24, :3].abs().max() < 1e-6
    assert varied[:, 24, -1, :3].std() == pytest.approx(0.05, rel=0.4)
    assert torch.allclose(varied[..., 0], varied[..., 2])


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
    assert threshold == pytest.approx(1 / 3)  # a miss costs two looks, unless a recall is asked for
