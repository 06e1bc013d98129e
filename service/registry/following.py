"""Load the active model version, and follow promotions while serving."""

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from service.db.engine import Sessions
from service.errors import InvalidModel, NotFound
from service.inference.classifier import Classifier
from service.inference.onnx_classifier import OnnxClassifier, read_model
from service.inference.shipped import shipped_model
from service.registry.gate import PARITY
from service.registry.upload import described
from service.registry.versions import active_model, promote_model, register_model
from service.scans.tiles import Stores
from service.settings import Settings


class LiveModel:
    """Holds one classifier; it is swapped by replacing one reference, so readers need no lock."""

    def __init__(self) -> None:
        self._classifier: Classifier | None = None
        self._problem = "No model is loaded yet."

    @property
    def classifier(self) -> Classifier:
        """The classifier, warm; raises `InvalidModel` with the reason where there is none."""
        if self._classifier is None:
            raise InvalidModel(self._problem)
        return self._classifier

    @property
    def version(self) -> str | None:
        """Name the model version that serves now; None where nothing does."""
        return None if self._classifier is None else self._classifier.version

    def serve(self, classifier: Classifier) -> None:
        """Classify with this one from now on; what runs already ends with the previous."""
        self._classifier = classifier

    def fail(self, reason: str) -> None:
        """Remember why there is no classifier."""
        self._problem = reason


_log = logging.getLogger(__name__)

# One row by an index: a promotion reaches every process within a second and the time to open.
_LOOK_EVERY_S = 1.0


def choose_model(stores: Stores, settings: Settings) -> OnnxClassifier:
    """Choose the model that the settings name, else the active one, else the shipped one.

    Afterwards it is the active one: the database never names a model that does not serve.

    Raises
    ------
    InvalidModel
        The named model cannot serve, or none is there.
    Conflict
        Another file has the version's name.
    """
    metrics: dict[str, object] = {}
    chosen = None if settings.model else _open_active(stores, settings)
    if chosen is None:
        path = settings.model or shipped_model()
        content = read_model(path)
        chosen = open_model(content, settings)
        # Kept, so that an upgrade that ships another file does not change the model unasked.
        stores.blobs.put(content)
        metrics = metrics_beside(path)
    _activate(stores.sessions, chosen, metrics)
    return chosen


class Following:
    """Keeps a process on the active model version; a thread of its own.

    The new one is opened and warm before it takes over by one reference: nobody waits, and what
    is being screened ends with the classifier that it began with.
    """

    def __init__(self, live: LiveModel, stores: Stores, settings: Settings) -> None:
        self._live, self._stores, self._settings = live, stores, settings
        self._unusable: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Take the active version into use if another one serves."""
        active = active_model(self._stores.sessions)
        if active is None or active.version in (self._live.version, self._unusable):
            return
        try:
            classifier = open_model(self._stores.blobs.get(active.sha256), self._settings)
        except (NotFound, InvalidModel) as error:
            # Said once: every second would fill the log.
            self._unusable = active.version
            _log.error("Model version %r is active but cannot serve: %s", active.version, error)
            return
        self._unusable = None
        self._live.serve(classifier)
        _log.info("Model version %r serves", active.version)

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            try:
                self.look()
            except Exception:  # the top of a thread: a database that was away is back later
                _log.exception("The active model version could not be looked up")


def open_model(content: bytes, settings: Settings) -> OnnxClassifier:
    """Open a classifier as the settings want it; raises `InvalidModel`."""
    return OnnxClassifier(content, threads=settings.threads, wish=settings.provider)


def _open_active(stores: Stores, settings: Settings) -> OnnxClassifier | None:
    active = active_model(stores.sessions)
    if active is None:
        return None
    try:
        return open_model(stores.blobs.get(active.sha256), settings)
    except (NotFound, InvalidModel) as error:
        # After an upgrade the old network may not fit the new preprocessing.
        _log.warning("The shipped model replaces %r: %s", active.version, error)
        return None


def metrics_beside(path: Path) -> dict[str, object]:
    """Read what a model file's export wrote beside it: its parity, where it stands there."""
    try:
        result = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return {PARITY: float(result["difference"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _activate(
    sessions: Sessions, classifier: OnnxClassifier, metrics: Mapping[str, object]
) -> None:
    new = described(classifier, metrics=metrics, provenance={})
    register_model(sessions, new)
    active = active_model(sessions)
    if active is None or active.version != new.version:
        promote_model(sessions, new.version)
