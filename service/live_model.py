"""Which model a starting service takes into use."""

import logging

from service.db.engine import Sessions
from service.errors import InvalidModel, NotFound
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.session import read_model
from service.inference.zoo import shipped_model
from service.scans.model_versions import (
    NewModelVersion,
    active_model,
    promote_model,
    register_model,
)
from service.scans.tiles import Stores
from service.settings import Settings

_log = logging.getLogger(__name__)


def choose_model(stores: Stores, settings: Settings) -> OnnxClassifier:
    """The model that the settings name, else the active one, else the shipped one.

    Afterwards it is the active one: the database never names a model that does not serve.

    Raises
    ------
    InvalidModel
        The named model cannot serve, or none is there.
    Conflict
        Another file has the version's name.
    """
    chosen = None if settings.model else _open_active(stores, settings)
    if chosen is None:
        content = read_model(settings.model or shipped_model())
        chosen = _open(content, settings)
        # Kept, so that an upgrade that ships another file does not change the model unasked.
        stores.blobs.put(content)
    _activate(stores.sessions, chosen)
    return chosen


def _open(content: bytes, settings: Settings) -> OnnxClassifier:
    return OnnxClassifier(content, threads=settings.threads, wish=settings.provider)


def _open_active(stores: Stores, settings: Settings) -> OnnxClassifier | None:
    active = active_model(stores.sessions)
    if active is None:
        return None
    try:
        return _open(stores.blobs.get(active.sha256), settings)
    except (NotFound, InvalidModel) as error:
        # After an upgrade the old network may not fit the new preprocessing.
        _log.warning("The shipped model replaces %r: %s", active.version, error)
        return None


def _activate(sessions: Sessions, classifier: OnnxClassifier) -> None:
    about = classifier.metadata
    register_model(
        sessions,
        NewModelVersion(
            version=about.version,
            sha256=classifier.sha256,
            input_size_px=about.input_size,
            threshold=about.threshold,
            temperature=about.temperature,
            data_digest=about.data_digest,
            provenance={"created": about.created, "classes": list(about.classes)},
        ),
    )
    active = active_model(sessions)
    if active is None or active.version != about.version:
        promote_model(sessions, about.version)
