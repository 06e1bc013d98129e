"""The classifier in service now."""

from service.errors import InvalidModel
from service.inference.classifier import Classifier


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
        """What serves now; None where nothing does."""
        return None if self._classifier is None else self._classifier.version

    def serve(self, classifier: Classifier) -> None:
        """Classify with this one from now on; what runs already ends with the previous."""
        self._classifier = classifier

    def fail(self, reason: str) -> None:
        """Remember why there is no classifier."""
        self._problem = reason
