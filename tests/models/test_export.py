import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from models.card import write_card
from models.evaluate import evaluate
from models.export import CLASSES, ExportDiffers, export
from models.networks import build
from models.ship import Result, ShipConfig, as_json
from service.inference.metadata import ModelMetadata
from service.inference.onnx_classifier import OnnxClassifier
from tests.models.drawn_examples import draw_examples

METADATA = ModelMetadata(
    version="flakenet-test",
    input_size=48,
    classes=CLASSES,
    threshold=0.4,
    temperature=1.7,
    data_digest="sha256:0",
    created="2026-11-20T00:00:00+00:00",
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
