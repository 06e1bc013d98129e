import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.examples.annotation import Frame, Marked, group_of, read_frames
from models.examples.frames import frame_examples
from models.examples.labelled import digest, join, load, save
from models.examples.outlines import jittered
from models.examples.overlap import iou
from models.examples.rendered import layers_of, tile_examples
from models.examples.tight import read_index, tight_examples
from models.examples.verdict import judge
from service.render.scan import RenderedTile
from service.vision.candidate import Candidate
from service.vision.normalise import normalise
from tests.models.drawn_examples import draw_examples
from tests.models.squares import GRAPHENE_90_NM, draw_tile, square


def frame(*marked: Candidate, exhaustive: bool = True, holds_graphene: bool = True) -> Frame:
    return Frame(
        path=Path("drawn.png"),
        group="drawn",
        holds_graphene=holds_graphene,
        exhaustive=exhaustive,
        least_px=200,
        um_per_px=None,
        oxide_nm=90,
        flakes=tuple(Marked(candidate, False, 0) for candidate in marked),
    )


def test_a_marked_flake_is_graphene_and_anything_on_another_material_is_not() -> None:
    normalised = normalise(draw_tile((100, 100, GRAPHENE_90_NM)))
    assert judge(square(104, 98), frame(square(100, 100)), normalised) == "graphene"
    foreign = frame(holds_graphene=False)
    assert judge(square(100, 100), foreign, normalised) == "not_graphene"


def test_a_part_of_a_marked_flake_is_no_example() -> None:
    normalised = normalise(draw_tile((100, 100, GRAPHENE_90_NM)))
    part = Candidate(100, 100, np.ones((40, 15), np.bool_))
    assert judge(part, frame(square(100, 100)), normalised) == "partial"


def test_what_looks_like_graphene_but_is_unmarked_is_no_negative() -> None:
    normalised = normalise(draw_tile((100, 100, GRAPHENE_90_NM)))
    assert judge(square(100, 100), frame(), normalised) == "disputed"
    assert judge(square(100, 100), frame(exhaustive=False), normalised) == "unmarked"


def test_brighter_than_the_substrate_is_a_sure_negative_where_only_some_flakes_are_marked() -> None:
    normalised = normalise(draw_tile((100, 100, np.array([0.15, 0.15, 0.2]))))
    assert judge(square(100, 100), frame(exhaustive=False), normalised) == "not_graphene"


def test_the_glow_along_a_thick_edge_is_a_sure_negative() -> None:
    thick, glow = np.array([-0.3, -0.7, -0.2]), np.array([-0.14, -0.14, -0.08])
    tile = draw_tile((100, 100, glow), (104, 100, thick / (1 + glow)))
    band = Candidate(100, 100, np.ones((40, 4), np.bool_))
    assert judge(band, frame(exhaustive=False), normalise(tile)) == "not_graphene"


def test_a_remark_on_a_group_does_not_make_another_group() -> None:
    assert group_of("GrapheneL-A(colour only)") == group_of("GrapheneL-A") == "GrapheneL-A"


def test_a_jittered_outline_stays_on_the_tile_and_on_its_flake() -> None:
    rng = np.random.default_rng(0)
    flake = square(0, 260)
    for _ in range(40):
        wrong = jittered(flake, rng, (400, 300))
        assert wrong.x >= 0
        assert wrong.y + wrong.mask.shape[0] <= 300
        assert iou(wrong, flake) > 0.6


def test_a_rendered_candidate_is_graphene_only_where_the_renderer_laid_a_flake() -> None:
    instances = np.zeros((300, 400), np.uint16)
    instances[100:140, 100:140] = 7
    flakes = [type("Flake", (), {"number": 7, "layers": 3})()]
    tile = RenderedTile(
        0, 0, (0, 0), 0.4, np.zeros((300, 400, 3), np.uint8), instances, instances, flakes
    )
    assert layers_of(square(102, 100), tile) == 3
    assert layers_of(square(10, 10), tile) == 0
    assert layers_of(square(130, 100), tile) is None


def test_a_rendered_tile_gives_the_same_examples_again() -> None:
    first, again = tile_examples(3, 48), tile_examples(3, 48)
    assert len(first) > 0
    assert digest(first) == digest(again)
    assert set(first.group.tolist()) == {"synthetic"}


def test_saved_examples_come_back_and_what_is_joined_is_longer(tmp_path: Path) -> None:
    examples = draw_examples()
    save(examples, tmp_path / "examples.npz")
    assert digest(load(tmp_path / "examples.npz")) == digest(examples)
    assert len(join([examples, examples.where(examples.label == 1)])) == 96


def test_a_tight_crop_is_labelled_by_the_index_whatever_its_folder_is_called(
    tmp_path: Path,
) -> None:
    # The class folders sort the wrong way round, and one is misnamed on purpose.
    flake = draw_tile((130, 100, GRAPHENE_90_NM)).pixels[90:150, 120:180]
    other = draw_tile((130, 100, np.array([-0.3, -0.5, -0.6]))).pixels[90:150, 120:180]
    folder = tmp_path / "crops" / "non_graphene"
    folder.mkdir(parents=True)
    rows = [
        ["crops/non_graphene/a.png", "graphene", "1L", "G"],
        ["crops/non_graphene/b.png", "WSe2", "", "W"],
    ]
    for row, pixels in zip(rows, (flake, other), strict=True):
        cv2.imwrite(str(tmp_path / row[0]), pixels[..., ::-1])
    with (tmp_path / "crops" / "index.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["file", "material", "layers", "acquisition_group"], *rows])
    examples, outcome = tight_examples(read_index(tmp_path), 0, 48)
    assert outcome["laid"] == 2
    assert dict(zip(examples.group.tolist(), examples.label.tolist(), strict=True)) == {
        "G": 1,
        "W": 0,
    }
    inside = examples.crops[examples.label == 1][0]
    measured = np.median(inside[inside[..., 3] == 1][:, :3].astype(np.float32), axis=0)
    assert measured == pytest.approx(GRAPHENE_90_NM, abs=0.02)


def test_the_marked_flake_of_a_real_frame_is_a_positive(shared_data: Path) -> None:
    frames = read_frames(shared_data / "frames")
    real = next(frame for frame in frames if frame.path.name == "gh_5e2efd44.jpg")
    examples, verdicts = frame_examples(real, np.random.default_rng(0), 48, variants=2)
    assert verdicts["graphene"] == 1
    assert np.count_nonzero(examples.label[examples.source == "frame"]) == 1
    assert set(examples.group.tolist()) == {"GrapheneL-I"}
    inside = examples.crops[(examples.label == 1) & (examples.source == "frame")][0]
    green = np.median(inside[inside[..., 3] == 1][:, 1])
    assert green == pytest.approx(-0.14, abs=0.04)
