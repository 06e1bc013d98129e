"""A scan is deleted, and what people said of its flakes is still learned from."""

from pathlib import Path

import numpy as np
import pytest

from models.trainer.lab import lab_examples
from service.db.queries.flakes import FlakeFilter
from service.errors import Conflict, NotFound
from service.flakes.flakes import list_flakes
from service.scans.scans import get_scan, list_scans
from service.scans.tiles import Stores
from service.training.datasets import list_datasets
from service.training.labelled import delete_scan_keeping_labels
from service.training.schemas import NewTraining
from service.training.trainings import get_training, start_training
from tests.models.reviewed_scans import image, review, scan_with
from tests.scans.training_queue import Waiting


def reviewed_scan(stores: Stores, seed: int = 0) -> int:
    left, middle, right = scan_with(stores, image(seed))
    review(stores, left, "graphene", layers=1)
    review(stores, middle, "not_graphene")
    review(stores, right, "unsure")
    return list_scans(stores.sessions, limit=1).items[0].id


def blobs_in(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "blobs").rglob("*"))


def test_sure_reviews_become_a_data_set_that_trainings_learn_from(stores: Stores, tmp_path: Path):
    scan_id = reviewed_scan(stores)
    other = scan_with(stores, image(1))
    review(stores, other[0], "graphene")

    kept = delete_scan_keeping_labels(stores, scan_id, tmp_path / "kept.zip", "ada")

    assert kept is not None
    assert (kept.kept_scan, kept.kind, kept.graphene, kept.other) == ("chip", "coco", 1, 1)
    assert (kept.groups, kept.group_by, kept.exhaustive, kept.created_by) == (
        1,
        "folder",
        False,
        "ada",
    )
    with pytest.raises(NotFound):
        get_scan(stores.sessions, scan_id)
    assert list_datasets(stores.sessions) == [kept]
    # The archive, and the tile of the other scan.
    assert blobs_in(tmp_path) == 2
    asked = start_training(stores.sessions, Waiting(), NewTraining(), "ada")
    assert asked.config["datasets"] == [kept.id]
    run = tmp_path / "run"
    run.mkdir()
    config = get_training(stores.sessions, asked.id).config
    examples, _, counts = lab_examples(stores, config, run, 48)
    of_scan = examples.where(examples.group == f"data set {kept.id}: scan-{scan_id}")
    assert set(np.unique(of_scan.label)) == {0, 1}
    assert counts["reviews, used"] == 1


def test_a_training_without_reviews_leaves_kept_ones_out(stores: Stores, tmp_path: Path):
    kept = delete_scan_keeping_labels(stores, reviewed_scan(stores), tmp_path / "kept.zip", "ada")
    again = delete_scan_keeping_labels(
        stores, reviewed_scan(stores, 1), tmp_path / "again.zip", "ada"
    )
    assert kept is not None
    assert again is not None
    only = NewTraining(reviews=False, datasets=(kept.id,))
    asked = start_training(stores.sessions, Waiting(), only, "ada")
    assert asked.config["datasets"] == [kept.id]


def test_a_scan_that_nobody_reviewed_leaves_nothing(stores: Stores, tmp_path: Path):
    scan_with(stores, image())
    scan_id = list_scans(stores.sessions, limit=1).items[0].id
    assert delete_scan_keeping_labels(stores, scan_id, tmp_path / "kept.zip", "ada") is None
    assert list_scans(stores.sessions).total == 0
    assert list_datasets(stores.sessions) == []
    assert blobs_in(tmp_path) == 0


def test_a_review_that_comes_meanwhile_is_not_lost(stores: Stores, tmp_path: Path):
    scan_id = reviewed_scan(stores)
    right = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id), sort="-id").items[0]

    class Late(type(stores.blobs)):  # type: ignore[misc]
        """Stores the archive so late that somebody reviews before."""

        def put(self, content: bytes) -> str:
            if content.startswith(b"PK"):
                review(stores, right.id, "graphene", layers=2)
            return super().put(content)

    late = Stores(stores.sessions, Late(tmp_path / "blobs"))
    with pytest.raises(Conflict, match="try again"):
        delete_scan_keeping_labels(late, scan_id, tmp_path / "kept.zip", "ada")

    assert get_scan(stores.sessions, scan_id).flakes.graphene == 3
    assert list_datasets(stores.sessions) == []
    assert blobs_in(tmp_path) == 1
