"""A service, as a program at the microscope talks to it."""

import atexit
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from uuid import uuid4

from flakescope.client.connection import Connection
from flakescope.client.errors import Unreachable, Unsent
from flakescope.client.folders import user_folder
from flakescope.client.images import hold
from flakescope.client.outbox import Outbox
from flakescope.client.patience import Patience
from flakescope.client.results import Flake, NextFlake, Revisit, TileResult, read
from flakescope.client.scan import OnResult, Scan
from flakescope.client.sender import Sender
from flakescope.client.spool import Spool

if TYPE_CHECKING:
    from flakescope.client.images import Image

_log = logging.getLogger(__name__)

DEFAULT_URL = "http://127.0.0.1:8000"
# Two seconds of a camera with 12 megapixels in colour at three frames a second.
DEFAULT_MAX_BYTES = 256 * 2**20
# As many as keep the service's usual screening threads busy while the network is waited for.
DEFAULT_CONNECTIONS = 4
# A service that is being restarted is back before; one that is off is worth an error.
PATIENCE_S = 60.0
# For what is in memory at the end to reach the local disk.
_SPOOLING_S = 30.0
# A tile that is being posted when all ends is posted again by the next start anyway.
_LAST_WORD_S = 2.0
_PAGE = 500

Json = dict[str, Any]


class ScanFields(TypedDict, total=False):
    """Fields that may be said about a new scan; unknown is left out, never 0."""

    material: str
    oxide_nm: float
    um_per_px: float
    affine: tuple[float, ...]
    flip_x: bool
    flip_y: bool
    swap_xy: bool
    position_reference: str
    tiles_expected: int
    source: str


