"""`GET /v1/events`: what happens, as it happens."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from service.http.feed import STREAM_S, Feed, Listener
from service.http.parts import PartsDep

router = APIRouter(prefix="/v1", tags=["events"])

# Ids are 64 bit in both databases.
_MOST_ID = 2**63 - 1


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"}},
)
async def stream_events(
    parts: PartsDep,
    scan_id: Annotated[
        int | None, Query(ge=1, le=_MOST_ID, description="Events of this scan, and of no scan.")
    ] = None,
    last_event_id: Annotated[
        str | None, Header(description="Go on behind this event; a browser says it by itself.")
    ] = None,
) -> StreamingResponse:
    """Tiles screened with the flakes found, states of scans, trainings, model versions promoted.

    Each event has an id, a kind (`event:`) and JSON (`data:`). Who comes back with `Last-Event-ID`
    gets what it missed, up to a day and 10,000 events.
    """
    last_id = int(last_event_id) if last_event_id and _is_id(last_event_id) else None
    loop = asyncio.get_running_loop()
    listener = await run_in_threadpool(parts.feed.listen, loop, last_id, scan_id)
    return StreamingResponse(
        _stream(parts.feed, listener),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(feed: Feed, listener: Listener) -> AsyncIterator[bytes]:
    try:
        async for part in listener.stream(STREAM_S):
            yield part
    finally:
        feed.leave(listener)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
