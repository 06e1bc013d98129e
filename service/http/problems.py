"""Turn errors into problem documents (RFC 9457): only this file knows their HTTP status."""

import json
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DatabaseError, DataError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from service import errors
from service.db.blobs import NO_ROOM

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

    def render(self, content: Any) -> bytes:
        """JSON in ASCII: what is quoted of a call may be no text that UTF-8 has letters for."""
        return json.dumps(content, allow_nan=False).encode()


def problem(
    status: int,
    detail: str,
    *,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> ProblemResponse:
    """Build a problem document; `name` ("invalid-image") tells kinds of one status apart."""
    content = {
        "type": f"urn:problem-type:flakescope:{name}" if name else "about:blank",
        "title": name.replace("-", " ").capitalize() if name else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return ProblemResponse(content | more, status, headers)


_log = logging.getLogger(__name__)

STATUS: dict[type[errors.FlakescopeError], int] = {
    errors.InvalidImage: 422,
    errors.InvalidValue: 422,
    errors.InvalidArchive: 422,
    errors.TooLarge: 413,
    errors.InvalidToken: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Busy: 503,
    errors.InvalidModel: 503,
    errors.Unavailable: 503,
    errors.StorageFull: 507,
}

# In place of the validator's own words.
REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is no field of this call",
    "given_twice": "is given more than once; a call takes one",
    "in_form": "is no query field: it belongs into the form, beside the file",
}

# A database that restarts is back within seconds; room on a disk is somebody's work.
DATABASE_RETRY_AFTER_S, FULL_RETRY_AFTER_S = 5, 60

# SQLite's words, and PostgreSQL's SQLSTATE: the disk of the database is full.
_FULL_TEXT, _FULL_STATE = "database or disk is full", "53100"
# And that a table or a column is not there.
_MISSING_TEXTS, _MISSING_STATES = ("no such table", "no such column"), ("42P01", "42703")
# SQLite's words for a file that is none of its own, or was overwritten in part.
_DAMAGED_TEXTS = ("file is not a database", "disk image is malformed")
DAMAGED = (
    "The database is damaged, or is none: stop the service, run `flakescope check`, and restore a "
    "backup where it says so."
)
UNMIGRATED = (
    "The database's tables are missing or of another version: run `flakescope migrate`, "
    "with the same --database-url."
)


# Said once in so long: a database that is away for a night is thousands of refused calls a minute.
_SAID_EVERY_S = 60.0


class Said:
    """Tells whether something was not said in the last minute; a test passes its own clock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_s: dict[str, float] = {}

    def is_new(self, what: str) -> bool:
        """Whether it is to be said; then it is not for a while."""
        now_s = self._clock()
        if now_s - self._last_s.get(what, -_SAID_EVERY_S) < _SAID_EVERY_S:
            return False
        self._last_s[what] = now_s
        return True


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    app.state.said = Said()
    app.add_exception_handler(errors.FlakescopeError, _on_named)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(OperationalError, _on_database)
    app.add_exception_handler(ProgrammingError, _on_database)
    app.add_exception_handler(DatabaseError, _on_database)
    app.add_exception_handler(NoConnection, _on_database)
    app.add_exception_handler(DataError, _on_data)
    app.add_exception_handler(OSError, _on_system)


def named_problem(error: errors.FlakescopeError) -> ProblemResponse:
    """Build the answer to a named error."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    # InvalidImage -> invalid-image
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
    headers = {}
    if isinstance(error, errors.Busy):
        headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, errors.Unavailable):
        headers["Retry-After"] = str(DATABASE_RETRY_AFTER_S)
    elif isinstance(error, errors.StorageFull):
        headers["Retry-After"] = str(FULL_RETRY_AFTER_S)
    elif isinstance(error, errors.InvalidToken):
        headers["WWW-Authenticate"] = "Bearer"
    more = {"reasons": error.reasons} if isinstance(error, errors.Refused) else {}
    return problem(status, str(error), name=name, headers=headers, **more)


