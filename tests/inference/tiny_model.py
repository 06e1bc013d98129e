"""Draws tiny ONNX files: logit = weight * mean over the crop of its blue contrast + bias."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

METADATA = {
    "flakescope.version": "tiny-1",
    "flakescope.input_size": "32",
    "flakescope.classes": '["graphene", "not_graphene"]',
    "flakescope.positive": "graphene",
    "flakescope.threshold": "0.5",
    "flakescope.temperature": "2.0",
    "flakescope.preprocessing_version": "1",
    "flakescope.data_digest": "sha256:0",
    "flakescope.created": "2026-11-20T00:00:00Z",
}


def write_tiny_model(
    path: Path,
    *,
    batch: int | str = "n",
    channels: int = 4,
    output: str = "logit",
    flat: bool = True,
    bias: float = 0.0,
    weight: float = 1.0,
    **metadata: str | None,
) -> Path:
    """Write a network without training; `metadata` replaces entries, None leaves one out."""
    shape: list[int | str] = [batch, 32, 32, channels]
    nodes = [
        helper.make_node("Slice", ["crops", "blue", "mask", "channel"], ["band"]),
        helper.make_node("ReduceMean", ["band", "axes"], ["mean"], keepdims=0 if flat else 1),
        helper.make_node("Mul", ["mean", "weight"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["sum" if not flat else output]),
    ]
    if not flat:
        nodes.append(helper.make_node("Reshape", ["sum", "column"], [output]))
    constants = {
        "blue": np.array([2], np.int64),
        "mask": np.array([3], np.int64),
        "channel": np.array([3], np.int64),
        "axes": np.array([1, 2, 3], np.int64),
        "weight": np.array(weight, np.float32),
        "bias": np.array(bias, np.float32),
        "column": np.array([-1, 1], np.int64),
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("crops", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    replaced = {f"flakescope.{key}": value for key, value in metadata.items()}
    entries = METADATA | replaced
    helper.set_model_props(model, {key: value for key, value in entries.items() if value})
    onnx.save(model, path)
    return path
