"""What a training learns from: the lab's reviews and data sets, and what must not be forgotten."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.examples.labelled import Examples, join, no_examples
from models.examples.reviewed import reviewed_examples
from models.examples.sources import SourceConfig, read_source
from models.replay import SOURCE
from models.training.held_out import hold_out
from service.db.queries.models import find_datasets
from service.db.tables import Dataset
from service.errors import InvalidValue
from service.intake.archives import ArchiveLimits, unpack
from service.scans.tiles import Stores
from service.training.dataset_kinds import top_folder

# One in so many scans, and of the replay set the last such part, is never trained on.
HELD_OUT = 5
# Of each batch: half repeats what the shipped network knows, half is new. As few-shot adaptation
# was measured (`models.few_shot`).
REPLAY_SHARE = 0.5

ONE_SCAN = (
    "All labels are of one scan, so none of them could be held out: epochs, temperature and "
    "figures are of rendered tiles only. Review a second scan to know better."
)


@dataclass(frozen=True, slots=True, eq=False)
class Parted:
    """Examples to learn from and to judge by, and what is to be said of them.

    Attributes
    ----------
    counts : what became of reviews, by name
    """

    seen: Examples
    held_out: Examples
    counts: Mapping[str, int]
    notes: Sequence[str]


def lab_examples(
    stores: Stores, config: Mapping[str, object], folder: Path, size: int
) -> tuple[Examples, Examples, Counter[str]]:
    """Everything that people of the lab have labelled; what they keep for tests; counts.

    `folder` is for what has to be unpacked; it is left empty.
    """
    train, test, counts = [no_examples(size)], [no_examples(size)], Counter[str]()
    if config["reviews"]:
        reviewed, outcome = reviewed_examples(stores, size)
        train.append(reviewed)
        counts.update({f"reviews, {name}": number for name, number in outcome.items()})
    ids = config["datasets"]
    assert isinstance(ids, list)
    with stores.sessions() as session:
        datasets = find_datasets(session, ids)
    if missing := set(ids) - {dataset.id for dataset in datasets}:
        raise InvalidValue(f"Data set {min(missing)} was deleted before the training began.")
    for dataset in datasets:
        of_dataset = _of_dataset(stores, dataset, folder, size)
        train.append(of_dataset[0])
        test.append(of_dataset[1])
        counts[f"data set {dataset.id}"] = len(of_dataset[0])
    return join(train), join(test), counts


def part(lab: Examples, test: Examples, replay: Examples, counts: Mapping[str, int]) -> Parted:
    """Examples parted by whole scans; each batch will know which are new.

    Raises
    ------
    InvalidValue
        Nothing is labelled, or everything alike.
    """
    _check(lab)
    kept = np.arange(len(replay)) < len(replay) * (HELD_OUT - 1) // HELD_OUT
    seen, held_out, notes = [replay.where(kept)], [replay.where(~kept), test], list[str]()
    try:
        new, judged = hold_out(lab, HELD_OUT)
    except InvalidValue:
        # Few scans, or none beside it has both kinds: all is learned from, and it is said.
        new, judged = lab, lab.where(np.zeros(len(lab), np.bool_))
        notes.append(ONE_SCAN if len(np.unique(lab.group)) == 1 else _cannot_part(lab))
    return Parted(join([*seen, new]), join([*held_out, judged]), dict(counts), notes)


def shares_of(seen: Examples) -> dict[str, float]:
    """Share of a batch of each source: the replay set's, and the rest by what there is."""
    names, numbers = np.unique(seen.source[seen.source != SOURCE], return_counts=True)
    new = {
        str(name): (1 - REPLAY_SHARE) * int(number) / int(numbers.sum())
        for name, number in zip(names, numbers, strict=True)
    }
    return new | {SOURCE: REPLAY_SHARE}


def _check(lab: Examples) -> None:
    graphene = int(np.count_nonzero(lab.label == 1))
    if not len(lab):
        raise InvalidValue("There is no label to learn from: review some flakes first.")
    if graphene == 0:
        raise InvalidValue(
            f"None of the {len(lab)} labelled flakes is graphene: the network would learn to "
            "refuse everything. Review some that are graphene."
        )
    if graphene == len(lab):
        raise InvalidValue(
            f"All {len(lab)} labelled flakes are graphene: the network would learn to accept "
            "everything. Review some that are not."
        )


def _cannot_part(lab: Examples) -> str:
    return (
        f"The labels of {len(np.unique(lab.group))} scans could not be parted so that graphene and "
        "something else are on both sides: figures are of rendered tiles only."
    )


def _of_dataset(
    stores: Stores, dataset: Dataset, folder: Path, size: int
) -> tuple[Examples, Examples]:
    place = folder / "unpacked"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    archive = folder / "archive.zip"
    try:
        archive.write_bytes(stores.blobs.get(dataset.sha256))
        # It was checked when it came; its own size is the limit.
        unpack(archive, place, ArchiveLimits(members=10**6, unpacked_bytes=2**40))
        names = [path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()]
        config = SourceConfig(size=size, group_by=dataset.group_by, exhaustive=dataset.exhaustive)
        sourced = read_source(place / top_folder(names), config)
    finally:
        shutil.rmtree(place, ignore_errors=True)
        archive.unlink(missing_ok=True)
    return _named(sourced.train, dataset), _named(sourced.test, dataset)


def _named(examples: Examples, dataset: Dataset) -> Examples:
    """Groups of two data sets, or of one and a scan, are never the same by their name alone."""
    prefix = f"data set {dataset.id}: "
    group = np.array([prefix + name for name in examples.group.tolist()], dtype=np.str_)
    return replace(examples, group=group)
