"""What to say where something is not there."""

from typing import TypeVar

from service.errors import NotFound

Row = TypeVar("Row")


def found(row: Row | None, what: str) -> Row:
    """The row; raises `NotFound` where there is none ("scan 7", "flake 12")."""
    if row is None:
        raise NotFound(f"There is no {what}.")
    return row
