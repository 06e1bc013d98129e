"""`python -m bench.live`: a microscope sends tiles at a steady rate while the service is restarted.

Service and acquisition are processes of their own; the service is killed once and asked to stop
once. What counts: every tile is stored once, and the acquisition's thread never waits in `send`.
"""
# ruff: noqa: PLR0913 - options of a command are its arguments

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from bench.kill.service import Service
from bench.live.acquire import Plan


def main(
    *,
    tiles: Annotated[int, typer.Option()] = 200,
    per_s: Annotated[float, typer.Option(help="Tiles a second.")] = 10.0,
    width: Annotated[int, typer.Option(help="Of a tile, in pixels.")] = 400,
    height: Annotated[int, typer.Option()] = 300,
    restarts: Annotated[bool, typer.Option(help="Kill it once, stop it once.")] = True,
    drain_s: Annotated[float, typer.Option(help="Time for the last answers.")] = 540.0,
    out: Annotated[Path | None, typer.Option(help="JSON of the figures.")] = None,
) -> None:
    """Run it, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder) / "data", f"sqlite:///{folder}/flakescope.db")
        service.start()
        try:
            with service.client() as http:
                url = str(http.base_url)
            plan = Plan(tiles, per_s, (width, height), drain_s)
            report = _run(service, [url, f"{folder}/spool"], plan, restarts)
            with service.client() as http:
                report |= _stored(http, report["scan_id"])
        finally:
            service.stop()
    report |= {"tiles": tiles, "tile_px": [width, height], "service_starts": service.starts}
    text = json.dumps(report, indent=1)
    print(text)
    if out is not None:
        out.write_text(text)


def _run(service: Service, where: list[str], plan: Plan, restarts: bool) -> dict[str, Any]:
    """Acquire, and end the service after a quarter and after half of the time."""
    steps: tuple[Callable[[], None], ...] = (service.kill, service.stop) if restarts else ()
    command = [sys.executable, "-m", "bench.live.acquire", *where, json.dumps(asdict(plan))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as acquisition:
        assert acquisition.stdout is not None
        acquisition.stdout.readline()
        began, lasts_s = time.monotonic(), plan.tiles / plan.per_s
        for number, end in enumerate(steps, 1):
            time.sleep(max(0.0, began + number * lasts_s / 4 - time.monotonic()))
            end()
            service.start()
        said, _ = acquisition.communicate()
    report: dict[str, Any] = json.loads(said)
    return report


def _stored(http: httpx.Client, scan_id: int) -> dict[str, int]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 500}
    while True:
        page = http.get(f"/v1/scans/{scan_id}/tiles", params=query).raise_for_status().json()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    return {
        "stored": len(found),
        "stored_places": len({(one["stage_x_um"], one["stage_y_um"]) for one in found}),
        "stored_names": len({one["name"] for one in found}),
    }


if __name__ == "__main__":
    typer.run(main)
