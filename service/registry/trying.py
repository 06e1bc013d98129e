"""Try a network that somebody sent in a process of its own: it may take what it likes there.

`python -m service.registry.trying` is that process.
"""

import dataclasses
import sys
from functools import partial
from typing import Any

from service.confined import Ended, Limits, answering, run_confined
from service.errors import InvalidModel, InvalidValue
from service.inference.metadata import ModelMetadata
from service.inference.onnx_classifier import OnnxClassifier
from service.registry.upload import Tried, try_model

# Thirty-five calls of a network of usual size take a second; a large reference some more.
TRYING_S = 120.0

# How much the length of the network, which stands before it, takes.
_LENGTH_BYTES = 8


def try_alone(limits: Limits, content: bytes, reference: bytes | None) -> Tried:
    """Open a network on the CPU of a process of its own, and look at its answers.

    Raises
    ------
    InvalidModel
        It cannot serve, or took more than the limits.
    InvalidValue
        The reference cannot be used.
    """
    given = len(content).to_bytes(_LENGTH_BYTES, "big") + content + (reference or b"")
    command = [sys.executable, "-m", "service.registry.trying"]
    try:
        answer = run_confined(command, given, limits)
    except Ended as error:
        raise InvalidModel(f"The model could not be tried. {error}") from error
    if "model" in answer:
        raise InvalidModel(answer["model"])
    if "value" in answer:
        raise InvalidValue(answer["value"])
    about = answer["metadata"]
    metadata = ModelMetadata(**about | {"classes": tuple(about["classes"])})
    return Tried(metadata, answer["sha256"], answer["parity"])


def _answer(given: bytes) -> dict[str, Any]:
    end = _LENGTH_BYTES + int.from_bytes(given[:_LENGTH_BYTES], "big")
    content, reference = given[_LENGTH_BYTES:end], given[end:] or None
    try:
        tried = try_model(partial(OnnxClassifier, wish="cpu"), content, reference)
    except InvalidModel as error:
        return {"model": str(error)}
    except InvalidValue as error:
        return {"value": str(error)}
    return dataclasses.asdict(tried)


if __name__ == "__main__":
    answering(_answer)
