"""What comes in as labelled pictures, and what is refused with a reason."""

from pathlib import Path

import pytest

from service.errors import Conflict, InvalidArchive, InvalidValue, NotFound
from service.scans.tiles import Stores
from service.training import datasets, trainings
from service.training.datasets import NewDataset
from service.training.schemas import Dataset, NewTraining
from tests.scans.dataset_archives import coco, zip_of
from tests.scans.training_queue import Waiting

CLASSES = {
    "chips/train/graphene/wafer1/a.png": b"a",
    "chips/train/graphene/wafer2/b.jpg": b"b",
    "chips/train/non_graphene/wafer1/c.png": b"c",
    "chips/test/graphene/wafer3/d.png": b"d",
    "__MACOSX/chips/train/graphene/._a.png": b"?",
}


def add(stores: Stores, folder: Path, members: dict[str, bytes], **said) -> Dataset:
    return datasets.add_dataset(stores, zip_of(folder, members), NewDataset("chips", **said), "ada")


def test_class_folders_are_counted_by_their_names_and_grouped_by_folder(
    stores: Stores, tmp_path: Path
):
    made = add(stores, tmp_path, CLASSES, group_by="folder")
    assert (made.kind, made.graphene, made.other, made.groups) == ("classes", 3, 1, 3)
    assert stores.blobs.get(made.sha256) == (tmp_path / "some.zip").read_bytes()
    assert datasets.list_datasets(stores.sessions) == [made]


def test_flat_pictures_are_graphene_by_the_end_of_their_name(stores: Stores, tmp_path: Path):
    made = add(stores, tmp_path, {"1f.jpg": b"1", "2.jpg": b"2", "3.jpg": b"3", "x.txt": b""})
    assert (made.kind, made.graphene, made.other, made.groups) == ("flat", 1, 2, 3)


def test_published_sets_of_2dmatgmm_are_coco_with_a_file_for_each_least_size(
    stores: Stores, tmp_path: Path
):
    members = {
        "Graphene/annotations/train_annotations_with_class.json": coco(["x.png"], annotations=[]),
        "Graphene/annotations/train_annotations_with_class_300.json": coco(["a.png"]),
        "Graphene/train_images/a.png": b"a",
        "Graphene/annotations/test_300.json": coco(["b.png"]),
        "Graphene/test_images/b.png": b"b",
    }
    made = add(stores, tmp_path, members)
    assert (made.kind, made.graphene, made.other, made.groups) == ("coco", 4, 2, 2)
    assert made.exhaustive


def test_an_archive_can_say_that_not_every_flake_is_marked(stores: Stores, tmp_path: Path):
    annotations = coco(["s/a.png"], info={"exhaustive": False})
    members = {"annotations.json": annotations, "images/s/a.png": b"a"}
    assert not add(stores, tmp_path, members, group_by="folder").exhaustive


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.png": b"a", "notes.txt": b"x"}, "of no known kind"),
        ({"graphene/a.png": b"a", "other/b.png": b"b"}, "'other' is no class"),
        ({"a.json": coco(["a.png"])}, "1 of 1 annotated images are not in the archive"),
        ({"a.json": coco(["a.png"], categories=[{"id": 1, "name": "hBN"}])}, "'hBN'"),
        ({"a.json": coco(["a.png"], annotations=[{"category_id": 9}])}, "category 9"),
        ({"a.json": coco([], annotations=[])}, "no labelled flake"),
        ({"a.json": b"[]"}, "no COCO file"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_with_the_reason(
    stores: Stores, tmp_path: Path, members, said
):
    with pytest.raises(InvalidValue, match=said):
        add(stores, tmp_path, members)
    assert datasets.list_datasets(stores.sessions) == []


def test_annotations_that_are_no_json_are_a_damaged_archive(stores: Stores, tmp_path: Path):
    with pytest.raises(InvalidArchive, match=r"a\.json cannot be read"):
        add(stores, tmp_path, {"a.json": b"{", "a.png": b"a"})


def test_the_same_archive_again_is_refused_and_names_the_first(stores: Stores, tmp_path: Path):
    first = add(stores, tmp_path, {"1f.jpg": b"1"})
    with pytest.raises(Conflict, match=f"data set {first.id}"):
        datasets.add_dataset(stores, tmp_path / "some.zip", NewDataset("again"), "bob")


def test_a_data_set_goes_with_its_blob_but_not_while_a_training_waits_for_it(
    stores: Stores, tmp_path: Path
):
    made = add(stores, tmp_path, {"1f.jpg": b"1"})
    wanted = NewTraining(datasets=[made.id], reviews=False)
    training = trainings.start_training(stores.sessions, Waiting(), wanted, "ada")
    with pytest.raises(Conflict, match=f"Training {training.id}"):
        datasets.delete_dataset(stores, made.id)
    trainings.cancel_training(stores.sessions, training.id)
    datasets.delete_dataset(stores, made.id)
    assert not stores.blobs.has(made.sha256)
    with pytest.raises(NotFound):
        datasets.delete_dataset(stores, made.id)
