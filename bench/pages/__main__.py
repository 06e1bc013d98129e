"""`python -m bench.pages URL`: pages of a million flakes, through the queries and over HTTP.

An empty database is filled first; one that this bench has filled is used again. It ends with
status 1 where the 95th percentile is over 50 ms, or a plan reads or sorts a whole table.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from sqlalchemy import Engine, func, select

from bench.kill.service import Service
from bench.pages.build import Chips, build, describe
from bench.pages.calls import Call, drawn, hard
from bench.pages.places import Sample
from bench.pages.plans import Statements, faults, plan_of
from service.db.engine import Sessions, build_engine, build_sessions
from service.db.migrate import migrate
from service.db.queries.flakes import FlakeFilter
from service.db.tables import Scan
from service.flakes.flakes import list_flakes

ASKED_P95_MS = 50.0


def main(
    url: Annotated[str, typer.Argument(help="An empty database, or one filled before.")],
    *,
    flakes: Annotated[int, typer.Option(help="In scans of 50,000 and one that is larger.")] = (
        1_000_000
    ),
    calls: Annotated[int, typer.Option(help="Drawn at random.")] = 500,
    http: Annotated[bool, typer.Option(help="Over HTTP too.")] = True,
    out: Annotated[Path | None, typer.Option(help="Folder for pages.json and plans.txt.")] = None,
) -> None:
    """Time pages and look at their plans."""
    migrate(url)
    engine = build_engine(url)
    sessions = build_sessions(engine)
    started = time.perf_counter()
    with sessions() as session:
        is_empty = session.scalar(select(func.count()).select_from(Scan)) == 0
    if is_empty:
        build(engine, _chips(flakes))
    built_s = time.perf_counter() - started
    with sessions() as session:
        scans = session.scalar(select(func.max(Scan.id))) or 0
    sample = Sample(sessions)
    every = [sample.placed(call) for call in (*drawn(calls, scans, seed=1), *hard(scans - 1))]
    statements = Statements()
    with statements.of(engine):
        pages = [_page(sessions, call) for call in every]
    report: dict[str, Any] = {
        "database": engine.dialect.name,
        "built_s": round(built_s, 1) if is_empty else None,
        "load": os.getloadavg(),
        **describe(engine),
        "queries": _times(every, lambda call: _page(sessions, call)),
        "inexact_totals": sum(not page.total_is_exact for page in pages),
        "short_pages": sum(
            page.next_cursor is not None and len(page.items) < call.limit
            for page, call in zip(pages, every, strict=True)
        ),
    }
    report["faults"], plans = _look(engine, statements)
    engine.dispose()
    if http:
        report["http"] = _over_http(url, every)
    print(json.dumps(report, indent=1))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"pages-{report['database']}.json").write_text(json.dumps(report, indent=1))
        (out / f"plans-{report['database']}.txt").write_text(plans)
    times = [report[layer] for layer in ("queries", "http") if layer in report]
    slow = any(one["p95_ms"] > ASKED_P95_MS for one in times)
    raise typer.Exit(1 if slow or report["faults"] else 0)


def _chips(flakes: int) -> Chips:
    # The larger one has a third more; one of the usual ones, the last, has no scale.
    usual = max(1, flakes // 50_000 - 2)
    each = min(50_000, flakes // 4)
    return Chips((*[each] * usual, flakes - each * (usual + 1), each))


def _page(sessions: Sessions, call: Call) -> Any:
    return list_flakes(
        sessions,
        FlakeFilter(scan_id=call.scan_id, **call.filters),
        sort=call.sort,
        limit=call.limit,
        cursor=call.cursor,
    )


def _over_http(url: str, calls: Sequence[Call]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        service = Service(Path(folder) / "data", url, {"FLAKESCOPE_EMBEDDED_WORKER": "false"})
        service.start()
        with service.client() as client:

            def ask(call: Call) -> None:
                scope = "" if call.scan_id is None else f"/scans/{call.scan_id}"
                query = call.filters | {"sort": call.sort, "limit": call.limit}
                if call.cursor is not None:
                    query["cursor"] = call.cursor
                client.get(f"/v1{scope}/flakes", params=query).raise_for_status()

            try:
                return _times(calls, ask)
            finally:
                service.stop()


def _times(calls: Sequence[Call], ask: Callable[[Call], object]) -> dict[str, Any]:
    # Once before: pages of the file that nobody has read since the start are another question.
    for call in calls:
        ask(call)
    took_ms, cpu_ms = [], []
    for call in calls:
        started, cpu_s = time.perf_counter(), time.process_time()
        ask(call)
        took_ms.append(1000 * (time.perf_counter() - started))
        cpu_ms.append(1000 * (time.process_time() - cpu_s))
    slowest = np.argsort(took_ms)[::-1][:10]
    by_kind = {call.kind for call in calls}
    return {
        "calls": len(calls),
        **{f"p{q}_ms": round(float(np.percentile(took_ms, q)), 1) for q in (50, 95, 99)},
        "max_ms": round(max(took_ms), 1),
        # Of this process: with SQLite all of the work, whatever else the computer does.
        "own_cpu_p50_ms": round(float(np.median(cpu_ms)), 1),
        "own_cpu_p95_ms": _p95(cpu_ms),
        "p95_ms_by_kind": {
            kind: _p95([t for t, call in zip(took_ms, calls, strict=True) if call.kind == kind])
            for kind in sorted(by_kind)
        },
        "slowest": [f"{took_ms[n]:.1f} ms: {calls[n]}" for n in slowest],
    }


def _p95(took_ms: Sequence[float]) -> float:
    return round(float(np.percentile(took_ms, 95)), 1)


def _look(engine: Engine, statements: Statements) -> tuple[list[str], str]:
    found, plans = [], []
    with engine.connect() as connection:
        for statement, parameters in statements.seen.items():
            plans.append("\n".join([statement, *plan_of(connection, statement, parameters)]))
            found += faults(connection, statement, parameters)
    return sorted(set(found)), "\n\n".join(plans)


if __name__ == "__main__":
    typer.run(main)
