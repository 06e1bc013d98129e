"""What all bodies share."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict

# Ids are 64 bit in both databases; a larger number names nothing and would overflow there.
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


class Given(BaseModel):
    """A body that a client sends: an unknown field is an error, not silence.

    Only types are checked here. Ranges are checked where they mean something, and once.
    """

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """A body that the service answers, read from the attributes of a view."""

    model_config = ConfigDict(from_attributes=True)


def example(model_example: dict[str, Any]) -> ConfigDict:
    """Configuration with an example for the API's page."""
    return ConfigDict(json_schema_extra={"examples": [model_example]})
