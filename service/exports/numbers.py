"""Numbers as they are written."""

# A tenth of a nanometre: finer than any stage, and short.
_DIGITS_UM = 4


def um(value: float) -> float:
    """A length in um to a tenth of a nanometre; -0.0 becomes 0.0."""
    return round(value, _DIGITS_UM) + 0.0


def um_or_none(value: float | None) -> float | None:
    """The same, and unknown stays unknown."""
    return None if value is None else um(value)
