"""Deaths: the trainer, the service and the database end while a network is trained."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from sqlalchemy import make_url

from bench.learning.stage import TRAINER, Stage

# Longer than a writer waits for SQLite's lock (30 s), so that it really fails.
_LOCKED_S = 40.0
_OUTAGE_S = 15.0
_API_DOWN_S = 5.0


def die(stage: Stage, epochs: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """A training for each kind of death, and what its row said in the end."""
    deaths: dict[str, Callable[[Stage], Any]] = {
        "kill -9 of the trainer": _kill_trainer,
        "kill -9 of the training's process": Stage.kill_training,
        "kill -9 of the service": _kill_service,
    }
    if make_url(stage.url).get_backend_name() == "postgresql":
        deaths["the trainer's connections cut"] = _cut_connections
        deaths[f"no database for {_OUTAGE_S:.0f} s"] = _take_database_away
    else:
        deaths[f"the database locked for {_LOCKED_S:.0f} s"] = _lock_file
    for name, death in deaths.items():
        yield name, _survive(stage, death, epochs)


def _survive(stage: Stage, death: Callable[[Stage], Any], epochs: int) -> dict[str, Any]:
    active = stage.active_version()
    number = stage.start_training(epochs=epochs)
    reached = stage.wait_for_epochs(number, 2)
    # In the midst of an epoch, as far as one can tell.
    time.sleep(reached["epochs"][-1]["took_s"] / 2)
    seen = stage.training(number)
    did = death(stage)
    ended = stage.wait_for_end(number)
    known = [one["took_s"] for one in seen["epochs"]]
    models = [
        one
        for one in stage.call("GET", "/v1/models")["items"]
        if one["provenance"].get("training_id") == number
    ]
    found = {
        "state": ended["state"],
        "reason": ended["reason"],
        "died_after_epoch": len(known),
        "epochs": [one["number"] for one in ended["epochs"]],
        # An epoch that was trained again took another time.
        "kept_earlier_epochs": [one["took_s"] for one in ended["epochs"]][: len(known)] == known,
        "models_registered": len(models),
        "active_unchanged": stage.active_version() == active,
    }
    found["right"] = (
        ended["state"] == "done"
        and found["epochs"] == list(range(1, epochs + 1))
        and found["kept_earlier_epochs"]
        and len(models) == 1
        and ended["model_version"] == models[0]["version"]
        and found["active_unchanged"]
    )
    return found if did is None else found | {"did": did}


def _kill_trainer(stage: Stage) -> None:
    stage.kill_trainer()
    stage.start_trainer()


def _kill_service(stage: Stage) -> None:
    stage.service.kill()
    time.sleep(_API_DOWN_S)
    stage.service.start()


def _cut_connections(stage: Stage) -> str:
    """Five times, a second apart: what is written and what is looked up meets it."""
    cut = 0
    with psycopg.connect(_server_of(stage.url), autocommit=True) as server:
        for _ in range(5):
            cut += len(
                server.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = %s AND application_name = %s",
                    (make_url(stage.url).database, TRAINER),
                ).fetchall()
            )
            time.sleep(1)
    return f"{cut} connections cut"


def _take_database_away(stage: Stage) -> str:
    """Nobody gets in, and who is in is put out: as a server that restarts, for this database."""
    name = make_url(stage.url).database
    with psycopg.connect(_server_of(stage.url), autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            cut = server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            ).fetchall()
            time.sleep(_OUTAGE_S)
        finally:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    return f"{len(cut)} connections cut"


def _lock_file(stage: Stage) -> None:
    connection = sqlite3.connect(str(make_url(stage.url).database), isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(_LOCKED_S)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def _server_of(url: str) -> str:
    """The same server, another database: one's own cannot be closed to oneself."""
    server = make_url(url).set(drivername="postgresql", database="postgres")
    return server.render_as_string(hide_password=False)
