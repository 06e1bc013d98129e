"""A listener: a bounded queue between the thread that reads events and the stream of one client."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from service.events.message import HEARTBEAT, OPENING, Message

# A client this far behind does not read any more: its stream ends, and it may come again.
MOST_WAITING = 1000

# Shorter than any proxy's usual patience, a minute.
HEARTBEAT_S = 15.0


class Listener:
    """Takes messages from any thread, gives them as bytes to one coroutine of its loop.

    Parameters
    ----------
    after_id : int
        Newer messages only.
    scan_id : int or None
        Those of a scan, and those of none.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, after_id: int = 0, scan_id: int | None = None
    ) -> None:
        self._loop = loop
        self._after_id = after_id
        self._scan_id = scan_id
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(MOST_WAITING)
        self._missed: list[Message] = []

    @property
    def after_id(self) -> int:
        """Newer messages only."""
        return self._after_id

    def catch_up(self, missed: Iterable[Message]) -> None:
        """What it missed, before its stream begins; it is not sent twice."""
        self._missed = [one for one in missed if self._is_wanted(one)]

    def send(self, messages: Iterable[Message]) -> None:
        """Queue messages; callable from any thread."""
        wanted = [one for one in messages if self._is_wanted(one)]
        if wanted and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, wanted)

    def close(self) -> None:
        """End its stream; callable from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end)

    async def stream(
        self, lasting_s: float, heartbeat_s: float = HEARTBEAT_S
    ) -> AsyncIterator[bytes]:
        """What was missed, then what comes, for so long at most."""
        end = self._loop.time() + lasting_s
        yield OPENING
        sent = set()
        for message in self._missed:
            sent.add(message.id)
            yield message.encode()
        while (left_s := end - self._loop.time()) > 0:
            try:
                message_or_end = await asyncio.wait_for(self._queue.get(), min(left_s, heartbeat_s))
            except TimeoutError:
                yield HEARTBEAT
                continue
            if message_or_end is None:
                return
            if message_or_end.id not in sent:
                yield message_or_end.encode()

    def _is_wanted(self, message: Message) -> bool:
        if self._scan_id is not None and message.scan_id not in (self._scan_id, None):
            return False
        return message.id > self._after_id

    def _put(self, messages: list[Message]) -> None:
        for message in messages:
            if self._queue.full():
                self._end()
                return
            self._queue.put_nowait(message)

    def _end(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)
