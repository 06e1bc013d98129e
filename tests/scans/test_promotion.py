"""The gate in front of the registry: tiny networks that are right, wrong, or not proved."""

import io
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from service.db.tables import Audit
from service.errors import Conflict, InvalidModel, InvalidValue, Refused
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.shipped import Holdout
from service.registry.gate import compare
from service.registry.promotion import Gate, Who, promote, roll_back
from service.registry.upload import try_model, upload_model
from service.registry.versions import NewModelVersion, active_model, get_model, register_model
from service.scans.tiles import Stores
from tests.inference.tiny_model import write_tiny_model

ADA = Who("ada", "127.0.0.1")
PROVED = {"parity_difference": 1e-6}


def dark_and_bright() -> Holdout:
    """Dark crops are graphene, bright ones are not."""
    rng = np.random.default_rng(3)
    is_graphene = np.arange(60) % 2 == 0
    crops = rng.normal(0, 0.01, (60, 32, 32, 4)).astype(np.float32)
    crops[..., :3] += np.where(is_graphene, -0.2, 0.2)[:, None, None, None]
    return Holdout("drawn", crops, is_graphene)


@pytest.fixture
def gate(stores: Stores) -> Gate:
    # The active model of these stores has no file: it is no rival to the first that is promoted.
    return Gate(stores, partial(OnnxClassifier, wish="cpu"), dark_and_bright)


def upload(gate: Gate, folder: Path, version: str, *, weight: float, metrics=PROVED, **other):
    path = write_tiny_model(folder / f"{version}.onnx", version=version, weight=weight)
    opened = partial(OnnxClassifier, wish="cpu")
    content = path.read_bytes()
    return upload_model(
        gate.stores, partial(try_model, opened), content, who="bob", metrics=metrics, **other
    )


def test_an_uploaded_model_is_registered_and_not_active(gate, tmp_path):
    before = active_model(gate.stores.sessions)

    model = upload(gate, tmp_path, "m-1", weight=-50)

    assert not model.is_active
    assert (model.created_by, model.data_digest) == ("bob", "sha256:0")
    assert active_model(gate.stores.sessions) == before


def test_a_worse_model_is_refused_with_the_reason_and_force_is_recorded(gate, tmp_path):
    upload(gate, tmp_path, "good", weight=-50)
    upload(gate, tmp_path, "flipped", weight=50)
    assert promote(gate, "good", ADA).is_active

    with pytest.raises(Refused, match="worse on the holdout") as refused:
        promote(gate, "flipped", ADA)

    assert len(refused.value.reasons) == 1
    active = active_model(gate.stores.sessions)
    assert active is not None
    assert active.version == "good"
    noted = get_model(gate.stores.sessions, "flipped").gate
    assert noted is not None
    assert noted["forced"] is False
    assert noted["figures"]["holdout"]["candidate"] == 0.0
    assert noted["figures"]["ms_per_crop"] > 0

    forced = promote(gate, "flipped", ADA, force=True)
    assert forced.is_active
    assert (forced.promoted_by, forced.replaced_version) == ("ada", "good")
    assert forced.gate is not None
    assert forced.gate["forced"] is True
    with gate.stores.sessions() as session:
        audit = session.scalars(select(Audit)).one()
    assert (audit.who, audit.action) == ("ada", "force_promotion")


def test_a_rollback_goes_to_what_was_replaced_and_ends_at_the_first(gate, tmp_path):
    for version in ("a", "b", "c"):
        upload(gate, tmp_path, version, weight=-50)
        promote(gate, version, ADA)

    assert [roll_back(gate.stores.sessions, ADA).version for _ in range(3)] == ["b", "a", "chip-1"]
    with pytest.raises(Conflict, match="no earlier"):
        roll_back(gate.stores.sessions, ADA)


def test_a_model_without_proved_parity_is_refused(gate, tmp_path):
    for version, metrics, words in (
        ("none", {}, "not proved"),
        ("off", {"parity_difference": 0.01}, "off"),
        ("word", {"parity_difference": "small"}, "not proved"),
    ):
        upload(gate, tmp_path, version, weight=-50, metrics=metrics)
        with pytest.raises(Refused, match=words):
            promote(gate, version, ADA)


def test_parity_is_measured_from_the_answers_of_the_trained_network(gate, tmp_path):
    crops = dark_and_bright().crops
    blue = crops[..., 2].mean(axis=(1, 2))
    right = 1 / (1 + np.exp(-(-50 * blue / 2.0)))

    proved = upload(gate, tmp_path, "p", weight=-50, reference=npz(tmp_path, crops, right))
    wrong = upload(gate, tmp_path, "w", weight=-50, reference=npz(tmp_path, crops, 1 - right))

    assert proved.metrics["parity_difference"] < 1e-4
    assert wrong.metrics["parity_difference"] > 0.9
    with pytest.raises(InvalidValue, match="reference"):
        upload(gate, tmp_path, "x", weight=-50, reference=b"no npz")
    packed = io.BytesIO()
    np.savez_compressed(packed, crops=np.zeros((256, 256, 256, 4), np.float32))
    with pytest.raises(InvalidValue, match="unpacks"):
        upload(gate, tmp_path, "z", weight=-50, reference=packed.getvalue())
    with pytest.raises(InvalidValue, match="crops"):
        upload(gate, tmp_path, "y", weight=-50, reference=npz(tmp_path, crops[:, :8], right))


def npz(folder: Path, crops: np.ndarray, p_graphene: np.ndarray) -> bytes:
    np.savez(folder / "reference.npz", crops=crops, p_graphene=p_graphene)
    return (folder / "reference.npz").read_bytes()


def test_without_a_holdout_only_force_promotes(gate, tmp_path):
    def none_ships() -> Holdout:
        raise InvalidModel("No holdout ships.")

    upload(gate, tmp_path, "m", weight=-50)
    blind = Gate(gate.stores, gate.open_model, none_ships)

    with pytest.raises(Refused, match="No holdout"):
        promote(blind, "m", ADA)
    assert promote(blind, "m", ADA, force=True).is_active


def test_a_model_that_cannot_serve_is_not_promoted_even_by_force(gate):
    lost = NewModelVersion(version="lost", sha256="2" * 64, input_size_px=32, threshold=0.5)
    register_model(gate.stores.sessions, lost)

    with pytest.raises(Refused):
        promote(gate, "lost", ADA, force=True)


def test_a_model_whose_answers_are_not_finite_is_not_registered(gate, tmp_path):
    with pytest.raises(InvalidValue, match="finite"):
        upload(gate, tmp_path, "nan", weight=float("nan"))
    with pytest.raises(InvalidValue):
        upload_model(gate.stores, partial(try_model, OnnxClassifier), b"no onnx", who="bob")


def test_a_difference_within_chance_is_not_worse():
    rng = np.random.default_rng(1)
    truth = rng.random(400) < 0.3
    active = truth ^ (rng.random(400) < 0.1)
    one_more = active.copy()
    one_more[np.flatnonzero(active == truth)[:3]] ^= True
    many_more = active.copy()
    many_more[np.flatnonzero(active == truth)[:60]] ^= True

    assert not compare(truth, active, one_more).is_worse
    assert compare(truth, active, many_more).is_worse
    assert compare(truth, active, active).high == 0
    assert compare(truth, active, many_more) == compare(truth, active, many_more)


def test_with_reviews_of_one_kind_only_the_comparison_still_holds():
    truth = np.ones(20, np.bool_)

    compared = compare(truth, truth, ~truth)

    assert (compared.active, compared.candidate, compared.is_worse) == (1.0, 0.0, True)
