from sqlalchemy import func, select

from service.db.blobs import open_blobs
from service.db.engine import build_engine, build_sessions
from service.db.migrate import migrate
from service.db.tables import Tile
from service.jobs.database import migrate_jobs
from service.registry.versions import NewModelVersion, register_model
from service.scans.tiles import Stores
from tests.keeping.conftest import CHIP
from tests.scans.chip import MODEL
from tests.scans.overlapping import CORNERS, put


def test_a_lab_moves_by_backup_and_restore_and_the_check_agrees(run, tmp_path):
    old, new, kept = tmp_path / "old", tmp_path / "new", tmp_path / "backup"
    old.mkdir()
    url = f"sqlite:///{old / 'flakescope.db'}"
    migrate(url)
    migrate_jobs(url)
    engine = build_engine(url)
    stores = Stores(build_sessions(engine), open_blobs("", old / "blobs"))
    network = stores.blobs.put(b"a network")
    model = NewModelVersion(version=MODEL, sha256=network, input_size_px=64, threshold=0.5)
    register_model(stores.sessions, model, activate=True)
    put(stores, CHIP, CORNERS)
    engine.dispose()

    outcomes = [
        run("backup", kept, "--data-dir", old),
        run("restore", kept, "--data-dir", new),
        run("check", "--deep", "--data-dir", new),
    ]
    stray = open_blobs("", new / "blobs").put(b"stray")
    found = run("check", "--data-dir", new)
    mended = run("check", "--repair", "--data-dir", new)

    assert [outcome.exit_code for outcome in outcomes] == [0, 0, 0]
    assert f"{len(CORNERS) + 1} images" in outcomes[1].output
    assert "All rows and images agree." in outcomes[2].output
    assert (found.exit_code, mended.exit_code) == (1, 0)
    assert stray in found.output
    assert not open_blobs("", new / "blobs").has(stray)
    restored = build_engine(f"sqlite:///{new / 'flakescope.db'}")
    with restored.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Tile)) == len(CORNERS)
    restored.dispose()
