"""Keep what was made last, up to a size; nothing is made twice at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Shelf(Generic[Item]):
    """Items by key; those that were not asked for longest go first.

    Parameters
    ----------
    most_bytes : int
        What is kept in all; a single larger item is given, but not kept.
    size_bytes : callable
        Size of an item.
    """

    def __init__(self, most_bytes: int, size_bytes: Callable[[Item], int]) -> None:
        self._most_bytes, self._size_bytes = most_bytes, size_bytes
        self._kept: OrderedDict[Hashable, Item] = OrderedDict()
        self._bytes = 0
        self._making: dict[Hashable, Future[Item]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Item]) -> Item:
        """Get the item of a key; callers wait while another makes it, for the item or its error."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.get(key)
            if making is None:
                mine = self._making[key] = Future[Item]()
        if making is not None:
            return making.result()
        try:
            item = make()
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            self._keep(key, item)
            mine.set_result(item)
            return item
        finally:
            with self._lock:
                del self._making[key]

    def _keep(self, key: Hashable, item: Item) -> None:
        size = self._size_bytes(item)
        if size > self._most_bytes:
            return
        with self._lock:
            self._kept[key] = item
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._bytes -= self._size_bytes(self._kept.popitem(last=False)[1])
