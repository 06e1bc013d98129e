"""The models that ship with the service."""

from pathlib import Path

import service
from service.errors import InvalidModel
from service.inference.onnx_classifier import OnnxClassifier

# Beside the package, in a checkout and in an installed wheel.
ZOO = Path(service.__file__).parents[1] / "models" / "zoo"


def shipped_model(zoo: Path = ZOO) -> Path:
    """The newest shipped ONNX file, by its own date; raises `InvalidModel` where none ships."""
    paths = sorted(zoo.glob("*.onnx"))
    if not paths:
        raise InvalidModel("No model ships with this installation; name an ONNX file.")
    if len(paths) == 1:
        return paths[0]
    return max(paths, key=lambda path: OnnxClassifier(path).metadata.created)
