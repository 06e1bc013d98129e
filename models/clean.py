"""Cleaning: what a person should look at before a network is trained on it. Read `clean` first."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.clean_findings import Finding, blurred, near_duplicates, suspects, tiny
from models.examples.annotation import read_frames
from models.examples.flat_folder import is_flat_folder, read_flat_folder
from models.examples.frames import frame_examples
from models.examples.groups import grouping
from models.examples.image_folder import is_image_folder, read_image_folder
from models.examples.labelled import Examples, join
from models.examples.tight import TightCrop, laid_crops, read_index
from models.folds import split
from models.measures import Values
from models.networks import build
from models.report.page import gallery, note, page, section
from models.report.thumbnails import of_file
from models.train import train
from models.training.config import TrainConfig
from models.training.judge import predict
from service.errors import InvalidValue

# As many of each kind as a person looks through.
SHOWN = 60
# Enough to tell what is typical; a network trained longer learns wrong labels by heart.
SHORT = TrainConfig(epochs=4, epoch_steps=60, batch=64, ema_decay=0.97, sampling="balanced")
FOLDS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """Labelled pictures and what may be wrong with them.

    Attributes
    ----------
    unseen : int
        Pictures on which no substrate is seen, of which nothing can be learned.
    findings : kind -> rows of `crops`
    """

    crops: Sequence[TightCrop]
    unseen: int
    findings: dict[str, list[Finding]]


def clean(folder: Path, *, group_by: str, every: int = 1, config: TrainConfig = SHORT) -> Cleaned:
    """Look through the tight crops of a folder.

    Parameters
    ----------
    every : int
        Only each so many-th picture, for a quick look.
    config : TrainConfig
        Of the networks that labels are checked by.

    Raises
    ------
    InvalidValue
        The folder holds no labelled pictures of single flakes.
    """
    crops = read_crops(folder, group_by)[::every]
    laid, _ = laid_crops(crops, seed=0, size=48)
    row_of = {crop.path: row for row, crop in enumerate(crops)}
    findings = {
        "near-duplicates": near_duplicates(crops),
        "blurred": blurred(crops),
        "tiny": tiny(crops),
    }
    if laid:
        examples = join([example for _, example in laid])
        loss = cross_validated_loss(examples, _negatives(folder), config)
        findings["perhaps mislabelled"] = [
            Finding(row_of[laid[finding.row][0].path], finding.why)
            for finding in suspects(loss, examples.label, SHOWN)
        ]
    return Cleaned(crops, len(crops) - len(laid), findings)


def _negatives(folder: Path) -> Examples | None:
    """Candidates of the annotated frames beside the crops, where there are any.

    A group of crops is often of one class: without the others of that class nothing is learned.
    """
    if not (folder / "frames" / "frames.csv").is_file():
        return None
    rng = np.random.default_rng(0)
    parts = [frame_examples(frame, rng, size=48)[0] for frame in read_frames(folder / "frames")]
    return join(parts)


def read_crops(folder: Path, group_by: str) -> list[TightCrop]:
    """Read every tight crop of a folder of any kind that has them; raises `InvalidValue`."""
    if (folder / "index.csv").is_file():
        folder = folder.parent
    if (folder / "crops" / "index.csv").is_file():
        return read_index(folder)
    if is_image_folder(folder):
        pictures = read_image_folder(folder, grouping(group_by))
        return [*pictures.train, *pictures.test]
    if is_flat_folder(folder):
        return list(read_flat_folder(folder, grouping(group_by)).train)
    raise InvalidValue(
        f"{folder} holds no labelled pictures of single flakes: neither crops/index.csv, nor "
        "folders graphene and non_graphene, nor files named *f.jpg."
    )


def cross_validated_loss(
    examples: Examples, beside: Examples | None = None, config: TrainConfig = SHORT
) -> Values:
    """Compute each example's cross-entropy by a small network that saw nothing of its group."""
    logits = np.zeros(len(examples))
    for seen, held_out in split(examples, FOLDS):
        known = examples.where(seen)
        if beside is not None:
            apart = ~np.isin(beside.group, np.unique(examples.group[held_out]))
            known = join([known, beside.where(apart)])
        trained = train(build("flakenet"), known, config)
        logits[held_out] = predict(trained.network, examples.where(held_out))
    margin = (2.0 * examples.label - 1) * logits
    return np.asarray(np.logaddexp(0, -margin), np.float64)


def write_cleaning_report(cleaned: Cleaned, out: Path) -> None:
    """Write what was found as a page with pictures."""
    crops = cleaned.crops
    graphene = sum(crop.is_graphene for crop in crops)
    sections = [
        note(
            f"{len(crops)} pictures, {graphene} labelled graphene, in "
            f"{len({crop.group for crop in crops})} groups. On {cleaned.unseen} of them no "
            "substrate is seen beside the flake; nothing is learned from these."
        )
    ]
    for kind, findings in cleaned.findings.items():
        shown = [_captioned(crops, finding) for finding in findings[:SHOWN]]
        heading = f"{kind}: {len(findings)}"
        sections.append(section(heading, note(EXPLAINED[kind]), gallery(shown)))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page("Pictures to look at before training", sections), encoding="utf-8")


def _captioned(crops: Sequence[TightCrop], finding: Finding) -> tuple[str, str]:
    crop = crops[finding.row]
    same = "" if finding.other is None else f" = {crops[finding.other].path.name}"
    return of_file(crop.path), f"{crop.path.name}{same}: {finding.why}"


EXPLAINED = {
    "near-duplicates": "Found by their thumbnails, also when saved again, resized or brightened; "
    "of copies cut or turned a little about half, of mirrored ones none. Keep one.",
    "blurred": "Their edges are far softer than in most pictures here, by some 2 px or more; 0.00 "
    "has none at all.",
    "tiny": "So small that enlarging leaves nothing but blur.",
    "perhaps mislabelled": "A small network that had seen nothing of their group is surest that "
    "they are the other class. Look: some are mislabelled, the rest are hard.",
}
