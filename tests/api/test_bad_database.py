"""A damaged database file is 503 in words; a lost one writes a line a minute."""

from pathlib import Path

from service.http.problems import Said
from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import serving


def test_a_damaged_sqlite_file_is_told_in_words(settings: Settings):
    with serving(settings) as running:
        running.open_scan()
        path = Path(str(running.parts.engine.url.database))
        running.parts.engine.dispose()
        for left in path.parent.glob("flakescope.db-*"):
            left.unlink()
        path.write_bytes(b"no database at all " * 1000)

        answer = running.http.get("/v1/scans")
        metrics = running.http.get("/metrics")

    document = problem_of(answer, 503)
    assert "flakescope check" in document["detail"]
    assert str(path) not in answer.text
    assert metrics.status_code == 200
    assert "flakescope_database_up 0.0" in metrics.text


def test_the_same_trouble_is_said_once_a_minute():
    now_s = 0.0
    said = Said(lambda: now_s)

    told = []
    for now_s in (0.0, 1.0, 59.0, 60.0, 61.0, 200.0):  # noqa: B007 - the clock reads it
        told.append(said.is_new("OperationalError"))

    assert told == [True, False, False, True, False, True]
    assert said.is_new("another")
