"""Libraries for formats that not every lab has: installed as extras, loaded when first needed."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from service.errors import InvalidValue

T = TypeVar("T")


def load_extra(module: str, *, extra: str, reads: str) -> Any:
    """The module of an optional library.

    Raises
    ------
    InvalidValue
        It is not installed; the message names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InvalidValue(
            f"{reads} is read by the library {module}, which is not installed: "
            f"pip install 'flakescope[{extra}]'."
        ) from error


def readable(names: Sequence[str], read: Callable[[str], T], notes: list[str]) -> list[T]:
    """What could be read of some files; the others are noted.

    Raises
    ------
    InvalidValue
        No file could be read: the error of the first.
    """
    found: list[T] = []
    errors: list[InvalidValue] = []
    for name in names:
        try:
            found.append(read(name))
        except InvalidValue as error:
            errors.append(error)
    if errors and not found:
        raise errors[0]
    notes.extend(f"{error} It is left out." for error in errors)
    return found
