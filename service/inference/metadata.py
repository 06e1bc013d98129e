"""What an exported network says about itself inside its own ONNX file."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from service.errors import InvalidModel
from service.vision.crop import PREPROCESSING_VERSION

PREFIX = "flakescope."

# The longest that is written is a digest; a list of classes may have a dozen names.
MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class ModelMetadata:
    """Metadata of a model version that this service can serve.

    Attributes
    ----------
    version : str
        Name of the model version.
    input_size : int
        Side of a crop in pixels.
    classes : tuple of str
        Names of the classes that the network was trained on.
    threshold : float
        From here on a crop is called graphene: see `is_called`.
    temperature : float
        p_graphene = sigmoid(logit / temperature): calibration by temperature scaling
        (Guo et al., ICML 2017).
    data_digest : str
        Digest of the training data.
    created : str
        When it was exported, ISO 8601.
    """

    version: str
    input_size: int
    classes: tuple[str, ...]
    threshold: float
    temperature: float
    data_digest: str
    created: str


def read_metadata(entries: Mapping[str, str]) -> ModelMetadata:
    """Metadata from an ONNX file's custom entries; raises `InvalidModel` with the first reason."""
    preprocessing = _text(entries, "preprocessing_version")
    if preprocessing != PREPROCESSING_VERSION:
        raise InvalidModel(
            f"The model was made for preprocessing version {preprocessing}, "
            f"this service has version {PREPROCESSING_VERSION}: train or export it again."
        )
    positive = _text(entries, "positive")
    if positive != "graphene":
        raise InvalidModel(f"The model's positive class is {positive!r}; it must be 'graphene'.")
    return ModelMetadata(
        version=_text(entries, "version"),
        input_size=int(_number(entries, "input_size", least=1, most=4096)),
        classes=_classes(entries),
        threshold=_number(entries, "threshold", least=0, most=1),
        # Below 0.001 the sigmoid is a step, and 0 would divide by zero.
        temperature=_number(entries, "temperature", least=0.001, most=1000),
        data_digest=_text(entries, "data_digest"),
        created=_text(entries, "created"),
    )


def _text(entries: Mapping[str, str], key: str) -> str:
    value = entries.get(PREFIX + key, "").strip()
    if not value:
        raise InvalidModel(f"The model's metadata lack '{PREFIX}{key}'.")
    if len(value) > MOST_CHARACTERS or not value.isprintable():
        raise InvalidModel(
            f"The model's '{PREFIX}{key}' has {len(value)} characters, {MOST_CHARACTERS} are "
            "allowed, or holds one that cannot be shown."
        )
    return value


def _number(entries: Mapping[str, str], key: str, *, least: float, most: float) -> float:
    text = _text(entries, key)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise InvalidModel(
            f"The model's '{PREFIX}{key}' is {text!r}; it must be a number from {least} to {most}."
        )
    return value


def _classes(entries: Mapping[str, str]) -> tuple[str, ...]:
    text = _text(entries, "classes")
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or "graphene" not in names:
        raise InvalidModel(
            f"The model's '{PREFIX}classes' is {text!r}; "
            "it must be a JSON list of names that holds 'graphene'."
        )
    return tuple(str(name) for name in names)
