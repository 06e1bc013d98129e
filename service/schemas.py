"""The base of every schema: one class an entity, for rooms and API; and what no text may hold."""

import math
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

# Ids are 64 bit in both databases; a larger number names nothing and would overflow there.
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _split(value: object) -> object:
    if isinstance(value, list):
        return [part for one in value for part in str(one).split(",")]
    return value


# Of a filter: layers=1,2 and layers=1&layers=2 are the same.
Layers = Annotated[list[int], BeforeValidator(_split)]


# What both databases hold as an integer.
_INTEGERS = range(-(2**63), 2**63)
# A body of this service has five levels at most; metrics of a network may have some more.
MOST_LEVELS = 20


def check_plain(value: object) -> None:
    """Refuse what JSON can say and no database or answer can hold, at any depth.

    Raises
    ------
    ValueError
        A text with NUL or half a character, an infinite number or none, an integer of more than
        64 bits, or over MOST_LEVELS.
    """
    pending = [(value, 1)]
    while pending:
        one, level = pending.pop()
        if level > MOST_LEVELS:
            raise ValueError(f"It is nested over {MOST_LEVELS} levels deep.")
        if isinstance(one, dict):
            pending += [(part, level + 1) for pair in one.items() for part in pair]
        elif isinstance(one, list | tuple):
            pending += [(part, level + 1) for part in one]
        elif (wrong := _wrong(one)) is not None:
            raise ValueError(wrong)


def _wrong(value: object) -> str | None:
    if isinstance(value, str):
        return _wrong_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no finite number."
    if isinstance(value, int) and value not in _INTEGERS:
        return "An integer has over 64 bits."
    return None


def _wrong_text(text: str) -> str | None:
    if "\0" in text:
        return "A text holds a NUL character."
    try:
        text.encode()
    except UnicodeEncodeError:
        return "A text holds half of a surrogate pair, which is no character."
    return None


class Given(BaseModel):
    """A body that a client sends: an unknown field is an error, not silence.

    Types are checked here, and that texts are texts and numbers are numbers. Ranges are checked
    where they mean something, and once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _is_plain(cls, given: Any) -> Any:
        check_plain(given)
        return given


class Shown(BaseModel):
    """A body that the service answers; the rooms below the API make it and pass it on."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    @classmethod
    def read(cls, row: object, **beside: Any) -> Self:
        """Read a row: fields that are columns of the same name, and what is given beside them."""
        columns = {name: getattr(row, name) for name in cls.model_fields if name not in beside}
        return cls.model_validate(columns | beside)


def example(model_example: dict[str, Any]) -> ConfigDict:
    """Configuration with an example for the API's page."""
    return ConfigDict(json_schema_extra={"examples": [model_example]})
