"""A network that is sent to the registry."""

import json
from typing import Any

from fastapi import UploadFile
from pydantic import Field

from service.api.schemas.base import Given, example
from service.errors import InvalidValue


class NewModel(Given):
    """An exported network."""

    model_config = example({"model": "the bytes of graphene-2.onnx"})

    model: UploadFile = Field(description="ONNX, with the metadata that serving needs.")
    reference: UploadFile | None = Field(
        None,
        description="npz of `crops` (n, size, size, 4) and `p_graphene` (n,), the answers of the "
        "trained network: from it the parity is measured.",
    )
    metrics: str | None = Field(
        None, description="JSON object; its `parity_difference` counts where no reference is given."
    )

    def metrics_given(self) -> dict[str, Any]:
        """The metrics; raises `InvalidValue` where they are no JSON object of finite numbers."""
        try:
            # A NaN is no JSON; PostgreSQL would refuse to keep it.
            metrics = json.loads(self.metrics or "{}", parse_constant=_refuse)
        except ValueError as error:
            raise InvalidValue(f"metrics is no JSON: {error}") from error
        if not isinstance(metrics, dict) or "\\u0000" in (self.metrics or ""):
            raise InvalidValue("metrics has to be a JSON object without NUL characters.")
        return metrics


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
