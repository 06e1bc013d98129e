"""A process follows what is promoted, whoever promoted it."""

from functools import partial
from pathlib import Path

from service.jobs.screens import Classifiers
from service.registry.following import (
    Following,
    LiveModel,
    choose_model,
    metrics_beside,
    open_model,
)
from service.registry.upload import try_model, upload_model
from service.registry.versions import (
    NewModelVersion,
    active_model,
    get_model,
    promote_model,
    register_model,
)
from service.scans.tiles import Stores
from service.settings import Settings
from tests.fakes import FakeClassifier
from tests.inference.tiny_model import write_tiny_model


def test_a_promoted_version_takes_over_and_one_that_cannot_serve_does_not(
    stores: Stores, tmp_path: Path
):
    settings = Settings(provider="cpu")
    live = LiveModel()
    live.serve(FakeClassifier(version="old"))
    following = Following(live, stores, settings)
    following.look()
    assert live.version == "old"  # the active one has no file

    path = write_tiny_model(tmp_path / "tiny.onnx")
    upload_model(
        stores,
        partial(try_model, partial(open_model, settings=settings)),
        path.read_bytes(),
        who="ada",
    )
    promote_model(stores.sessions, "tiny-1")
    following.look()
    assert live.version == "tiny-1"

    lost = NewModelVersion(version="lost", sha256="3" * 64, input_size_px=32, threshold=0.5)
    register_model(stores.sessions, lost)
    promote_model(stores.sessions, "lost")
    following.look()
    assert live.version == "tiny-1"
    promote_model(stores.sessions, "tiny-1")
    following.look()
    assert live.version == "tiny-1"


def test_a_worker_asks_which_version_is_active_for_each_chunk(stores: Stores, tmp_path: Path):
    opening = partial(open_model, settings=Settings(provider="cpu"))
    for version in ("a", "b"):
        path = write_tiny_model(tmp_path / f"{version}.onnx", version=version)
        upload_model(stores, partial(try_model, opening), path.read_bytes(), who="ada")
    classifiers = Classifiers(stores, opening)

    promote_model(stores.sessions, "a")
    first = classifiers.of(None)
    promote_model(stores.sessions, "b")
    second = classifiers.of(None)

    assert (first.version, second.version) == ("a", "b")
    assert classifiers.of("a") is first  # a scan that is screened with a given version keeps it


def test_the_shipped_model_comes_with_its_measured_parity(stores: Stores):
    settings = Settings(provider="cpu")
    classifier = choose_model(stores, settings)

    model = get_model(stores.sessions, classifier.version)

    assert 0 <= float(str(model.metrics["parity_difference"])) < 1e-4
    active = active_model(stores.sessions)
    assert active is not None
    assert active.version == classifier.version
    assert metrics_beside(Path("nothing.onnx")) == {}
