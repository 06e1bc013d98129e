"""Text that is no text and numbers that are none are refused at one place, for every schema."""

import json

import pytest
from pydantic import ValidationError

from service.registry.schemas import NewModel
from service.scans.schemas import Import, NewScan
from service.schemas import MOST_LEVELS, Given, check_plain

NO_VALUES = {
    "half a character": "a\ud800b",
    "NUL": "a\0b",
    "infinite": float("inf"),
    "no number": float("nan"),
    "giant": 10**30,
    "deep": json.loads("[" * 500 + "]" * 500),
}


def schemas() -> list[type[Given]]:
    found, pending = [], [Given]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        found.append(kind)
    return found


@pytest.mark.parametrize("value", NO_VALUES.values(), ids=NO_VALUES.keys())
@pytest.mark.parametrize("place", ["value", "key", "deep"])
def test_every_schema_refuses_what_cannot_be_kept_wherever_it_stands(value: object, place: str):
    if place == "key" and not isinstance(value, str):
        pytest.skip("a key is a text")
    given = {"value": {"x": value}, "key": {str(value): 1}, "deep": {"x": [{"y": value}]}}[place]
    assert {NewScan, Import, NewModel} < set(schemas())
    for schema in schemas():
        with pytest.raises(ValidationError, match=r"NUL|surrogate|finite|64 bits|levels"):
            schema.model_validate(given)


def test_what_can_be_kept_passes():
    check_plain({"a": ["µm \U0001f9ea\n", 1.5, -(2**63), True, None, {"b": [[]]}]})
    deepest = json.loads("[" * MOST_LEVELS + "]" * MOST_LEVELS)
    check_plain(deepest)
    with pytest.raises(ValueError, match="20 levels"):
        check_plain([deepest])
