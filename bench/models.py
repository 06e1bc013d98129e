"""Which exported network a benchmark runs."""

import json
from pathlib import Path

from service.inference.onnx_classifier import OnnxClassifier

ZOO = Path(__file__).parents[1] / "models" / "zoo"


def load_folds(folder: Path) -> dict[str, OnnxClassifier]:
    """For each acquisition group the network that has not seen it, by `folder/folds.json`."""
    file_of = json.loads((folder / "folds.json").read_text())
    return {group: load_classifier(folder / file) for group, file in file_of.items()}


def load_classifier(path: Path | None) -> OnnxClassifier:
    """The network of a file, or the only one in models/zoo; one thread, on the CPU.

    Raises
    ------
    FileNotFoundError
        No file is given, and models/zoo holds none or several.
    """
    if path is None:
        shipped = sorted(ZOO.glob("*.onnx"))
        if len(shipped) != 1:
            raise FileNotFoundError(f"name a model: {ZOO} holds {len(shipped)} ONNX files")
        path = shipped[0]
    return OnnxClassifier(path, threads=1, wish="cpu")
