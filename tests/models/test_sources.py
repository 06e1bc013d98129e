import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools import mask as run_lengths

from models.examples.coco import read_coco
from models.examples.duplicates import DuplicatesAcrossSplits, duplicates, fingerprints
from models.examples.flat_folder import is_flat_folder, read_flat_folder
from models.examples.frames import frame_examples
from models.examples.gather import GatherConfig, gather
from models.examples.groups import grouping
from models.examples.image_folder import read_image_folder
from models.examples.labelled import digest
from models.examples.sources import SourceConfig, read_source
from service.errors import InvalidValue
from tests.models.labelled_pictures import DARK, tight, write
from tests.models.squares import GRAPHENE_90_NM, draw_tile

BRIGHT = np.array([0.3, 0.4, 0.3])
NONE = grouping("none")


def test_graphene_is_positive_though_its_folder_comes_first_in_the_alphabet(tmp_path: Path) -> None:
    write(tmp_path / "train" / "graphene" / "chip1" / "a.png", tight(GRAPHENE_90_NM, 1))
    write(tmp_path / "train" / "non_graphene" / "chip2" / "b.png", tight(DARK, 2))
    write(tmp_path / "test" / "graphene" / "chip3" / "c.png", tight(2 * GRAPHENE_90_NM, 3))
    sourced = read_source(tmp_path, SourceConfig(group_by="folder"))
    label_of = dict(zip(sourced.train.group.tolist(), sourced.train.label.tolist(), strict=True))
    assert label_of == {"chip1": 1, "chip2": 0}
    assert sourced.test.group.tolist() == ["chip3"]
    assert sourced.test.label.tolist() == [1]
    assert sourced.verdicts["train"]["laid"] == 2


def test_a_class_folder_of_another_name_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "train" / "graphene" / "a.png", tight(GRAPHENE_90_NM, 1))
    write(tmp_path / "train" / "zgraphene" / "b.png", tight(DARK, 2))
    with pytest.raises(InvalidValue, match="zgraphene"):
        read_image_folder(tmp_path, NONE)


def test_an_unknown_folder_is_refused_with_the_kinds_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="COCO"):
        read_source(tmp_path, SourceConfig())


def test_in_the_flat_folder_an_f_at_the_end_of_the_name_is_graphene(tmp_path: Path) -> None:
    for name in ("12f.jpg", "12.jpg", "f12.jpg", "13f.JPG"):
        write(tmp_path / name, tight(DARK, 2))
    assert is_flat_folder(tmp_path)
    crops = read_flat_folder(tmp_path, NONE).train
    assert {c.path.name for c in crops if c.is_graphene} == {"12f.jpg", "13f.JPG"}
    assert len(crops) == 4


def test_groups_come_from_names_as_the_rule_says() -> None:
    assert grouping("folder")("chip3/a.png") == "chip3"
    assert grouping(r"scan(\d+)_")("scan12_0007.png") == "12"
    assert grouping(r"^[a-z]+")("wafer7.png") == "wafer"
    with pytest.raises(InvalidValue, match="does not match"):
        grouping(r"scan(\d+)")("tile7.png")
    with pytest.raises(InvalidValue, match="no folder"):
        grouping("folder")("tile7.png")
    with pytest.raises(InvalidValue, match="regular expression"):
        grouping("(")


def test_the_same_picture_in_train_and_test_is_refused_by_name(tmp_path: Path) -> None:
    pixels = tight(GRAPHENE_90_NM, 1)
    write(tmp_path / "train" / "graphene" / "a.png", pixels)
    write(tmp_path / "train" / "graphene" / "other.png", tight(GRAPHENE_90_NM, 5))
    write(tmp_path / "test" / "graphene" / "copy.jpg", (pixels * 0.95).astype(np.uint8))
    with pytest.raises(DuplicatesAcrossSplits, match=r"a\.png = .*copy\.jpg"):
        read_source(tmp_path, SourceConfig())


def test_a_picture_twice_in_one_group_is_not_refused(tmp_path: Path) -> None:
    pixels = tight(GRAPHENE_90_NM, 1)
    write(tmp_path / "graphene" / "chip" / "a.png", pixels)
    write(tmp_path / "graphene" / "chip" / "b.png", pixels)
    write(tmp_path / "non_graphene" / "chip" / "c.png", tight(DARK, 2))
    assert len(read_source(tmp_path, SourceConfig(group_by="folder")).train) == 3


