"""Measure everything that the plan asks for, and write bench.json, bench.md and bench.html."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from bench.pace.page import write_pages
from bench.pace.plan import FULL, SHORT
from bench.pace.sections import Bench, NotHere


def main(
    out: Annotated[Path, typer.Argument(help="Folder of the page and its figures.")],
    *,
    full: Annotated[
        bool, typer.Option("--full/--short", help="Long, or in a few minutes.")
    ] = False,
    postgres: Annotated[str, typer.Option(help="Address of an empty database.")] = "",
    scans: Annotated[str, typer.Option(help="Sizes of the small scans; else the plan's.")] = "",
    only: Annotated[str, typer.Option(help="Names of sections, by commas; else all.")] = "",
) -> None:
    """Measure, section by section; each is kept as soon as it is there."""
    plan = FULL if full else SHORT
    if scans:
        plan = replace(plan, scans=tuple(int(size) for size in scans.split(",")))
    out.mkdir(parents=True, exist_ok=True)
    report: dict[str, Any] = {
        "began": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "plan": asdict(plan),
        "sections": {},
    }
    wanted = [name for name in only.split(",") if name]
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        bench = Bench(plan, Path(name), out, postgres, report["sections"])
        for section, measure in bench.sections().items():
            if wanted and section not in wanted:
                continue
            print(f"{section} ...", file=sys.stderr, flush=True)
            report["sections"][section] = observed(measure)
            (out / "bench.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
            write_pages(report, out)
    print(f"written: {out / 'bench.html'}")


def observed(measure: Callable[[], Any]) -> dict[str, Any]:
    """Figures with how long they took and the load of the machine, or why there are none."""
    began, load = time.monotonic(), os.getloadavg()[0]
    found: dict[str, Any]
    try:
        found = {"figures": measure()}
    except NotHere as error:
        found = {"skipped": str(error)}
    except Exception as error:
        found = {"skipped": f"It failed: {type(error).__name__}: {error}"}
    return found | {
        "took_s": round(time.monotonic() - began, 1),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
    }


if __name__ == "__main__":
    typer.run(main)
