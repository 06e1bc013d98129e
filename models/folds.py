"""Folds by acquisition group: what was taken together is tested together."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.examples.labelled import SYNTHETIC, Examples


def group_folds(groups: NDArray[np.str_], folds: int) -> list[set[str]]:
    """Deal the real groups out into folds of about equal size; none is in two.

    Halves of one acquisition ("WSe2L-train", "WSe2L-test") stay together.
    """
    sizes: dict[str, int] = {}
    for group in groups[groups != SYNTHETIC].tolist():
        sizes[group] = sizes.get(group, 0) + 1
    units: dict[str, set[str]] = {}
    for group in sizes:
        units.setdefault(acquisition(group), set()).add(group)
    dealt: list[set[str]] = [set() for _ in range(min(folds, len(units)))]
    for unit in sorted(units.values(), key=lambda u: (-sum(sizes[g] for g in u), min(u))):
        smallest = min(dealt, key=lambda fold: sum(sizes[group] for group in fold))
        smallest |= unit
    return dealt


def acquisition(group: str) -> str:
    """Name what a group was taken in: without somebody's own split into train and test."""
    return group.removesuffix("-train").removesuffix("-test")


def split(examples: Examples, folds: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Masks (train, test) of each fold; rendered examples are always trained on."""
    for held_out in group_folds(examples.group, folds):
        test = np.isin(examples.group, sorted(held_out))
        yield ~test, test
