"""Send a zip piece by piece: what was sent stays, whatever is killed on either side."""

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import httpx

from service.cli.demo_client import Client, Json, Refused
from service.cli.scan_patience import patiently
from service.cli.scan_progress import bytes_bar

UPLOADS = "/v1/scans/uploads"


def send_archive(
    client: Client, path: Path, fields: Mapping[str, object], *, again: bool = False
) -> int:
    """Send a zip, or what is missing of it; gives the scan's id."""
    upload = _begin(client, path, fields, again=again)
    with path.open("rb") as file, bytes_bar() as progress:
        task = progress.add_task("Sending", total=upload["size_bytes"])
        while upload["received_bytes"] < upload["size_bytes"]:
            progress.update(task, completed=upload["received_bytes"])
            upload = _send_piece(client, file, upload)
    scan = patiently(lambda: client.call("POST", f"{UPLOADS}/{upload['id']}/complete"))
    if upload["scan_id"] is not None and scan["state"] == "done":
        # It was sent before: what is left are tiles that have no result.
        scan = _screen_missing(client, scan)
    return int(scan["id"])


def _begin(client: Client, path: Path, fields: Mapping[str, object], *, again: bool) -> Json:
    size = path.stat()
    new = {
        "filename": path.name,
        "size_bytes": size.st_size,
        # Another file of the same name has another size or time.
        "key": f"{socket.gethostname()}: {path.resolve()}, {size.st_mtime_ns}",
        "again": again,
    }
    return patiently(lambda: client.call("POST", UPLOADS, json=new | dict(fields)))


def _send_piece(client: Client, file: IO[bytes], upload: Json) -> Json:
    """Send what follows; gives how far the upload then is, also where this piece broke off."""
    file.seek(upload["received_bytes"])
    place = f"{UPLOADS}/{upload['id']}"
    try:
        return client.call(
            "PUT",
            place,
            params={"offset": upload["received_bytes"]},
            content=file.read(upload["chunk_bytes"]),
            headers={"Content-Type": "application/octet-stream"},
        )
    except httpx.TransportError:
        return patiently(lambda: client.call("GET", place))
    except Refused as refused:
        # A part of an earlier piece came after all.
        there = client.call("GET", place)
        if there["received_bytes"] == upload["received_bytes"]:
            raise refused
        return there


def _screen_missing(client: Client, scan: Json) -> Json:
    if not scan["tiles"]["failed"] and not scan["tiles"]["queued"]:
        return scan
    return client.call("POST", f"/v1/scans/{scan['id']}/rescreen", json={"missing": True})