def database_problem(said: Said, method: str, path: str, error: Exception) -> ProblemResponse:
    """Build the answer to a database failure; the database's words are for the log alone.

    They hold SQL and addresses. `said` is that of `app.state`: once a minute is enough.
    """
    if said.is_new(type(error).__name__):
        _log.error("%s %s: no database", method, path, exc_info=error)
    original = getattr(error, "orig", None)
    if any(words in str(original) for words in _DAMAGED_TEXTS):
        return problem(503, DAMAGED, name="damaged-database")
    if _FULL_TEXT in str(original) or getattr(original, "sqlstate", None) == _FULL_STATE:
        return named_problem(errors.StorageFull("The disk of the database is full."))
    if is_unmigrated(error):
        return problem(503, UNMIGRATED, name="not-migrated")
    if isinstance(error, DatabaseError) and not isinstance(error, OperationalError):
        # A statement that is wrong by itself is a fault of the service.
        raise error
    return problem(
        503,
        "The database does not answer now.",
        name="no-database",
        headers={"Retry-After": str(DATABASE_RETRY_AFTER_S)},
    )


def is_unmigrated(error: Exception) -> bool:
    """Tell whether the database lacks the tables that this service expects."""
    original = getattr(error, "orig", None)
    missing = any(text in str(original) for text in _MISSING_TEXTS)
    return missing or getattr(original, "sqlstate", None) in _MISSING_STATES


async def _on_named(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, errors.FlakescopeError)
    return named_problem(error)


async def _on_validation(_: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    found = [_invalid_field(one) for one in error.errors()]
    detail = "; ".join(f"{one['field']} {one['reason']}" for one in found)
    return problem(422, f"{detail}.", name="invalid-request", errors=found)


def _invalid_field(error: Mapping[str, Any]) -> dict[str, str]:
    field = _name(error["loc"])
    if error["type"] == "json_invalid":
        return {"field": "body", "reason": f"is not JSON: {error['ctx']['error']}"}
    if error["type"] in REASONS:
        return {"field": field, "reason": REASONS[error["type"]]}
    if "Expected UploadFile" in error["msg"]:
        return {"field": field, "reason": "must be a file" + _shown(error.get("input"))}
    # "Input should be greater than 0" -> "should be greater than 0, is -1"
    reason = re.sub(r"^(Input|Value error,?|String) ", "", error["msg"])
    return {"field": field, "reason": reason + _shown(error.get("input"))}


def _name(place: Sequence[str | int]) -> str:
    # The first entry only says body, query or path.
    return ".".join(map(str, place[1:])) or str(place[0])


def _shown(value: object) -> str:
    if isinstance(value, str | int | float | bool):
        # A longer text would bury the reason.
        return f", is {value!r}" if len(repr(value)) <= 60 else ""
    return ""


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if _is_no_room(error.__cause__):
        # The framework calls whatever befell it while it received a form a fault of the form.
        return named_problem(_no_room())
    call = f"{request.method} {request.url.path}"
    details = {
        404: f"There is no {call}; /docs lists every call.",
        405: f"{call} does not exist; here "
        f"{(error.headers or {}).get('Allow', 'another method')} is possible.",
    }
    detail = details.get(error.status_code, str(error.detail))
    name = "too-large" if error.status_code == 413 else None
    return problem(error.status_code, detail, name=name, headers=error.headers)


async def _on_database(request: Request, error: Exception) -> ProblemResponse:
    return database_problem(request.app.state.said, request.method, request.url.path, error)


async def _on_data(request: Request, error: Exception) -> ProblemResponse:
    # Whatever the checks before let through: it is the value that is wrong, not the service.
    _log.error("%s %s: a value that is not kept: %s", request.method, request.url.path, error)
    detail = "A value of this call is none that the database can keep."
    return problem(422, detail, name="invalid-value")


async def _on_system(_: Request, error: Exception) -> ProblemResponse:
    if not _is_no_room(error):
        raise error
    _log.error("The disk is full: %s", error)
    return named_problem(_no_room())


def _is_no_room(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in NO_ROOM


def _no_room() -> errors.StorageFull:
    return errors.StorageFull("A disk of the service is full; nothing was kept of this call.")
