"""A locked table holds no caller of the service for ever; jobs may wait."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from service.db.engine import LOCK_TIMEOUT_S, build_engine


def test_only_what_answers_callers_has_limits(postgres_server):
    url = postgres_server.render_as_string(hide_password=False)
    shown = []
    for answers in (False, True):
        engine = build_engine(url, answers=answers)
        with engine.connect() as connection:
            names = ("lock_timeout", "statement_timeout")
            shown.append([connection.scalar(text(f"SHOW {name}")) for name in names])
        engine.dispose()

    assert shown == [["0", "0"], [f"{LOCK_TIMEOUT_S}s", "1min"]]


def test_an_addresss_own_options_hold(postgres_server):
    url = postgres_server.update_query_dict({"options": "-clock_timeout=100ms"})
    engine = build_engine(url.render_as_string(hide_password=False), answers=True)
    with engine.connect() as other, engine.connect() as connection:
        other.execute(text("SELECT pg_advisory_xact_lock(771)"))
        with pytest.raises(OperationalError, match="lock timeout"):
            connection.execute(text("SELECT pg_advisory_xact_lock(771)"))
    engine.dispose()