class Client:
    """A service at an address; used from any thread, closed at the end or by `with`.

    Parameters
    ----------
    token : str, optional
        Sent as `Authorization: Bearer`; $FLAKESCOPE_TOKEN if left out.
    spool : bool or path
        Where tiles wait on this computer's disk until the service has them: True = the user's
        folder. What an earlier program left there is sent now. False = tiles wait in memory, and
        `send` waits where `max_bytes` are full.
    max_bytes : int
        Images in memory.
    connections : int
        Tiles that are posted at once.

    Attributes
    ----------
    patience_s : float
        How long calls other than `send`, which never gives up, wait for a service that is away.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        token: str | None = None,
        *,
        spool: bool | str | os.PathLike[str] = True,
        max_bytes: int = DEFAULT_MAX_BYTES,
        connections: int = DEFAULT_CONNECTIONS,
    ) -> None:
        self.patience_s = PATIENCE_S
        self._connection = Connection(url, token or os.environ.get("FLAKESCOPE_TOKEN") or None)
        folder = user_folder() / "spool" if spool is True else spool
        self._spool = Spool(Path(folder), self._connection.url) if folder is not False else None
        self._outbox = Outbox(max_bytes, self._spool)
        self._sender = Sender(self._connection, self._outbox, connections)
        self._stop = threading.Event()
        self._sender.start()
        # A program that ends without `close` leaves its tiles in the spool, not in its memory.
        atexit.register(self.close, 0.0)
        for path in () if self._spool is None else self._spool.take_over():
            self._outbox.adopt(path, _note)

    def scan(
        self,
        name: str | None = None,
        *,
        scan_id: int | None = None,
        on_result: OnResult | None = None,
        **fields: Unpack[ScanFields],
    ) -> Scan:
        """Open a new scan, or an earlier one by its `scan_id` or by its `source`.

        Parameters
        ----------
        on_result : callable, optional
            Called with each `TileResult` on a thread of the client; then `results` gives none.
        """
        if (name is None) == (scan_id is None):
            raise ValueError("Give the name of a new scan, or the scan_id of an earlier one.")
        found = self._open(str(name), fields) if scan_id is None else self.get_scan(scan_id)
        return Scan(self, self._outbox, found, on_result)

    def get_scan(self, scan_id: int) -> Json:
        """Get a scan as the service shows it."""
        return self._call("GET", f"/v1/scans/{scan_id}")

    def flakes(self, scan_id: int | None = None, **which: Any) -> Iterator[Flake]:
        """Flakes of a scan, or of all; `which` are the query fields of the call.

        `graphene=True, min_area_um2=100, layers=[1, 2], sort="-p_graphene"` and so on.
        """
        path = "/v1/flakes" if scan_id is None else f"/v1/scans/{scan_id}/flakes"
        query: Json = {"limit": _PAGE, **which}
        while True:
            page = self._call("GET", path, params=query)
            yield from (read(Flake, flake) for flake in page["items"])
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def next_flake(self, scan_id: int, **which: Any) -> NextFlake:
        """Get the best flake of a scan that nobody reviewed or looked at again."""
        answer = self._call("GET", f"/v1/scans/{scan_id}/next-flake", params=which)
        flake = None if answer["flake"] is None else read(Flake, answer["flake"])
        return NextFlake(flake, answer["merit_um2"], answer["waiting"])

    def add_revisit(self, flake_id: int, image: "Image", **said: Any) -> Revisit:
        """Link an image taken again to its flake; the same bytes again change nothing.

        `said`: name, um_per_px, x_um, y_um, z_um, note, and screen=True to have it screened.
        """
        held = hold(image)
        name = said.get("name") or held.name or "revisit.tif"
        axes = {"x_um": "stage_x_um", "y_um": "stage_y_um", "z_um": "stage_z_um"}
        form = {axes.get(key, key): str(value) for key, value in said.items() if value is not None}
        answer = self._call(
            "POST",
            f"/v1/flakes/{flake_id}/revisits",
            files={"image": (name, held.encode())},
            data=form | {"name": name},
        )
        return read(Revisit, answer)

    @property
    def unanswered(self) -> int:
        """Tiles that wait for the service, those of earlier programs included."""
        return self._outbox.unanswered

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until every tile was answered; False where some were not in time."""
        return self._outbox.wait_answered(timeout_s)

    def wait_spooled(self, timeout_s: float | None = None) -> bool:
        """Wait until every tile would outlive this program; False where some would not."""
        return self._outbox.wait_spooled(timeout_s)

    def close(self, timeout_s: float | None = 60.0) -> None:
        """Wait for answers, then end; what is left stays in the spool for the next start.

        Raises
        ------
        Unsent
            There is no spool, or it could not be written, and tiles are lost.
        """
        if self._stop.is_set():
            return
        self._stop.set()
        atexit.unregister(self.close)
        self._outbox.wait_answered(timeout_s)
        if self._spool is not None:
            self._outbox.wait_spooled(_SPOOLING_S)
        lost = self._outbox.close()
        if self._sender.close(_LAST_WORD_S):
            self._connection.close()
        if self._spool is not None:
            self._spool.close()
        if lost:
            raise Unsent(f"{lost} tiles were not sent and are lost.")

    def __enter__(self) -> "Client":
        """Enter the client's context; gives the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Close the client; after an error without waiting for the service."""
        self.close(60.0 if error is None else 0.0)

    def _open(self, name: str, fields: ScanFields) -> Json:
        """Find a scan by its source, else create it: so a lost answer makes no second scan."""
        source = fields.get("source") or f"client {uuid4().hex}"
        body = {"name": name, **fields, "source": source}
        patience = Patience(self.patience_s, self._stop)
        while True:
            page = self._call("GET", "/v1/scans", params={"source": source, "limit": 1})
            if page["items"]:
                return dict(page["items"][0])
            try:
                answer = self._connection.call("POST", "/v1/scans", Patience(0), json=body)
            except Unreachable:
                if not patience.pause():
                    raise
            else:
                return dict(answer.json())

    def _call(self, method: str, path: str, **request: Any) -> Json:
        patience = Patience(self.patience_s, self._stop)
        content: Json = self._connection.call(method, path, patience, **request).json()
        return content


def _note(result: TileResult) -> None:
    """Log the result of a tile that an earlier program left: nobody else hears of it."""
    if result.ok:
        _log.info("Tile %s, left by an earlier program, is sent.", result.name)
    else:
        _log.warning("Tile %s, left by an earlier program: %s", result.name, result.error)
