"""The call that is being answered: what its log lines, in whatever thread, have in common."""

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Call:
    """One call.

    Attributes
    ----------
    id : str
        Its request id.
    ids : dict
        What it is about: `scan_id`, `tile_id`.
    """

    id: str
    who: str | None = None
    ids: dict[str, int] = field(default_factory=dict)


# Threads that answer a call get a copy of its context, and so the same object.
_current: ContextVar[Call | None] = ContextVar("call", default=None)


def begin_call(call: Call) -> None:
    """Make this the current call of this task from now on."""
    _current.set(call)


def current_call() -> Call | None:
    """Get the call that this thread or task answers; None outside of any."""
    return _current.get()


def note(**ids: int) -> None:
    """Remember what the current call is about, for its log lines."""
    call = _current.get()
    if call is not None:
        call.ids.update(ids)
