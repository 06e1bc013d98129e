"""Share a bounded sum of something costly (bytes, pixels) among all that are at work at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """So much may be in use at once; what would be too much alone never fits.

    Parameters
    ----------
    most : int
        The sum.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._used = 0
        self._changed = threading.Condition()

    @property
    def used(self) -> int:
        """What is in use now."""
        return self._used

    def fits(self, amount: int) -> bool:
        """Take an amount if it fits now; tell whether it did."""
        with self._changed:
            if self._used + amount > self.most:
                return False
            self._used += amount
            return True

    def give_back(self, amount: int) -> None:
        """Let others have what was taken."""
        with self._changed:
            self._used -= amount
            self._changed.notify_all()

    @contextmanager
    def holding(self, amount: int) -> Iterator[None]:
        """Hold an amount during the block; wait for it first. At most the whole sum is held."""
        amount = min(amount, self.most)
        with self._changed:
            self._changed.wait_for(lambda: self._used + amount <= self.most)
            self._used += amount
        try:
            yield
        finally:
            self.give_back(amount)
