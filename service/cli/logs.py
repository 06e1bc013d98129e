"""Lines of the log: for people, or JSON for what collects them."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from service.api.call import current_call
from service.api.guard import access_log
from service.settings import Settings

# Ours, and whatever stands behind "Bearer".
_SECRET = re.compile(r"flk_[\w-]{8,}|(?i:(?<=bearer )\S+)")

# What callers add to a line by `extra`.
_EXTRA = ("address", "status")


def set_up_logs(settings: Settings) -> None:
    """Send every line of this process to its standard error, in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else PlainLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    access_log.setLevel(logging.INFO if settings.access_log else logging.WARNING)
    # It tells of every call that this process makes itself.
    logging.getLogger("httpx").setLevel(logging.WARNING)


class PlainLines(logging.Formatter):
    """`INFO service.app: ... [request 12ab, scan_id 7]`."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line; more where there is a trace."""
        about = {"request" if key == "request_id" else key: v for key, v in _about().items()}
        said = ", ".join(f"{name} {value}" for name, value in about.items())
        first, *rest = super().format(record).split("\n")
        return without_secrets("\n".join([f"{first} [{said}]" if said else first, *rest]))


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, who, scan_id, tile_id."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, also where there is a trace."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        line |= _about()
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(line, default=str))


def without_secrets(text: str) -> str:
    """The text, with what looks like a token struck out."""
    return _SECRET.sub("***", text)


def _about() -> dict[str, object]:
    call = current_call()
    if call is None:
        return {}
    about: dict[str, object] = {"request_id": call.id}
    if call.who is not None:
        about["who"] = call.who
    return about | dict[str, object](call.ids)
