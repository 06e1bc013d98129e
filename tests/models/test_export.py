import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from models.card import Result, ShipConfig, write_card
from models.evaluate import evaluate
from models.export import TOLERANCE, ExportDiffers, export, largest_difference
from models.networks import build
from models.parity import awake, parity, varied_crops
from models.precision import Precision, reduce
from models.train import train
from models.training.config import TrainConfig
from models.training.run_folder import as_json
from service.errors import InvalidValue
from service.inference.onnx_classifier import OnnxClassifier
from tests.models.drawn_examples import draw_examples
from tests.models.exported import METADATA

LEARNED = TrainConfig(
    epochs=1, epoch_steps=15, batch=32, ema_decay=0, sampling="balanced", threads=1
)


def test_an_exported_network_serves_and_answers_as_it_did_in_torch(tmp_path: Path) -> None:
    crops = draw_examples(70).crops.astype(np.float32)
    network = build("flakenet").eval()
    difference = export(network, METADATA, tmp_path / "model.onnx", crops)
    assert difference < 1e-5
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]
    classifier = OnnxClassifier(tmp_path / "model.onnx", wish="cpu")
    assert classifier.metadata == METADATA
    with torch.inference_mode():
        expected = torch.sigmoid(network(torch.from_numpy(crops)) / 1.7).numpy()
    assert classifier.classify(crops) == pytest.approx(expected, abs=1e-5)
    assert classifier.classify(crops[:0]).shape == (0,)


def test_a_file_that_was_tampered_with_differs_from_its_network(tmp_path: Path) -> None:
    crops = varied_crops(48)
    network = awake(build("lenet5"), torch.from_numpy(crops))
    path = tmp_path / "model.onnx"
    export(network, METADATA, path, crops)
    assert largest_difference(network, path, crops) <= TOLERANCE
    model = onnx.load(path)
    weight = max(model.graph.initializer, key=lambda one: len(one.raw_data))
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) * 1.1, weight.name))
    onnx.save(model, path)
    assert largest_difference(network, path, crops) > TOLERANCE


def test_what_more_there_is_to_say_stands_in_the_file(tmp_path: Path) -> None:
    about = {"network": "lenet5", "weights": "from scratch", "figures": "{}"}
    export(build("lenet5"), METADATA, tmp_path / "model.onnx", varied_crops(48), about)
    entries = {p.key: p.value for p in onnx.load(tmp_path / "model.onnx").metadata_props}
    assert entries["flakescope.weights"] == "from scratch"
    assert entries["flakescope.positive"] == "graphene"


def test_parity_compares_answers_that_differ_from_crop_to_crop() -> None:
    rows = list(parity(("flakenet", "lenet5"), 48))
    for row in rows:
        assert row.speed.difference is not None
        assert row.speed.difference <= TOLERANCE
        assert row.spread > 0.1
        assert set(row.speed.ms_per_crop) == {1, 8, 64}
    assert rows[0].parameters == sum(w.numel() for w in build("flakenet").parameters())


@pytest.mark.parametrize("precision", ["int8", "fp16"])
def test_smaller_numbers_come_with_what_they_cost(precision: Precision, tmp_path: Path) -> None:
    examples = draw_examples(64)
    torch.manual_seed(0)
    network = train(build("flakenet"), examples, LEARNED).network
    crops = examples.crops.astype(np.float32)
    export(network, METADATA, tmp_path / "model.onnx", crops)
    small = tmp_path / "small.onnx"
    loss = reduce(tmp_path / "model.onnx", small, precision, crops, examples)
    assert loss.bytes_after < loss.bytes_before
    assert 0 < loss.difference < 0.2
    assert loss.before.figures["roc_auc"].value == 1
    assert loss.after.figures["roc_auc"].value > 0.95
    classifier = OnnxClassifier(small, wish="cpu")
    assert classifier.version == f"flakenet-test-{precision}"
    told = {p.key: p.value for p in onnx.load(small).metadata_props}["flakescope.precision_loss"]
    assert json.loads(told) == json.loads(small.with_suffix(".json").read_text())
    assert json.loads(told)["difference"] == loss.difference


def test_without_examples_no_smaller_file_is_written(tmp_path: Path) -> None:
    export(build("lenet5"), METADATA, tmp_path / "model.onnx", varied_crops(48))
    none = draw_examples(8).where(np.zeros(8, np.bool_))
    with pytest.raises(InvalidValue, match="cannot be measured"):
        reduce(tmp_path / "model.onnx", tmp_path / "small.onnx", "fp16", varied_crops(48), none)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


class Forgetful(nn.Module):
    """Answers otherwise as soon as it is exported."""

    def forward(self, crops: Tensor) -> Tensor:
        mean = crops.mean(dim=(1, 2, 3))
        return mean + 1 if torch.compiler.is_exporting() else mean


def test_an_export_that_answers_otherwise_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    crops = draw_examples(64).crops.astype(np.float32)
    with pytest.raises(ExportDiffers, match="differ"):
        export(Forgetful(), METADATA, tmp_path / "model.onnx", crops)
    assert list(tmp_path.iterdir()) == []


def test_the_card_states_threshold_and_figures_of_each_set(tmp_path: Path) -> None:
    figures = evaluate(np.array([1, 1, 0, 0], np.int8), np.array([0.9, 0.2, 0.1, 0.1]), 0.4)
    result = Result(
        METADATA,
        ShipConfig(),
        difference=1e-7,
        verdicts={"frames": {"graphene": 3, "not_graphene": 5}},
        figures={"out of fold: frame, all": figures},
    )
    write_card(result, tmp_path / "card.md")
    card = (tmp_path / "card.md").read_text()
    assert "**0.400**" in card
    assert "5 not graphene" in card
    assert "| out of fold: frame, all | 2 | 2 | 0.667" in card


def test_a_figure_that_is_not_defined_is_null_in_the_json() -> None:
    figures = evaluate(np.zeros(3, np.int8), np.full(3, 0.1), 0.5)
    result = Result(METADATA, ShipConfig(), 0.0, verdicts={}, figures={"none": figures})
    assert json.loads(as_json(result))["figures"]["none"]["figures"]["recall"]["value"] is None
    assert "NaN" not in as_json(result)
