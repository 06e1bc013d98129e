"""The parts that routes use; built by `service.app`, found through the request.

The dependencies are coroutines because FastAPI sends a plain function through a thread.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from service.chip_map.drawing import Desk, Shelves
from service.confined import Limits
from service.db.base import utc_now
from service.db.engine import Sessions
from service.flakes.crops import Originals
from service.http.feed import Feed
from service.http.metrics import Metrics
from service.http.screener import Screener
from service.inference.onnx_classifier import OnnxClassifier, Provider
from service.intake.folder import Intake
from service.jobs.client import JobQueue
from service.registry.curves import Judge
from service.registry.upload import TryModel
from service.scans.tiles import Stores


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything one process serves with.

    Attributes
    ----------
    counting : Limits
        Of a process that counts the labels of a data set.
    provider : {"auto", "cpu", "cuda"}
        Where the network was asked to run.
    """

    engine: Engine
    stores: Stores
    screener: Screener
    queue: JobQueue
    intake: Intake
    import_roots: tuple[Path, ...]
    metrics: Metrics
    wants_gpu: bool
    feed: Feed
    open_model: Callable[[bytes], OnnxClassifier]
    try_model: TryModel
    counting: Limits
    provider: Provider = "auto"
    started_at: datetime = field(default_factory=utc_now)
    originals: Originals = field(default_factory=Originals)
    judge: Judge = field(default_factory=Judge)
    shelves: Shelves = field(default_factory=Shelves)


async def get_parts(request: Request) -> Parts:
    """Get the parts of this app."""
    parts: Parts = request.app.state.parts
    return parts


async def get_stores(request: Request) -> Stores:
    """Rows and originals."""
    return (await get_parts(request)).stores


async def get_sessions(request: Request) -> Sessions:
    """Get the database sessions."""
    return (await get_parts(request)).stores.sessions


async def get_desk(request: Request) -> Desk:
    """Get the desk with which maps are drawn."""
    parts = await get_parts(request)
    return Desk(parts.stores, parts.shelves, parts.screener.max_pixels)


async def get_screener(request: Request) -> Screener:
    """Get the screener of images."""
    return (await get_parts(request)).screener


PartsDep = Annotated[Parts, Depends(get_parts)]
StoresDep = Annotated[Stores, Depends(get_stores)]
SessionsDep = Annotated[Sessions, Depends(get_sessions)]
DeskDep = Annotated[Desk, Depends(get_desk)]
ScreenerDep = Annotated[Screener, Depends(get_screener)]
