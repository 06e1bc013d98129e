"""The stream of events, on the real service."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from itertools import islice

import httpx

from service.db.base import utc_now
from service.db.queries.events import add_event, events_after, trim_events
from service.http.feed import MOST_WAITING, OPENING, Feed, Listener, Message
from service.settings import Settings
from tests.api.serving import Running, serving


def read(lines: Iterator[str]) -> Iterator[tuple[int, str, dict]]:
    """Id, kind and data of each event."""
    event: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name in {"id", "event", "data"}:
            event[name] = value
        elif not line and "data" in event:
            yield int(event["id"]), event["event"], json.loads(event["data"])
            event = {}


def test_a_listener_hears_of_tiles_and_states_and_goes_on_where_it_stopped(
    running: Running, flake_png: bytes
):
    with httpx.stream("GET", running.http.base_url.join("/v1/events"), timeout=20) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = read(stream.iter_lines())
        scan_id = running.open_scan(um_per_px=0.5)
        tile = running.post_tile(scan_id, flake_png, row=0, col=0).json()
        heard = list(islice(events, 2))

    assert [kind for _, kind, _ in heard] == ["scan_state", "tile_screened"]
    assert heard[0][2]["state"] == "open"
    told = heard[1][2]
    assert (told["scan_id"], told["tile_id"]) == (scan_id, tile["tile"]["id"])
    assert [flake["id"] for flake in told["flakes"]] == [tile["flakes"][0]["id"]]

    back = {"last-event-id": str(heard[0][0])}
    other = running.open_scan()
    url = running.http.base_url.join(f"/v1/events?scan_id={scan_id}")
    with httpx.stream("GET", url, headers=back, timeout=20) as stream:
        again = read(stream.iter_lines())
        assert next(again) == heard[1]
        running.post_tile(other, flake_png, name="elsewhere.png")
        running.post_tile(scan_id, flake_png, row=0, col=1)
        assert next(again)[2]["scan_id"] == scan_id


def test_a_review_is_told_to_everybody_and_so_is_its_undo(running: Running, flake_png: bytes):
    scan_id = running.open_scan(um_per_px=0.5)
    flake_id = running.post_tile(scan_id, flake_png).json()["flakes"][0]["id"]
    address = f"/v1/flakes/{flake_id}/review"
    with httpx.stream("GET", running.http.base_url.join("/v1/events"), timeout=20) as stream:
        events = read(stream.iter_lines())
        running.http.put(address, json={"label": "graphene", "layers": 2}).raise_for_status()
        # Said again it is nothing new.
        running.http.put(address, json={"label": "graphene", "layers": 2}).raise_for_status()
        running.http.delete(address).raise_for_status()
        heard = [(kind, told) for _, kind, told in islice(events, 2)]

    assert [kind for kind, _ in heard] == ["reviewed", "reviewed"]
    said, undone = (told for _, told in heard)
    who = said["by"]
    assert (said["scan_id"], undone["by"]) == (scan_id, who)
    assert said["reviews"] == [
        {"flake_id": flake_id, "label": "graphene", "layers": 2, "reviewer": who}
    ]
    assert undone["reviews"] == [
        {"flake_id": flake_id, "label": None, "layers": None, "reviewer": None}
    ]


def test_a_service_that_stops_ends_its_streams_in_order(settings: Settings):
    with serving(settings) as running:
        stopped = threading.Timer(0.5, running.stop)
        stopped.start()
        with httpx.stream("GET", running.http.base_url.join("/v1/events"), timeout=30) as stream:
            received = b"".join(stream.iter_raw())  # an end out of order would raise

    assert received == OPENING


def test_an_event_that_commits_behind_a_newer_one_is_still_sent(sessions):
    class Ear(Listener):
        def __init__(self):
            self.heard = []

        def send(self, messages):
            self.heard += [one.kind for one in messages]

    def tell(kind: str, event_id: int | None = None) -> None:
        with sessions.begin() as session:
            add_event(session, kind, {})
            if event_id is not None:
                next(iter(session.new)).id = event_id

    feed, ear = Feed(sessions), Ear()
    tell("earlier", 5)
    feed.listen(None, None, None)  # type: ignore[arg-type] - no loop: it is never sent to
    feed._listeners = {ear: time.monotonic()}

    for kind, event_id in (("newer", 9), ("late", 7), ("newest", 10)):
        tell(kind, event_id)
        feed.poll()
        feed.poll()

    assert ear.heard == ["newer", "late", "newest"]


def test_only_the_newest_events_are_kept(sessions):
    with sessions.begin() as session:
        for number in range(12):
            add_event(session, "tile_screened", {"n": number})
    with sessions.begin() as session:
        trim_events(session, keep=5)
    with sessions() as session:
        assert [one.body["n"] for one in events_after(session, 0)] == list(range(7, 12))


async def first_parts(listener: Listener) -> list[bytes]:
    return [part async for part in listener.stream(5)]


def test_a_listener_that_does_not_read_is_cut_off():
    async def lag() -> list[bytes]:
        listener = Listener(asyncio.get_running_loop())
        at = utc_now()
        listener.send(Message(n, at, "k", None, {}) for n in range(1, MOST_WAITING + 2))
        return await first_parts(listener)

    parts = asyncio.run(lag())

    assert len(parts) == 1  # the opening; then the stream ends
