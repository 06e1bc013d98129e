"""The fixed holdout that ships, and how it is packed."""

from pathlib import Path

import numpy as np
import pytest

from service.errors import InvalidModel
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.shipped import STEPS, ZOO, load_holdout, save_holdout, shipped_model

RNG = np.random.default_rng(0)
CROPS = np.concatenate(
    [RNG.uniform(-1, 1, (6, 48, 48, 3)), RNG.uniform(0, 1, (6, 48, 48, 1))], axis=3
).astype(np.float32)
LABELS = np.array([True, False] * 3)


def test_crops_come_back_to_half_a_step(tmp_path: Path):
    save_holdout(tmp_path / "holdout-p1-x.npz", CROPS, LABELS)

    holdout = load_holdout(tmp_path)

    assert holdout.name == "holdout-p1-x"
    assert np.abs(holdout.crops - CROPS).max() <= 0.5 / STEPS + 1e-6
    assert (holdout.is_graphene == LABELS).all()
    assert holdout.of_size(32).shape == (6, 32, 32, 4)
    assert holdout.of_size(48) is holdout.crops


def test_a_holdout_of_another_preprocessing_is_refused(tmp_path: Path):
    with pytest.raises(InvalidModel, match="No holdout"):
        load_holdout(tmp_path)
    save_holdout(tmp_path / "good.npz", CROPS, LABELS)
    with np.load(tmp_path / "good.npz") as packed:
        other = dict(packed) | {"preprocessing_version": np.array("0")}
    np.savez(tmp_path / "holdout-p0-x.npz", **other)
    with pytest.raises(InvalidModel, match="version 0"):
        load_holdout(tmp_path)


def test_the_shipped_model_knows_the_shipped_holdout():
    assert sum(path.stat().st_size for path in ZOO.glob("holdout-*.npz")) <= 2 * 2**20
    holdout = load_holdout()
    classifier = OnnxClassifier(shipped_model(), wish="cpu")

    said = classifier.classify(holdout.of_size(classifier.input_size)) >= classifier.threshold

    truth = holdout.is_graphene
    assert min(truth.sum(), (~truth).sum()) >= 100
    # Measured 0.979 and 0.929; a wrong polarity or scale would be far below.
    assert said[truth].mean() > 0.9
    assert (~said[~truth]).mean() > 0.85
