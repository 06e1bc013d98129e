"""Groups: what is connected pair by pair, directly or through others."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Groups(Generic[Item]):
    """Items that start alone and are connected one pair at a time (disjoint sets)."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._leader = {item: item for item in items}

    def connect(self, one: Item, other: Item) -> None:
        """Put two items, and all that is connected with either, into one group."""
        self._leader[self._find(one)] = self._find(other)

    def __iter__(self) -> Iterator[list[Item]]:
        groups: dict[Item, list[Item]] = {}
        for item in self._leader:
            groups.setdefault(self._find(item), []).append(item)
        return iter(groups.values())

    def _find(self, item: Item) -> Item:
        while self._leader[item] != item:
            # Each step halves the way for the next one who asks.
            self._leader[item] = self._leader[self._leader[item]]
            item = self._leader[item]
        return item
