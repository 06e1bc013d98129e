"""Holding out whole acquisition groups."""

import numpy as np
from numpy.typing import NDArray

from models.examples.labelled import Examples
from models.folds import split
from service.errors import InvalidValue


def hold_out(examples: Examples, one_in: int) -> tuple[Examples, Examples]:
    """Examples to train on, and those of about one in so many groups.

    Raises
    ------
    InvalidValue
        No such part leaves both graphene and something else on both sides.
    """
    for seen, held_out in split(examples, one_in):
        if _has_both(examples.label[seen]) and _has_both(examples.label[held_out]):
            return examples.where(seen), examples.where(held_out)
    groups = len(np.unique(examples.group))
    raise InvalidValue(
        f"The {len(examples)} examples of {groups} group(s) cannot be parted so that both parts "
        "have graphene and something else: add groups that hold both, or name groups otherwise."
    )


def _has_both(label: NDArray[np.int8]) -> bool:
    return bool(0 < np.count_nonzero(label) < len(label))
