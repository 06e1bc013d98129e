"""Whether the network runs where it was asked to."""

from service.api.parts import Parts
from service.inference.onnx_classifier import CPU


def missing_gpu(parts: Parts) -> str | None:
    """What to say where a GPU was asked for and the CPU answers; raises `InvalidModel`."""
    provider = parts.screener.live.classifier.provider
    if not parts.wants_gpu or provider != CPU:
        return None
    return f"A GPU was asked for, but {provider} is active: the log of the start says why."
