"""`python -m bench.kill --tiles 2000 --kills 20`: a killed scan against an undisturbed one.

On SQLite, or on PostgreSQL where an address is given: schemas are made there, and dropped.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from sqlalchemy import create_engine, text

from bench.kill.chip import DrawnScan
from bench.kill.rows import differences, rows_of_scan
from bench.kill.run import Killer, Outcome, run_quietly
from bench.kill.service import Service
from service.db.engine import address_of, build_engine, build_sessions


def main(
    *,
    tiles: Annotated[int, typer.Option(help="Tiles of the scan.")] = 2000,
    kills: Annotated[int, typer.Option(help="At random moments.")] = 20,
    postgres: Annotated[str | None, typer.Option(help="postgresql://... to run on.")] = None,
    seed: Annotated[int, typer.Option(help="Of the random moments.")] = 1,
    limit_s: Annotated[float, typer.Option(help="Longest time of one scan.")] = 3600.0,
    out: Annotated[Path | None, typer.Option(help="Folder for kill.json.")] = None,
) -> None:
    """Bring one scan in twice, kill the second time, and compare the rows."""
    reports = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        archive = folder / "scan.zip"
        DrawnScan(tiles).write(archive)
        for kind in ("sqlite", "postgresql"):
            if (kind == "postgresql") != (postgres is not None):
                continue
            with _databases(kind, folder, postgres) as services:
                report = compare(services, archive, (kills, seed), limit_s)
            reports.append({"database": kind, "tiles": tiles} | report)
            print(json.dumps(reports[-1], indent=1))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "kill.json").write_text(json.dumps(reports, indent=1))
    raise typer.Exit(0 if all(report["same"] for report in reports) else 1)


def compare(
    services: tuple[Service, Service], archive: Path, kills: tuple[int, int], limit_s: float
) -> dict[str, Any]:
    """Run a scan on both services, on the second with kills (how many, seed), and compare."""
    quiet, disturbed = services
    expected = run_quietly(quiet, archive, limit_s)
    quiet.stop()
    mean_tiles = expected.scan["tiles"]["screened"] / (kills[0] + 1)
    outcomes = Killer(kills[0], mean_tiles, kills[1]).run(disturbed, archive, limit_s)
    disturbed.stop()
    rows = _rows(quiet, expected)
    wrong = [one for found in outcomes for one in differences(rows, _rows(disturbed, found))]
    return {
        "same": not wrong,
        "differences": wrong,
        "rows": {table: len(there) for table, there in rows.items()},
        "undisturbed_s": round(expected.duration_s, 1),
        "undisturbed_tiles_per_s": round(
            expected.scan["tiles"]["screened"] / expected.duration_s, 1
        ),
        "service_starts": disturbed.starts,
        "kills_inside": sum(len(found.kills) for found in outcomes),
        "scans": [
            {
                "state": found.scan["state"],
                "counts": found.scan["tiles"] | found.scan["flakes"],
                "took_s": round(found.duration_s, 1),
                "kills": found.kills,
            }
            for found in outcomes
        ],
    }


def _rows(service: Service, outcome: Outcome) -> dict[str, list[str]]:
    engine = build_engine(service.database_url)
    try:
        return rows_of_scan(build_sessions(engine), outcome.scan["id"])
    finally:
        engine.dispose()


@contextmanager
def _databases(kind: str, folder: Path, postgres: str | None) -> Iterator[tuple[Service, Service]]:
    places = [folder / f"{kind}-{name}" for name in ("quiet", "disturbed")]
    if kind == "sqlite":
        first, second = (Service(one, f"sqlite:///{one / 'flakescope.db'}") for one in places)
        try:
            yield first, second
        finally:
            first.stop()
            second.stop()
        return
    server = address_of(postgres or "")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    names = [f"kill_{uuid4().hex[:12]}" for _ in places]
    urls = [server.update_query_dict({"options": f"-csearch_path={name}"}) for name in names]
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        first, second = (
            Service(place, url.render_as_string(hide_password=False))
            for place, url in zip(places, urls, strict=True)
        )
        try:
            yield first, second
        finally:
            first.stop()
            second.stop()
            for name in names:
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
                connection.execute(text(f"DROP SCHEMA IF EXISTS {name}_jobs CASCADE"))
    engine.dispose()


if __name__ == "__main__":
    typer.run(main)
