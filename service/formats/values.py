"""Values out of side files: numbers that may be text, missing, or nonsense."""

import math
from typing import Any


def number(value: Any) -> float | None:
    """A finite number, also one in a text; None for everything else, truth values included."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        parsed = float(value)
    # An integer of JSON may be longer than any float.
    except (ValueError, OverflowError):
        return None
    return parsed if math.isfinite(parsed) else None


def scale(value: Any) -> float | None:
    """A scale; software writes 0 where it knows none."""
    parsed = number(value)
    return parsed if parsed is not None and parsed > 0 else None


def whole(value: Any) -> int | None:
    """An integer, also one that is written as text or as 3.0."""
    parsed = number(value)
    return int(parsed) if parsed is not None and parsed.is_integer() else None


def text(value: Any) -> str | None:
    """A text that is not empty; Micro-Manager 1.4 writes a missing name as "null"."""
    if not isinstance(value, str) or value.strip() in ("", "null"):
        return None
    return value.strip()


def mapping(value: Any) -> dict[str, Any]:
    """The mapping itself; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The list itself; an empty one where something else stands."""
    return value if isinstance(value, list) else []
