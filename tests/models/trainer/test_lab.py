"""What a training learns from, and what it keeps to judge by."""

from pathlib import Path

import numpy as np
import pytest

from models.examples.labelled import digest, no_examples
from models.replay import SOURCE, read_replay
from models.trainer.kept import keep, kept
from models.trainer.lab import ONE_SCAN, lab_examples, part, shares_of
from service.errors import InvalidValue
from service.scans.tiles import Stores
from service.training.datasets import NewDataset, add_dataset, delete_dataset
from tests.models.drawn_examples import SIZE, draw_examples
from tests.models.reviewed_scans import PLACES, image, review, scan_with
from tests.scans.conftest import stores
from tests.scans.dataset_archives import coco, zip_of

__all__ = ["stores"]

REPLAY = draw_examples(40, ("synthetic",), "rendered")


def test_whole_scans_are_held_out_and_so_is_a_part_of_the_replay_set():
    groups = tuple(f"scan {number}" for number in range(10))
    parted = part(draw_examples(80, groups), no_examples(SIZE), REPLAY, {})
    seen, held_out = parted.seen, parted.held_out
    assert not set(seen.group) & set(held_out.group) - {"synthetic"}
    assert np.count_nonzero(held_out.source == SOURCE) == 8
    assert len(seen) + len(held_out) == 120
    assert parted.notes == []


def test_what_somebody_kept_for_tests_is_only_judged():
    test = draw_examples(10, ("kept",))
    parted = part(draw_examples(), test, REPLAY, {})
    assert "kept" not in parted.seen.group
    assert np.count_nonzero(parted.held_out.group == "kept") == 10


def test_labels_of_one_scan_are_all_learned_from_and_that_is_said():
    parted = part(draw_examples(20, ("scan 1",)), no_examples(SIZE), REPLAY, {})
    assert np.count_nonzero(parted.seen.source != SOURCE) == 20
    assert set(parted.held_out.source) == {SOURCE}
    assert parted.notes == [ONE_SCAN]


@pytest.mark.parametrize(
    ("label", "said"), [(0, "None of the 32 labelled"), (1, "All 32 labelled flakes are graphene")]
)
def test_labels_that_are_all_alike_are_refused(label: int, said: str):
    drawn = draw_examples()
    with pytest.raises(InvalidValue, match=said):
        part(drawn.where(drawn.label == label), no_examples(SIZE), REPLAY, {})


def test_without_any_label_there_is_nothing_to_learn():
    with pytest.raises(InvalidValue, match="no label"):
        part(no_examples(SIZE), no_examples(SIZE), REPLAY, {})


def test_half_of_each_batch_is_the_replay_set_however_few_the_new_ones_are():
    parted = part(draw_examples(20), no_examples(SIZE), REPLAY, {})
    assert shares_of(parted.seen) == {"frame": 0.5, "rendered": 0.5}


def test_examples_are_kept_as_they_were(tmp_path: Path):
    assert kept(tmp_path) is None
    parted = part(draw_examples(20), no_examples(SIZE), REPLAY, {"reviews, used": 20})
    keep(parted, tmp_path)
    again = kept(tmp_path)
    assert (digest(again.seen), digest(again.held_out)) == (
        digest(parted.seen),
        digest(parted.held_out),
    )
    assert (again.counts, again.notes) == ({"reviews, used": 20}, [])


def test_the_shipped_replay_set_has_both_kinds_and_is_small():
    replay = read_replay()
    assert replay.crops.shape[1:] == (48, 48, 4)
    assert set(replay.source) == {SOURCE}
    assert 0.2 < replay.label.mean() < 0.8


def test_reviews_and_data_sets_are_learned_from_together(stores: Stores, tmp_path: Path):
    for flake in scan_with(stores, image())[:2]:
        review(stores, flake, "graphene")
    marks = [
        {"image_id": 0, "category_id": 1 + n, "bbox": [x, 100, 40, 40]}
        for n, x in enumerate(PLACES[:2])
    ]
    whole = {"id": 0, "file_name": "chip 1/a.png", "width": 400, "height": 300}
    members = {"a.json": coco([], images=[whole], annotations=marks), "chip 1/a.png": image(1)}
    dataset = add_dataset(
        stores, zip_of(tmp_path, members), NewDataset("chips", "folder", exhaustive=False), "ada"
    )
    run = tmp_path / "run"
    run.mkdir()
    asked = {"reviews": True, "datasets": [dataset.id]}

    examples, test, counts = lab_examples(stores, asked, run, SIZE)

    of_dataset = examples.where(examples.group == f"data set {dataset.id}: chip 1")
    assert {0, 1} <= set(of_dataset.label.tolist())
    assert counts == {"reviews, used": 2, f"data set {dataset.id}": len(examples) - 2}
    assert len(of_dataset) == len(examples) - 2
    assert len(test) == 0
    assert list(run.iterdir()) == []

    delete_dataset(stores, dataset.id)
    with pytest.raises(InvalidValue, match="was deleted"):
        lab_examples(stores, asked, run, SIZE)
