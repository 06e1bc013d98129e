"""JSON that is longer than memory: an object whose long lists are written item by item."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Json = dict[str, Any]


def pieces_of(members: Mapping[str, Any]) -> Iterator[bytes]:
    """An object member by member, one item of each iterator a line.

    A member that is a function is called when its turn comes: what it gives may depend on the
    members before it.
    """
    between = "{\n"
    for name, given in members.items():
        value = given() if callable(given) else given
        yield f"{between}{json.dumps(name)}: ".encode()
        if isinstance(value, Iterator):
            yield from _list(value)
        else:
            yield dump(value)
        between = ",\n"
    yield b"\n}\n"


def dump(value: Any) -> bytes:
    """One value on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _list(items: Iterable[Any]) -> Iterator[bytes]:
    between = b"[\n"
    for item in items:
        yield between + dump(item)
        between = b",\n"
    yield b"[]" if between == b"[\n" else b"\n]"
