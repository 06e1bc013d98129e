"""FlakeNet, exported and read back."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.export import CLASSES, export
from models.networks import build
from models.parity import awake, varied_crops
from models.trainer.warm import warm_flakenet
from service.errors import InvalidModel
from service.inference.metadata import ModelMetadata
from tests.inference.tiny_model import write_tiny_model

METADATA = ModelMetadata(
    version="v",
    input_size=48,
    classes=CLASSES,
    threshold=0.5,
    temperature=1.3,
    data_digest="sha256:0",
    created="2026-11-20T00:00:00Z",
)


def test_a_network_read_back_answers_as_it_did_also_while_it_is_trained(tmp_path: Path):
    torch.manual_seed(0)
    crops = varied_crops(48)
    network = awake(build("flakenet", dropout=0.0), torch.from_numpy(crops))
    path = tmp_path / "model.onnx"
    export(network, METADATA, path, crops)

    again = warm_flakenet(path.read_bytes(), crops)

    with torch.inference_mode():
        expected = network.eval()(torch.from_numpy(crops))
        answered = again.eval()(torch.from_numpy(crops))
        for part in again.modules():
            if isinstance(part, torch.nn.Dropout):
                part.p = 0.0
        trained = again.train()(torch.from_numpy(crops))
    assert expected.std() > 0.5
    np.testing.assert_allclose(answered, expected, atol=1e-3)
    # Batches bring their own statistics; these are those that it was read with.
    np.testing.assert_allclose(trained, expected, atol=1e-2)


def test_another_network_is_refused(tmp_path: Path):
    path = write_tiny_model(tmp_path / "tiny.onnx")
    with pytest.raises(InvalidModel, match="no exported FlakeNet"):
        warm_flakenet(path.read_bytes(), varied_crops(32))
    with pytest.raises(InvalidModel, match="crops of 32 px"):
        warm_flakenet(path.read_bytes(), varied_crops(48))
