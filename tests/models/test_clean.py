from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from models.clean import clean, cross_validated_loss, read_crops, write_cleaning_report
from models.clean_findings import blurred, near_duplicates, suspects, tiny
from models.examples.tight import TightCrop, read_picture
from models.training.config import TrainConfig
from service.errors import InvalidValue
from tests.models.drawn_examples import draw_examples
from tests.models.labelled_pictures import DARK, tight, write
from tests.models.squares import GRAPHENE_90_NM

QUICK = TrainConfig(
    epochs=2, epoch_steps=15, batch=16, threads=1, ema_decay=0.8, sampling="balanced"
)


def crops(folder: Path, count: int = 12) -> list[TightCrop]:
    made = []
    for seed in range(count):
        path = folder / f"{seed}.png"
        write(path, tight(GRAPHENE_90_NM, seed))
        made.append(TightCrop(path, None, f"chip {seed % 3}"))
    return made


def test_a_blurred_picture_is_found_and_the_sharp_ones_are_not(tmp_path: Path) -> None:
    made = crops(tmp_path)
    soft = cv2.GaussianBlur(tight(GRAPHENE_90_NM, 30), (0, 0), 5)
    write(made[5].path, soft)
    assert [finding.row for finding in blurred(made)] == [5]


def test_real_crops_that_were_blurred_by_3_px_are_found_and_the_sharp_ones_are_not(
    shared_data: Path, tmp_path: Path
) -> None:
    made = read_crops(shared_data, "none")[::40]
    soft = range(0, len(made), 10)
    for row in soft:
        path = tmp_path / f"{row}.png"
        write(path, cv2.GaussianBlur(read_picture(made[row].path), (0, 0), 3))
        made[row] = replace(made[row], path=path)
    found = {finding.row for finding in blurred(made)}
    assert found <= set(soft)
    assert len(found) >= 0.8 * len(soft)


def test_a_tiny_picture_is_found(tmp_path: Path) -> None:
    made = crops(tmp_path, 3)
    write(made[1].path, tight(GRAPHENE_90_NM, 1)[20:32, 10:50])
    assert [(finding.row, finding.why) for finding in tiny(made)] == [(1, "12 px")]


def test_a_double_that_is_labelled_otherwise_comes_first(tmp_path: Path) -> None:
    made = crops(tmp_path, 4)
    for number, (of, layers) in enumerate([(2, None), (3, 0)]):
        path = tmp_path / f"copy{number}.png"
        write(path, tight(GRAPHENE_90_NM, of))
        made.append(TightCrop(path, layers, made[of].group))
    found = near_duplicates(made)
    assert [(f.row, f.other, f.why) for f in found] == [
        (3, 5, "labelled differently"),
        (2, 4, "in one group"),
    ]


def test_wrong_labels_have_the_largest_loss_by_networks_that_did_not_see_their_group() -> None:
    examples = draw_examples(128)
    wrong = [3, 40, 77]
    examples.label[wrong] = 1 - examples.label[wrong]
    loss = cross_validated_loss(examples, config=QUICK)
    found = suspects(loss, examples.label, count=10)
    assert sorted(finding.row for finding in found) == wrong


def test_the_report_shows_each_suspect_and_deletes_nothing(tmp_path: Path) -> None:
    for seed in range(6):
        write(tmp_path / "graphene" / f"{seed}.png", tight(GRAPHENE_90_NM, seed))
        write(tmp_path / "non_graphene" / f"{seed}.png", tight(DARK, 20 + seed))
    write(tmp_path / "graphene" / "double.png", tight(GRAPHENE_90_NM, 2))
    cleaned = clean(tmp_path, group_by=r"\d|double", config=QUICK)
    write_cleaning_report(cleaned, tmp_path / "clean.html")
    text = (tmp_path / "clean.html").read_text()
    assert "near-duplicates: 1" in text
    assert "2.png = double.png" in text
    assert "13 pictures, 7 labelled graphene" in text
    assert len(list(tmp_path.rglob("*.png"))) == 13


def test_a_folder_without_labelled_flakes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="no labelled pictures"):
        clean(tmp_path, group_by="none")
