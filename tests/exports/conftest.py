"""Real scans in databases of each kind, and exports of them as files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from shutil import copy

import pytest

from service.db.blobs import FolderBlobStore
from service.db.engine import Sessions, build_engine, build_sessions
from service.db.migrate import migrate
from service.db.queries.flakes import FlakeFilter
from service.exports.archive import export_archive
from service.exports.exporting import ExportOptions, export, source_of
from service.exports.select import Selection
from service.flakes.flakes import list_flakes
from service.scans.tile_schemas import Flake
from service.scans.tiles import Stores
from tests.exports.real import bring_in

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Filled:
    """A scan that is there, and where its exports are written."""

    stores: Stores
    scan_id: int
    folder: Path

    @property
    def flakes(self) -> dict[str, Flake]:
        """Every flake of graphene by the label that exports give it."""
        return {label: view for label, view in self.everything.items() if view.is_graphene}

    @property
    def everything(self) -> dict[str, Flake]:
        """Every flake by its label."""
        which = FlakeFilter(scan_id=self.scan_id)
        views = list_flakes(self.stores.sessions, which, limit=1000).items
        return {f"flake-{view.id:06d}": view for view in views}

    def write(
        self,
        form: str,
        *,
        sort: str = "-area_um2",
        everything: bool = False,
        options: ExportOptions | None = None,
        **filters: object,
    ) -> Path:
        """Write an export into a file; `notes` beside it gets its remarks."""
        which = FlakeFilter(scan_id=self.scan_id, **filters)
        chosen = Selection(which=which, sort=sort, everything=everything)
        source = source_of(self.stores, chosen, options or ExportOptions(), NOW)
        made = export_archive(source) if form == "zip" else export(source, form)
        path = self.folder / made.filename
        path.write_bytes(b"".join(made.pieces))
        (self.folder / "notes").write_text("\n".join(made.notes))
        return path


KINDS = ("sqlite", "postgresql")
FOLDERS = ("csv_acb69ba8", "leica_20ea4e7f")


@pytest.fixture(scope="session", params=product(KINDS, FOLDERS), ids="-".join)
def filled(
    request: pytest.FixtureRequest,
    migrated_sqlite: Path,
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Filled]:
    """A real scan that tests only read: it is screened once for all of them."""
    kind, name = request.param
    folder = tmp_path_factory.mktemp("filled")
    if kind == "sqlite":
        copy(migrated_sqlite, folder / "flakescope.db")
        url = f"sqlite:///{folder / 'flakescope.db'}"
        yield from _fill(url, folder, shared_data / "scans" / name)
        return
    with request.getfixturevalue("postgres").schema() as url:
        migrate(url)
        yield from _fill(url, folder, shared_data / "scans" / name)


def _fill(url: str, folder: Path, scan: Path) -> Iterator[Filled]:
    engine = build_engine(url)
    stores = Stores(build_sessions(engine), FolderBlobStore(folder / "blobs"))
    yield Filled(stores, bring_in(stores, scan), folder)
    engine.dispose()


@pytest.fixture
def stores(sessions: Sessions, tmp_path: Path) -> Stores:
    return Stores(sessions, FolderBlobStore(tmp_path / "blobs"))


Bring = Callable[..., Filled]


@pytest.fixture
def bring(stores: Stores, shared_data: Path, tmp_path: Path) -> Bring:
    """Bring the smaller scan into a fresh database, to be changed."""

    def bring_into(**fields: object) -> Filled:
        scan_id = bring_in(stores, shared_data / "scans" / "leica_20ea4e7f", **fields)
        return Filled(stores, scan_id, tmp_path)

    return bring_into
