"""Data sets: labelled pictures that somebody brought in, kept as the archive that came."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from service.checks import check_one_of, check_text, found
from service.db.engine import Sessions, writing
from service.db.queries.blobs import lock_blobs, sweep_blobs
from service.db.queries.models import all_datasets, find_dataset_of, waiting_trainings
from service.db.tables import Dataset
from service.errors import Conflict, TooLarge
from service.scans.tiles import Stores
from service.training import schemas
from service.training.dataset_kinds import GROUP_BY, Counted, count

# It is held in memory once, here and in the trainer; 10,000 tight crops have a tenth of it.
MOST_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class NewDataset:
    """New data set: what is said of an archive.

    Attributes
    ----------
    group_by : {"none", "folder"}
        "none": each picture is a group of its own. "folder": those of one folder share a chip.
    exhaustive : bool, optional
        Whether every flake on its tiles is marked; None: as the archive says, else True.
    """

    name: str
    group_by: str = "none"
    exhaustive: bool | None = None


def count_here(path: Path, group_by: str) -> Counted:
    """Count the labels of an archive in this process; raises what `count` raises."""
    with zipfile.ZipFile(path) as archive:
        return count(archive, group_by)


def add_dataset(
    stores: Stores,
    path: Path,
    new: NewDataset,
    who: str,
    *,
    counting: Callable[[Path, str], Counted] = count_here,
) -> schemas.Dataset:
    """Add the data set of an archive, which was checked by `check_archive`.

    `counting` counts its labels: `service.training.counting` in a process of its own.

    Raises
    ------
    InvalidValue, InvalidArchive
        It is of no known kind, or a value is wrong.
    TooLarge
        It is over `MOST_BYTES`.
    Conflict
        The same archive is there already.
    """
    check_text("name", new.name, longest=200)
    check_one_of("group_by", new.group_by, GROUP_BY)
    size_bytes = path.stat().st_size
    if size_bytes > MOST_BYTES:
        raise TooLarge(f"The archive has {size_bytes} bytes; a data set may have {MOST_BYTES}.")
    counted = counting(path, new.group_by)
    exhaustive = counted.exhaustive if new.exhaustive is None else new.exhaustive
    content = path.read_bytes()
    row = Dataset(
        name=new.name,
        kind=counted.kind,
        sha256=stores.blobs.put(content),
        size_bytes=size_bytes,
        group_by=new.group_by,
        exhaustive=exhaustive is not False,
        graphene=counted.graphene,
        other=counted.other,
        groups=counted.groups,
        created_by=who,
    )
    try:
        with writing(stores.sessions) as session:
            lock_blobs(session, exclusive=False)
            stores.blobs.put(content)
            session.add(row)
            session.flush()
            return schemas.Dataset.read(row)
    except IntegrityError as error:
        with stores.sessions() as session:
            there = found(find_dataset_of(session, row.sha256), "data set of this archive")
            raise Conflict(
                f"This archive is there already: it is data set {there.id}, {there.name!r}."
            ) from error


def list_datasets(sessions: Sessions) -> list[schemas.Dataset]:
    """List every data set, newest first."""
    with sessions() as session:
        return [schemas.Dataset.read(row) for row in all_datasets(session)]


def delete_dataset(stores: Stores, dataset_id: int) -> None:
    """Remove a data set.

    Raises
    ------
    NotFound
        No such data set.
    Conflict
        A training that runs or waits learns from it.
    """
    with writing(stores.sessions) as session:
        row = found(session.get(Dataset, dataset_id), f"data set {dataset_id}")
        for training in waiting_trainings(session):
            ids = training.config["datasets"]
            if isinstance(ids, list) and dataset_id in ids:
                raise Conflict(f"Training {training.id} learns from data set {dataset_id}.")
        session.delete(row)
    sweep_blobs(stores.sessions, stores.blobs, [row.sha256])
