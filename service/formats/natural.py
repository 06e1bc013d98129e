"""Natural order: image 9 comes before image 10."""

import re

_DIGITS = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[str | int, ...], str]


def natural_key(name: str) -> NaturalKey:
    """Key that sorts numbers inside names by their value; equal values by the names themselves."""
    # Text and numbers alternate, so that equal places always hold the same type.
    parts = _DIGITS.split(name.casefold())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name
