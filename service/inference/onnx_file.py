"""Look into an ONNX file before onnxruntime does: what it may make the runtime do, and what not.

The file is read as protobuf, field by field (numbers from onnx.proto of ONNX 1.23), because the
service has no other reader of it. Refused is what reads other files, and what can run for ever or
is not described by the file's own nodes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from service.errors import InvalidModel

# Networks of this service have some hundreds of nodes and ten levels at most.
_MOST_FIELDS = 5_000_000
_MOST_LEVELS = 30

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# What a varint may take: 64 bits, seven in a byte.
_MOST_VARINT_BYTES = 10

# Operators that run a graph of their own, as often as their input says.
_LOOPS = frozenset({b"Loop", b"Scan", b"If", b"SequenceMap"})
# Those of ONNX itself; others come from libraries that would have to be loaded.
_DOMAINS = frozenset({b"", b"ai.onnx"})


@dataclass(frozen=True, slots=True)
class _Message:
    """Fields of a message that hold messages, by number, and those that are refused or read."""

    parts: dict[int, str]
    refused: dict[int, str]


# ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, SparseTensorProto.
_MESSAGES = {
    "model": _Message({7: "graph"}, {20: "information for training", 25: "functions of its own"}),
    "graph": _Message({1: "node", 5: "tensor", 15: "sparse"}, {}),
    "node": _Message({5: "attribute"}, {}),
    "attribute": _Message(
        {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"}, {}
    ),
    "tensor": _Message({}, {13: "data outside of the file"}),
    "sparse": _Message({1: "tensor", 2: "tensor"}, {}),
}
_OP_TYPE, _DOMAIN = 4, 7
# TensorProto.data_location; 1 = outside of the file.
_DATA_LOCATION = 14


def check_file(content: bytes) -> None:
    """Refuse a network that reads other files, loops, or brings code of its own.

    Raises
    ------
    InvalidModel
        The file is no ONNX file, or has data outside of it, functions, loops, or operators of
        another domain than ONNX's.
    """
    pending: list[tuple[str, memoryview, int]] = [("model", memoryview(content), 0)]
    count = 0
    while pending:
        kind, part, level = pending.pop()
        if level > _MOST_LEVELS:
            raise _unreadable()
        message = _MESSAGES[kind]
        for number, value in _fields(part):
            count += 1
            if count > _MOST_FIELDS:
                raise _unreadable()
            if number in message.refused or (kind, number, value) == ("tensor", _DATA_LOCATION, 1):
                what = message.refused.get(number, "data outside of the file")
                raise InvalidModel(f"The model has {what}, which is not taken.")
            if kind == "node" and isinstance(value, memoryview):
                _check_node(number, bytes(value[:100]))
            if number in message.parts and isinstance(value, memoryview):
                pending.append((message.parts[number], value, level + 1))


def _check_node(number: int, text: bytes) -> None:
    if number == _OP_TYPE and text in _LOOPS:
        raise InvalidModel(
            f"The model has the operator {text.decode()}, which runs a graph of its own as its "
            "input says: it is not taken."
        )
    if number == _DOMAIN and text not in _DOMAINS:
        raise InvalidModel("The model has operators of another domain than ONNX's own.")


def _fields(part: memoryview) -> Iterator[tuple[int, "int | memoryview"]]:
    """Number and value of each field of a message; raises `InvalidModel`."""
    at = 0
    while at < len(part):
        tag, at = _varint(part, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(part, at)
            yield number, value
            continue
        if wire == _BYTES:
            length, at = _varint(part, at)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise _unreadable()
        if length > len(part) - at:
            raise _unreadable()
        yield number, part[at : at + length]
        at += length


def _varint(part: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(part[at : at + _MOST_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise _unreadable()


def _unreadable() -> InvalidModel:
    return InvalidModel("onnxruntime cannot load the model: it is no ONNX file, or it is cut off.")
