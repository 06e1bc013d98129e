"""Networks in ONNX files: what they answer, and which of them are refused."""

import hashlib
import logging
import math
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from service.errors import InvalidModel
from service.inference.onnx_classifier import BATCH, OnnxClassifier
from tests.inference.tiny_model import write_tiny_model


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tiny.onnx"


def crops_of_blue(*contrasts: float) -> np.ndarray:
    crops = np.zeros((len(contrasts), 32, 32, 4), np.float32)
    crops[..., 2] = np.array(contrasts)[:, None, None]
    return crops


@pytest.mark.parametrize("flat", [True, False], ids=["logit (n,)", "logit (n, 1)"])
def test_the_probability_is_the_sigmoid_of_logit_over_temperature(path: Path, flat: bool):
    classifier = OnnxClassifier(write_tiny_model(path, flat=flat, weight=3, temperature="1.5"))

    p_graphene = classifier.classify(crops_of_blue(-0.5, 0, 0.5))

    expected = [1 / (1 + math.exp(-3 * blue / 1.5)) for blue in (-0.5, 0, 0.5)]
    assert p_graphene.tolist() == pytest.approx(expected, abs=1e-6)
    assert p_graphene.dtype == np.float32


def test_crops_beyond_one_batch_keep_their_order(path: Path):
    classifier = OnnxClassifier(write_tiny_model(path))
    blue = np.linspace(-1, 1, 2 * BATCH + 3)

    p_graphene = classifier.classify(crops_of_blue(*blue))

    assert p_graphene.shape == blue.shape
    assert (np.diff(p_graphene) > 0).all()


def test_no_crops_give_no_probabilities(path: Path):
    assert OnnxClassifier(write_tiny_model(path)).classify(crops_of_blue()).shape == (0,)


def test_enormous_logits_are_certain_and_finite(path: Path):
    classifier = OnnxClassifier(write_tiny_model(path, weight=1e6))

    assert classifier.classify(crops_of_blue(-1, 1)).tolist() == pytest.approx([0, 1], abs=1e-6)


def test_the_file_says_what_the_classifier_is(path: Path):
    classifier = OnnxClassifier(write_tiny_model(path, version="graphene-7", threshold="0.83"))

    assert classifier.version == "graphene-7"
    assert classifier.threshold == 0.83
    assert classifier.input_size == 32
    assert classifier.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert classifier.metadata.classes == ("graphene", "not_graphene")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": None}, "lack 'flakescope.version'"),
        ({"temperature": None}, "lack 'flakescope.temperature'"),
        ({"temperature": "0"}, "'0'; it must be a number from 0.001"),
        ({"threshold": "nan"}, "'nan'; it must be a number from 0 to 1"),
        ({"input_size": "large"}, "'large'; it must be a number"),
        ({"classes": '["WSe2", "hBN"]'}, "holds 'graphene'"),
        ({"classes": "graphene"}, "JSON list"),
        ({"positive": "not_graphene"}, "positive class is 'not_graphene'"),
        ({"preprocessing_version": "0"}, "preprocessing version 0, this service has version"),
        ({"input_size": "64"}, r"must be \(n, 64, 64, 4\)"),
        ({"channels": 3}, r"must be \(n, 32, 32, 4\)"),
        ({"batch": 1}, "with n free"),
        ({"output": "probability"}, "the output 'logit'"),
        ({"weight": math.nan}, "one finite logit"),
    ],
    ids=str,
)
def test_a_model_that_cannot_serve_is_refused_with_the_reason(
    path: Path, change: dict, reason: str
):
    with pytest.raises(InvalidModel, match=reason):
        OnnxClassifier(write_tiny_model(path, **change))


def test_a_file_that_is_no_network_is_refused_without_its_folder(tmp_path: Path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"this is not ONNX")

    with pytest.raises(InvalidModel, match="cannot load the model: ") as refused:
        OnnxClassifier(broken)
    with pytest.raises(InvalidModel, match=r"'missing\.onnx' cannot be read") as missing:
        OnnxClassifier(tmp_path / "missing.onnx")
    assert str(tmp_path) not in f"{refused.value} {missing.value}"


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="CUDA is here"
)
def test_asking_for_a_missing_gpu_warns_and_reports_the_cpu(
    path: Path, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        classifier = OnnxClassifier(write_tiny_model(path), wish="cuda")

    assert classifier.provider == "CPUExecutionProvider"
    assert "CPUExecutionProvider is active" in caplog.text
