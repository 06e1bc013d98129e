"""Export: one self-contained ONNX file that answers as its network does, or none."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper
from torch import nn

from service.errors import FlakescopeError
from service.inference.metadata import PREFIX, ModelMetadata
from service.inference.onnx_classifier import INPUT, OUTPUT, OnnxClassifier
from service.vision.crop import PREPROCESSING_VERSION

# Largest difference of a probability at any batch size: rounding is a tenth of it at most, and no
# verdict depends on less.
TOLERANCE = 1e-4
# One crop, and a number that no power of two or fixed axis of a network would fit by chance.
BATCHES = (1, 17)
CLASSES = ("graphene", "not_graphene")


class ExportDiffers(FlakescopeError):
    """The exported file does not answer as its network does."""


def export(
    network: nn.Module,
    metadata: ModelMetadata,
    path: Path,
    crops: NDArray[np.float32],
    about: Mapping[str, str] | None = None,
) -> float:
    """Write a network as ONNX; the largest difference in probability between the two.

    Parameters
    ----------
    crops : (at least 17, size, size, 4) float32
        What the file is compared on.
    about
        More to write into the file, by name: figures, what the network is.

    Raises
    ------
    ExportDiffers
        The difference is over `TOLERANCE`; nothing is left at `path`.
    """
    network = network.eval().cpu()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    try:
        torch.onnx.export(
            network,
            # Two crops: a batch of one would be taken for a constant.
            (torch.from_numpy(crops[:2]),),
            str(draft),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes={"crops": {0: torch.export.Dim("n", min=1, max=4096)}},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        write_metadata(draft, metadata, about or {})
        difference = largest_difference(network, draft, crops)
        if not difference <= TOLERANCE:
            raise ExportDiffers(
                f"The exported network's probabilities differ by {difference:.2g} "
                f"from those of the network itself; at most {TOLERANCE:g} is allowed."
            )
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return difference


def largest_difference(network: nn.Module, path: Path, crops: NDArray[np.float32]) -> float:
    """Largest difference in probability over `BATCHES`, through the classifier that serves."""
    classifier = OnnxClassifier(path, wish="cpu")
    difference = 0.0
    for batch in BATCHES:
        some = np.resize(crops, (batch, *crops.shape[1:]))
        with torch.inference_mode():
            logit = network(torch.from_numpy(some)).double() / classifier.metadata.temperature
        own = torch.sigmoid(logit).numpy()
        difference = max(difference, float(np.abs(classifier.classify(some) - own).max()))
    return difference


def write_metadata(path: Path, metadata: ModelMetadata, about: Mapping[str, str]) -> None:
    """Write what the file says about itself into it."""
    model = onnx.load(path)
    entries = {key: str(value) for key, value in asdict(metadata).items()} | {
        "classes": json.dumps(metadata.classes),
        "positive": "graphene",
        "preprocessing_version": PREPROCESSING_VERSION,
        **about,
    }
    helper.set_model_props(model, {PREFIX + key: value for key, value in entries.items()})
    onnx.save(model, path)
