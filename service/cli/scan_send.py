"""Send a scan folder or a zip to a service: only what it lacks, whatever is killed meanwhile."""

import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import IO

import httpx
from rich.console import Console

from service.checks import check_same_settings
from service.cli.client import Client, Json, Refused, patiently
from service.cli.scan_follow import bytes_bar, tiles_bar
from service.formats.folder_scan import FolderScan, FolderTile, affine_of, scale_said
from service.formats.read_folder import read_folder, tile_bytes

# As many as keep a network busy while each answer is waited for.
_AT_ONCE = 4

_PAGE = 1000

# As many as the service keeps.
MOST_NOTES = 20


def send_folder(
    client: Client, folder: Path, fields: Mapping[str, object], *, again: bool = False
) -> int:
    """Send the tiles of a folder that the service does not have yet, and have them screened.

    Raises
    ------
    Unusable
        A tile cannot be read.
    Conflict
        The folder was sent before with other settings.
    """
    read = read_folder(folder)
    source = f"{socket.gethostname()}: {folder.resolve()}"
    scan = None if again else _earlier(client, source)
    if scan is None:
        scan = client.call("POST", "/v1/scans", json=_new_scan(folder, read, fields, source))
    else:
        check_same_settings(scan["id"], scan, fields)
        client.call("PATCH", f"/v1/scans/{scan['id']}", json=_described(read))
    scan_id = int(scan["id"])
    if scan["um_per_px_from"] == "stated" and scan["um_per_px"] is not None:
        # What a person states counts for every tile, whatever its file says.
        read = replace(read, tiles=[replace(tile, um_per_px=None) for tile in read.tiles])
    there = set(_tiles_there(client, scan_id))
    with tiles_bar() as progress, ThreadPoolExecutor(_AT_ONCE) as threads:
        task = progress.add_task("Sending", total=len(read.tiles))
        sent = 0
        for was_sent in threads.map(lambda tile: _send(client, scan_id, tile, there), read.tiles):
            sent += was_sent
            progress.advance(task)
    Console(stderr=True).print(f"Scan {scan_id}: {sent} of {len(read.tiles)} tiles were sent.")
    _screen_missing(client, scan_id)
    return scan_id


def _screen_missing(client: Client, scan_id: int) -> None:
    scan = client.call("GET", f"/v1/scans/{scan_id}")
    waits = scan["tiles"]["queued"] or scan["tiles"]["failed"]
    if waits and scan["state"] not in ("queued", "screening"):
        client.call("POST", f"/v1/scans/{scan_id}/rescreen", json={"missing": True})


def _send(client: Client, scan_id: int, tile: FolderTile, there: set[tuple[str, str]]) -> bool:
    image = tile_bytes(tile)
    if (tile.name, sha256(image).hexdigest()) in there:
        return False
    place = {
        "row": tile.row,
        "col": tile.col,
        "stage_x_um": tile.stage_x_um,
        "stage_y_um": tile.stage_y_um,
        "stage_z_um": tile.stage_z_um,
        "um_per_px": tile.um_per_px,
    }
    # The same tile again is no other tile: a call whose answer was lost may be made again.
    patiently(
        lambda: client.call(
            "POST",
            f"/v1/scans/{scan_id}/tiles",
            files={"image": (tile.name, image)},
            data={"name": tile.name, "later": "true"}
            | {name: value for name, value in place.items() if value is not None},
            headers={"Prefer": "respond-async"},
        )
    )
    return True


def _earlier(client: Client, source: str) -> Json | None:
    found = client.call("GET", "/v1/scans", params={"source": source, "limit": 1})["items"]
    return found[0] if found else None


def _tiles_there(client: Client, scan_id: int) -> Iterator[tuple[str, str]]:
    query: Json = {"limit": _PAGE}
    while True:
        page = client.call("GET", f"/v1/scans/{scan_id}/tiles", params=query)
        for tile in page["items"]:
            yield tile["name"], tile["sha256"]
        if page["next_cursor"] is None:
            return
        query = query | {"cursor": page["next_cursor"]}


def _new_scan(
    folder: Path, read: FolderScan, fields: Mapping[str, object], source: str
) -> dict[str, object]:
    said: dict[str, object] = {
        "name": folder.resolve().name or "scan",
        "flip_x": read.flip_x,
        "flip_y": read.flip_y,
        "swap_xy": read.swap_xy,
        "position_reference": read.position_reference,
        "source": source[:1000],
        "tiles_expected": len(read.tiles),
    }
    stated = fields.get("um_per_px")
    if stated is None:
        said["um_per_px_from"] = "files"
    if read.affine is not None:
        said["affine"] = affine_of(read, stated if isinstance(stated, float) else None)
    elif read.um_per_px is not None:
        said["um_per_px"] = read.um_per_px
    if (of_files := scale_said(read)) is not None:
        said["files_um_per_px"] = of_files
    return said | _described(read) | dict(fields)


def _described(read: FolderScan) -> dict[str, object]:
    return {"format": read.format[:200], "notes": list(read.notes)[:MOST_NOTES]}


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
        scan = _screen_what_failed(client, scan)
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


def _screen_what_failed(client: Client, scan: Json) -> Json:
    if not scan["tiles"]["failed"] and not scan["tiles"]["queued"]:
        return scan
    return client.call("POST", f"/v1/scans/{scan['id']}/rescreen", json={"missing": True})