def test_other_flakes_of_one_kind_are_no_duplicates_but_saved_again_they_are(
    tmp_path: Path,
) -> None:
    paths = []
    for seed in range(12):
        paths.append(tmp_path / f"{seed}.png")
        write(paths[-1], tight(GRAPHENE_90_NM, seed))
    assert duplicates(fingerprints(paths)) == []
    again = tmp_path / "again.jpg"
    small = cv2.resize(cv2.imread(str(paths[4])), (52, 52), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(again), small, [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert duplicates(fingerprints([*paths, again])) == [(4, 12)]


def coco(tmp_path: Path, segmentation: Any, name: str = "1L") -> Path:
    """One tile with a flake at (100, 100) that is marked so, and graphite at (200, 100)."""
    write(
        tmp_path / "images" / "tile.png",
        draw_tile((100, 100, GRAPHENE_90_NM), (200, 100, DARK)).pixels,
    )
    marks = [{"id": 1, "image_id": 7, "category_id": 1, "bbox": [100, 100, 40, 40]}]
    marks[0] |= {"segmentation": segmentation}
    other = {"id": 2, "image_id": 7, "category_id": 2, "bbox": [200, 100, 40, 40]}
    other["segmentation"] = [[200, 100, 240, 100, 240, 140, 200, 140]]
    content = {
        "images": [{"id": 7, "file_name": "tile.png", "width": 400, "height": 300}],
        "annotations": [*marks, other],
        "categories": [{"id": 1, "name": name}, {"id": 2, "name": "thick graphite"}],
    }
    path = tmp_path / "train_annotations.json"
    path.write_text(json.dumps(content))
    return path


def square_runs(*, packed: bool) -> dict[str, Any]:
    mask = np.zeros((300, 400), np.uint8, order="F")
    mask[100:140, 100:140] = 1
    if packed:
        runs = run_lengths.encode(mask)
        return {"size": [300, 400], "counts": runs["counts"].decode()}
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flat, [1 - flat[-1]]])))
    return {"size": [300, 400], "counts": np.diff(np.concatenate([[0], edges])).tolist()}


@pytest.mark.parametrize(
    "segmentation",
    [
        [[100, 100, 140, 100, 140, 140, 100, 140]],
        square_runs(packed=True),
        square_runs(packed=False),
    ],
    ids=["polygon", "packed run lengths", "run lengths"],
)
def test_a_mask_of_a_coco_file_covers_what_was_marked(tmp_path: Path, segmentation: Any) -> None:
    (frame,) = read_coco(coco(tmp_path, segmentation), tmp_path / "images", NONE)
    flake, graphite = frame.flakes
    assert flake.candidate.bbox_px == (100, 100, 40, 40)
    assert flake.candidate.mask.all()
    assert flake.layers == 1
    assert not graphite.is_graphene


def test_a_coco_box_without_a_mask_is_a_box(tmp_path: Path) -> None:
    (frame,) = read_coco(coco(tmp_path, []), tmp_path / "images", NONE)
    assert frame.flakes[0].is_box
    assert frame.flakes[0].candidate.bbox_px == (100, 100, 40, 40)


def test_examples_of_a_coco_folder_are_labelled_by_its_categories(tmp_path: Path) -> None:
    coco(tmp_path, square_runs(packed=True), name="Monolayer")
    examples = read_source(tmp_path, SourceConfig(variants=2)).train
    frame = examples.where(examples.source == "frame")
    assert sorted(frame.label.tolist()) == [0, 1]
    outlined = examples.where(examples.source == "outline")
    assert outlined.label.tolist().count(0) == 1  # the marked graphite itself
    graphene = examples.crops[examples.label == 1].astype(np.float32)
    inside = graphene[..., :3][graphene[..., 3] == 1]
    assert np.median(inside, axis=0) == pytest.approx(GRAPHENE_90_NM, abs=0.02)
    assert set(examples.layers[examples.label == 1].tolist()) <= {0, 1}


def test_a_category_that_could_be_anything_is_refused_unless_it_is_said_what_it_is(
    tmp_path: Path,
) -> None:
    path = coco(tmp_path, [], name="Probe A")
    with pytest.raises(InvalidValue, match="Probe A"):
        read_coco(path, tmp_path / "images", NONE)
    (frame,) = read_coco(path, tmp_path / "images", NONE, graphene=["Probe A"])
    assert frame.flakes[0].is_graphene


def test_what_is_no_coco_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"images": []}')
    with pytest.raises(InvalidValue, match="annotations"):
        read_coco(tmp_path / "a.json", tmp_path, NONE)


def test_a_frame_of_a_coco_file_goes_the_way_of_every_frame(tmp_path: Path) -> None:
    (frame,) = read_coco(coco(tmp_path, square_runs(packed=True)), tmp_path / "images", NONE)
    _, verdicts = frame_examples(frame, np.random.default_rng(0), 48)
    assert verdicts["graphene"] == 1
    assert verdicts["not_graphene"] == 1


def test_kept_examples_come_back_until_the_folder_changes(tmp_path: Path) -> None:
    data, cache = tmp_path / "data", tmp_path / "cache"
    write(data / "graphene" / "a.png", tight(GRAPHENE_90_NM, 1))
    write(data / "non_graphene" / "b.png", tight(DARK, 2))
    config = GatherConfig(tiles=0, test_tiles=0)
    first = gather(data, config, cache=cache)
    (kept,) = cache.iterdir()
    made = (kept / "train.npz").stat().st_mtime_ns
    again = gather(data, config, cache=cache)
    assert digest(again.real) == digest(first.real)
    assert (kept / "train.npz").stat().st_mtime_ns == made
    write(data / "graphene" / "c.png", tight(GRAPHENE_90_NM, 6))
    assert len(gather(data, config, cache=cache).real) == 3
