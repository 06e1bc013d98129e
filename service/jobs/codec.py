"""Arguments and results of jobs as JSON. The engine's own way, pickle, runs what it reads."""

import json
from typing import Any

from dbos import Serializer


class JobError(Exception):
    """An error that stopped a job, as its record tells it."""


class JsonCodec(Serializer):
    """JSON; an error becomes its name and its words."""

    def serialize(self, data: Any) -> str:
        """Serialize a value to text."""
        if isinstance(data, BaseException):
            data = {"error": f"{type(data).__name__}: {data}"}
        return json.dumps(data)

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805 - the base's own spelling
        """Deserialize the value of a text; tuples have become lists."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and data.keys() == {"error"}:
            return JobError(data["error"])
        return data

    def name(self) -> str:
        """Name the codec that a record says it was written by."""
        return "flakescope_json"
