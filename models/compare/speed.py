"""Export and speed of a network, as it would be served."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from torch import nn

from models.export import CLASSES, export
from service.errors import FlakescopeError
from service.inference.metadata import ModelMetadata
from service.inference.onnx_classifier import OnnxClassifier

BATCHES = (1, 8, 64)
# The median of so many calls, after one that is not counted: other processes disturb single ones.
CALLS = 7


@dataclass(frozen=True, slots=True)
class Speed:
    """Speed of an exported network, its size, and its difference from the network itself.

    Attributes
    ----------
    ms_per_crop : {batch: ms}
        Of processor time on onnxruntime, one thread; empty where it cannot be exported.
    difference : float or None
        Largest difference in probability from the network itself.
    megabytes : float or None
        Of the file.
    refused : str
        Why it cannot be exported, or nothing.
    """

    ms_per_crop: dict[int, float]
    difference: float | None
    megabytes: float | None
    refused: str = ""


def measure_speed(network: nn.Module, name: str, crops: NDArray[np.float32]) -> Speed:
    """Export a network and time the file on crops (at least 64, size, size, 4)."""
    metadata = unjudged(f"compare-{name}", crops.shape[1])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        try:
            difference = export(network, metadata, path, crops)
        except FlakescopeError as error:
            return Speed({}, None, None, str(error))
        classifier = OnnxClassifier(path, threads=1, wish="cpu")
        times = {batch: ms_per_crop(classifier, crops[:batch]) for batch in BATCHES}
        return Speed(times, difference, path.stat().st_size / 1e6)


def unjudged(version: str, input_size: int) -> ModelMetadata:
    """Metadata of a file that is only timed."""
    return ModelMetadata(
        version=version,
        input_size=input_size,
        classes=CLASSES,
        threshold=0.5,
        temperature=1.0,
        data_digest="none",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def ms_per_crop(
    classifier: OnnxClassifier,
    crops: NDArray[np.float32],
    clock: Callable[[], float] = time.thread_time,
) -> float:
    """Milliseconds for one crop, where all of (n, size, size, 4) are given at once.

    Of this thread's processor time unless said otherwise: other work disturbs that least.
    """
    classifier.classify(crops)
    taken = []
    for _ in range(CALLS):
        start = clock()
        classifier.classify(crops)
        taken.append(clock() - start)
    return round(1000 * float(np.median(taken)) / len(crops), 4)


def save_speed(speed: Speed, path: Path) -> None:
    """Write it as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(speed)), encoding="utf-8")


def load_speed(path: Path) -> Speed:
    """Load what `save_speed` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["ms_per_crop"] = {int(batch): ms for batch, ms in content["ms_per_crop"].items()}
    return Speed(**content)
