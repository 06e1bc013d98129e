"""The base of every schema: one class an entity, made by its room and answered by the API."""

from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict

# Ids are 64 bit in both databases; a larger number names nothing and would overflow there.
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _split(value: object) -> object:
    if isinstance(value, list):
        return [part for one in value for part in str(one).split(",")]
    return value


# Of a filter: layers=1,2 and layers=1&layers=2 are the same.
Layers = Annotated[list[int], BeforeValidator(_split)]


class Given(BaseModel):
    """A body that a client sends: an unknown field is an error, not silence.

    Only types are checked here. Ranges are checked where they mean something, and once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


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
