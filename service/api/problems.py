"""Problem documents (RFC 9457): the one form of every error that leaves the service."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class InvalidField(BaseModel):
    """One field of the request that is wrong."""

    field: str = Field(examples=["um_per_px"])
    reason: str = Field(examples=["must be greater than 0, is -0.4"])


class Problem(BaseModel):
    """An error, RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:problem-type:flakescope:invalid-image",
                    "title": "Invalid image",
                    "status": 422,
                    "detail": "The file is empty: it has 0 bytes.",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[InvalidField] | None = None
    reasons: list[str] | None = None


class ProblemResponse(JSONResponse):
    """A problem document as response."""

    media_type = MEDIA_TYPE


def problem(
    status: int,
    detail: str,
    *,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> ProblemResponse:
    """A problem document; `name` ("invalid-image") tells kinds of one status apart."""
    content = {
        "type": f"urn:problem-type:flakescope:{name}" if name else "about:blank",
        "title": name.replace("-", " ").capitalize() if name else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return ProblemResponse(content | more, status, headers)
