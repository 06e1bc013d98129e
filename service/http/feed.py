"""Feed new events to all listeners of this process: one thread reads, server-sent events go out."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.db.engine import Sessions, writing
from service.db.queries.events import events_after, newest_event_id, trim_events
from service.db.tables import Event
from service.errors import Busy

# How long a browser waits before it connects again.
RETRY_MS = 2000

# Comments keep proxies from closing a silent stream.
OPENING = f"retry: {RETRY_MS}\n\n".encode()
HEARTBEAT = b": alive\n\n"


@dataclass(frozen=True, slots=True)
class Message:
    """Something that happened."""

    id: int
    at: datetime
    kind: str
    scan_id: int | None
    body: Mapping[str, object]

    def encode(self) -> bytes:
        """Encode the id, the kind, and one line of JSON: `at`, `scan_id` and what the kind has."""
        data = {"at": self.at.isoformat(), "scan_id": self.scan_id, **self.body}
        return f"id: {self.id}\nevent: {self.kind}\ndata: {json.dumps(data)}\n\n".encode()


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
        """Keep what it missed, before its stream begins; it is not sent twice."""
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
        """Stream what was missed, then what comes, for so long at most."""
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


_log = logging.getLogger(__name__)

_POLL_S = 0.5
_TRIM_EVERY_S = 60.0

# PostgreSQL gives ids before the commit: an event may appear behind a newer one. Among so many of
# the newest it is still looked for.
_OVERLAP = 200

# Each has a connection, and gets everything.
MOST_LISTENERS = 100

# Then a stream ends, and the client connects again, with its token looked at anew; a browser does
# it by itself.
STREAM_S = 600.0


class Feed:
    """Tells listeners what happens, until it is closed."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        # With the moment when each came.
        self._listeners: dict[Listener, float] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._newest = 0
        self._seen: set[int] = set()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """End every stream and the thread."""
        self._stop.set()
        self.end_streams()
        if self._thread.is_alive():
            self._thread.join()

    def end_streams(self) -> None:
        """Say to every listener that nothing more comes."""
        for listener in list(self._listeners):
            listener.close()

    def listen(
        self, loop: asyncio.AbstractEventLoop, last_id: int | None, scan_id: int | None
    ) -> Listener:
        """Add a listener of all that happens from now on, or after the event `last_id`.

        Raises
        ------
        Busy
            As many listen already as this process takes.
        """
        with self._lock:
            if len(self._listeners) >= MOST_LISTENERS:
                raise Busy(f"{MOST_LISTENERS} streams of events are open already.", 5)
            with self._sessions() as session:
                newest = newest_event_id(session)
                if not self._listeners:
                    # Nothing was read while nobody listened.
                    self._newest = newest
                    self._seen = {one.id for one in events_after(session, newest - _OVERLAP)}
            # An id of the future is of another database: nothing would ever be newer.
            after_id = newest if last_id is None or last_id > newest else last_id
            listener = Listener(loop, after_id=after_id, scan_id=scan_id)
            self._listeners[listener] = time.monotonic()
        if after_id < newest:
            with self._sessions() as session:
                listener.catch_up(_message(one) for one in events_after(session, after_id))
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener; never waits, for the event loop calls it."""
        self._listeners.pop(listener, None)

    def poll(self) -> None:
        """Send what is new to everybody."""
        with self._lock:
            self._forget_the_unheard()
            if not self._listeners:
                return
            with self._sessions() as session:
                found = events_after(session, max(self._newest - _OVERLAP, 0))
            fresh = [_message(one) for one in found if one.id not in self._seen]
            self._newest = max([self._newest, *(one.id for one in found)])
            self._seen = {one.id for one in found if one.id > self._newest - _OVERLAP}
            for listener in list(self._listeners) if fresh else ():
                listener.send(fresh)

    def _forget_the_unheard(self) -> None:
        """Drop listeners whose client left before its stream began, as it never says so."""
        now = time.monotonic()
        for listener, since in list(self._listeners.items()):
            if now - since > STREAM_S + 60:
                self.leave(listener)

    def _run(self) -> None:
        trimmed = time.monotonic()
        while not self._stop.wait(_POLL_S):
            try:
                self.poll()
                if time.monotonic() - trimmed > _TRIM_EVERY_S:
                    trimmed = time.monotonic()
                    with writing(self._sessions) as session:
                        trim_events(session)
            except Exception:  # the top of a thread: a database that was away is back later
                _log.exception("Events could not be read")


def _message(event: Event) -> Message:
    return Message(event.id, event.at, event.kind, event.scan_id, event.body)
