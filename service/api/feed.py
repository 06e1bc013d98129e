"""The feed: one thread reads new events from the database for all listeners of this process.

Workers write them, whatever process they are; reading along the primary key twice a second costs
the database less than a channel for each kind of database would cost everybody.
"""

import asyncio
import logging
import threading
import time

from service.db.engine import Sessions, writing
from service.db.queries.events import events_after, newest_event_id, trim_events
from service.db.tables import Event
from service.errors import Busy
from service.events.listener import Listener
from service.events.message import Message

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
        """A listener of all that happens from now on, or after the event `last_id`.

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
        """A client that left before its stream began never says so."""
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
