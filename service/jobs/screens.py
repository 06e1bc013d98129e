"""Screens a stored tile in a worker, with the active model version or a given one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from service.budget import Budget
from service.errors import InvalidModel, NotFound
from service.images.size import pixels_of
from service.inference.classifier import Classifier
from service.registry.versions import active_model, get_model
from service.scans.tiles import Stores
from service.screening.screen import Screen, Screened, ScreenJob, screen_image
from service.vision.segment import SegmentParams

# The active one and one that a scan is screened with again.
_MOST_OPEN = 2


@dataclass(frozen=True, slots=True)
class Classifiers:
    """Model versions that are open, by version."""

    stores: Stores
    open_model: Callable[[bytes], Classifier]
    _open: dict[str, Classifier] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, version: str | None) -> Classifier:
        """Get the classifier of a version, None = of the active one.

        Raises
        ------
        InvalidModel
            There is no such model version, or its file cannot serve.
        """
        with self._lock:
            try:
                sessions = self.stores.sessions
                model = active_model(sessions) if version is None else get_model(sessions, version)
                if model is None:
                    raise InvalidModel("No model version is active.")
                if model.version not in self._open:
                    classifier = self.open_model(self.stores.blobs.get(model.sha256))
                    while len(self._open) >= _MOST_OPEN:
                        del self._open[next(iter(self._open))]
                    self._open[model.version] = classifier
            except NotFound as error:
                raise InvalidModel(f"The model cannot be used: {error}") from error
            return self._open[model.version]


def screen_with(classifier: Classifier, max_pixels: int, pixels: Budget) -> Screen:
    """Make what screens a tile with a classifier, once its pixels fit beside the others."""

    def screen(job: ScreenJob) -> Screened:
        with pixels.holding(pixels_of(job.image, max_pixels)):
            return screen_image(job, classifier, params=SegmentParams(), max_pixels=max_pixels)

    return screen
