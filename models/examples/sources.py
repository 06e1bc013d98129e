"""Real examples from any kind of folder: which kind it is, is seen from what lies in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.examples.annotation import Frame, read_frames
from models.examples.coco import read_coco
from models.examples.duplicates import refuse_duplicates
from models.examples.flat_folder import is_flat_folder, read_flat_folder
from models.examples.frames import frame_examples
from models.examples.groups import Grouping, grouping
from models.examples.image_folder import (
    PARTS,
    Pictures,
    is_image_folder,
    read_image_folder,
)
from models.examples.labelled import Examples, join, no_examples
from models.examples.reviewed import reviewed_examples
from models.examples.tight import OXIDE_NM, TightCrop, read_index, tight_examples
from service.db.blobs import FolderBlobStore
from service.db.engine import build_engine, build_sessions
from service.errors import InvalidValue
from service.scans.tiles import Stores

KINDS = """\
- frames/frames.csv and crops/index.csv: annotated tiles and tight crops;
- train|test/graphene and train|test/non_graphene, or these two alone: tight crops;
- pictures of which those named *f.jpg are graphene: tight crops;
- annotations/train_*.json, test_*.json with train_images, test_images, or one .json: COCO;
- flakescope.db and blobs: the data folder of a service, of which reviewed flakes are taken."""
DATABASE, BLOBS = "flakescope.db", "blobs"


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """Configuration of reading a folder; stored with what was made of it."""

    size: int = 48  # side of a crop
    variants: int = 8  # badly outlined copies of each marked flake
    seed: int = 10_000
    group_by: str = "none"  # of files without a table that names their groups
    oxide_nm: float = OXIDE_NM  # of tight crops
    exhaustive: bool = True  # whether COCO marks every flake


@dataclass(frozen=True, slots=True, eq=False)
class Sourced:
    """Real examples.

    Attributes
    ----------
    test : Examples
        What the folder's owner kept apart; empty where nothing was.
    verdicts : source -> what became of its candidates or files -> number
    """

    train: Examples
    test: Examples
    verdicts: Mapping[str, Mapping[str, int]]


def read_source(folder: Path, config: SourceConfig) -> Sourced:
    """Real examples of a folder of any known kind.

    Raises
    ------
    InvalidValue
        The folder is of no known kind; the message lists them.
    DuplicatesAcrossSplits
        The same picture is in two groups, or in both train and test.
    """
    group_of = grouping(config.group_by)
    if not folder.is_dir():
        raise InvalidValue(f"{folder} is no folder.")
    if (folder / "frames" / "frames.csv").is_file():
        return _tables(folder, config)
    if (folder / DATABASE).is_file():
        return _service(folder, config)
    if is_image_folder(folder):
        return _pictures(read_image_folder(folder, group_of), config)
    if annotations := coco_files(folder):
        return _coco(folder, annotations, group_of, config)
    if is_flat_folder(folder):
        return _pictures(read_flat_folder(folder, group_of), config)
    raise InvalidValue(f"{folder} is of no known kind. Known are:\n{KINDS}")


def coco_files(folder: Path) -> dict[str, Path]:
    """Find a folder's COCO files by part; one alone is to train on.

    Of several for one part (2DMatGMM has one for each least size) the one for 300 px is taken.
    """
    found = {}
    for part in PARTS:
        files = sorted((folder / "annotations").glob(f"{part}*.json"))
        files += sorted(folder.glob(f"{part}*.json"))
        if files:
            found[part] = next((path for path in files if path.stem.endswith("300")), files[0])
    alone = sorted(folder.glob("*.json"))
    return found or ({"train": alone[0]} if len(alone) == 1 else {})


def _tables(folder: Path, config: SourceConfig) -> Sourced:
    frames, of_frames = _frames(read_frames(folder / "frames"), config)
    tight, of_crops = no_examples(config.size), Counter[str]()
    if (folder / "crops" / "index.csv").is_file():
        tight, of_crops = tight_examples(read_index(folder), config.seed, config.size)
    verdicts = {"frames": dict(of_frames), "crops": dict(of_crops)}
    return Sourced(join([frames, tight]), no_examples(config.size), verdicts)


def _frames(frames: Sequence[Frame], config: SourceConfig) -> tuple[Examples, Counter[str]]:
    rng = np.random.default_rng(config.seed)
    parts, outcome = [no_examples(config.size)], Counter[str]()
    for frame in frames:
        examples, verdicts = frame_examples(frame, rng, config.size, config.variants)
        parts.append(examples)
        outcome.update(verdicts)
    return join(parts), outcome


def _pictures(pictures: Pictures, config: SourceConfig) -> Sourced:
    refuse_duplicates(pictures)
    train, of_train = _tight(pictures.train, config)
    test, of_test = _tight(pictures.test, config)
    return Sourced(train, test, {"train": dict(of_train), "test": dict(of_test)})


def _tight(crops: Sequence[TightCrop], config: SourceConfig) -> tuple[Examples, Counter[str]]:
    return tight_examples(crops, config.seed, config.size, config.oxide_nm)


def _coco(
    folder: Path, annotations: Mapping[str, Path], group_of: Grouping, config: SourceConfig
) -> Sourced:
    made, verdicts = {}, {}
    for part in PARTS:
        frames: list[Frame] = []
        if part in annotations:
            images = folder / f"{part}_images"
            images = next((i for i in (images, folder / "images") if i.is_dir()), folder)
            frames = read_coco(annotations[part], images, group_of, exhaustive=config.exhaustive)
        made[part], outcome = _frames(frames, config)
        verdicts[part] = dict(outcome)
    return Sourced(made["train"], made["test"], verdicts)


def _service(folder: Path, config: SourceConfig) -> Sourced:
    engine = build_engine(f"sqlite:///{folder / DATABASE}")
    try:
        stores = Stores(build_sessions(engine), FolderBlobStore(folder / BLOBS))
        examples, outcome = reviewed_examples(stores, config.size)
    finally:
        engine.dispose()
    return Sourced(examples, no_examples(config.size), {"reviews": dict(outcome)})
