"""The whole quality run on drawn frames, and on the real ones."""

from pathlib import Path

import numpy as np
import pytest

from bench.quality.cutout import PANEL_PX, cutouts
from bench.quality.page import write_page, write_sheet
from bench.quality.report import build_report, build_table
from bench.quality.robustness import build_robustness, build_robustness_table, screen_variants
from bench.quality.screen import ScreenedFrame, judge, screen_frame
from bench.quality.truth import load_frames, set_names
from bench.speed import list_images, time_images
from bench.stages import STAGES, run_stages
from service.screening.pipeline import screen_tile
from service.vision.decode import decode
from service.vision.segment import SegmentParams
from tests.bench.frames import CHOSEN, EVERY, DarkIsGraphene, found, region, write_frames

PARAMS = SegmentParams()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frames")
    write_frames(path)
    return path


@pytest.fixture(scope="module")
def screened(folder: Path) -> list[ScreenedFrame]:
    frames = load_frames(folder, min_area_px=300)
    return [screen_frame(f, classifier=DarkIsGraphene(), params=PARAMS) for f in frames]


def test_frames_are_loaded_with_their_masks_boxes_and_layers(folder: Path) -> None:
    graphene, other = load_frames(folder, min_area_px=300)
    (flake,) = graphene.flakes
    assert (flake.region.area_px, flake.layers, flake.counts) == (4000, 1, True)
    assert (graphene.um_per_px, graphene.oxide_nm, graphene.annotated) == (0.4, 90.0, "every")
    assert (other.flakes, other.um_per_px, other.annotated) == ((), None, "none")


@pytest.mark.parametrize(
    ("file", "annotation", "names"),
    [
        ("graphene_90nm_20x/gh_1.jpg", EVERY, ("gh", "gh+gl")),
        ("graphene_90nm_20x/gl_1.jpg", "boxes with layer number, every 1-4", ("gl", "gh+gl")),
        ("graphene_285nm/mi_chip_3.jpg", CHOSEN, ("285 normal", "285")),
        ("graphene_285nm/mi_red_chip_8.jpg", CHOSEN, ("285 red", "285")),
        ("other/ws2_1.jpg", "none; holds no graphene", ("other WS2", "other")),
        ("our_lab/chip.png", EVERY, ("our_lab",)),
    ],
)
def test_a_frame_belongs_to_its_own_set_and_a_pooled_one(
    file: str, annotation: str, names: tuple[str, ...]
) -> None:
    assert set_names({"file": file, "annotation": annotation, "material": "WS2"}) == names


def test_the_monolayer_is_found_and_thick_graphite_is_not_called_graphene(
    screened: list[ScreenedFrame],
) -> None:
    report = build_report(screened, candidates_only=False)
    graphene, other = report["sets"]["gh"], report["sets"]["other WS2"]
    assert graphene["metrics"]["recall"]["value"] == 1.0
    assert graphene["metrics"]["precision"]["value"] == 1.0
    assert graphene["metrics"]["mean_iou"]["value"] > 0.85
    assert other["counts"]["false"] == 0
    assert build_table(report).row_count == 4


def test_the_stages_are_those_of_the_pipeline(folder: Path) -> None:
    data = (folder / "gh_drawn.png").read_bytes()
    run = run_stages(data, classifier=DarkIsGraphene(), params=PARAMS)
    screening = screen_tile(decode(data), params=PARAMS, classifier=DarkIsGraphene())
    assert list(run.ms) == list(STAGES)
    assert [c.bbox_px for c in run.candidates] == [
        d.candidate.bbox_px for d in screening.detections
    ]


def test_without_a_network_segmentation_alone_is_judged(folder: Path) -> None:
    frames = load_frames(folder, min_area_px=300)
    items = [screen_frame(f, classifier=None, params=PARAMS) for f in frames]
    metrics = build_report(items, candidates_only=True)["sets"]["gh"]["metrics"]
    assert metrics["candidate_recall"]["value"] == 1.0
    assert "precision" not in metrics


def test_misses_and_false_alarms_are_pictured(folder: Path, tmp_path: Path) -> None:
    frame, _ = load_frames(folder, min_area_px=300)
    item = judge(frame, decode(frame.path.read_bytes()), [found(region(300, 0, 50, 50))], {})
    cases = list(cutouts([item], candidates_only=False))
    assert [case.kind for case in cases] == ["missed", "false"]
    for case in cases:
        assert case.picture.shape == (PANEL_PX, 3 * PANEL_PX, 3)
        assert len(np.unique(case.picture.reshape(-1, 3), axis=0)) > 100
    write_page(tmp_path / "q.html", build_report([item], candidates_only=False), cases)
    write_sheet(tmp_path / "q.png", cases)
    page = (tmp_path / "q.html").read_text()
    assert "missed (1)" in page
    assert "false (1)" in page
    assert decode((tmp_path / "q.png").read_bytes()).width_px > 3 * PANEL_PX


def test_a_run_without_cases_still_writes_its_sheet(tmp_path: Path) -> None:
    write_sheet(tmp_path / "q.png", [])
    assert (tmp_path / "q.png").stat().st_size > 0


def test_the_monolayer_survives_other_light_and_scale(screened: list[ScreenedFrame]) -> None:
    changed = screen_variants(screened, classifier_of=lambda _: DarkIsGraphene(), params=PARAMS)
    report = build_robustness(screened, changed, candidates_only=False)
    losses = {name: values["recall"]["value"] for name, values in report["gh"].items()}
    assert len(losses) == 13
    assert all(loss == 0 for loss in losses.values()), losses
    assert build_robustness_table(report).row_count == 13


def test_speed_is_reported_for_every_stage(folder: Path) -> None:
    images = list_images([folder])
    assert [path.name for path in images] == ["gh_drawn.png", "other_drawn.png"]
    report = time_images(images, DarkIsGraphene(), repeats=1)
    assert set(report["median_ms"]) == {*STAGES, "tile", "decoding_alone"}
    assert report["median_ratio"] > 1
    assert len(report["tiles"]) == 2


@pytest.mark.slow
def test_real_frames_are_loaded_and_their_flakes_become_candidates(shared_data: Path) -> None:
    frames = load_frames(shared_data / "frames", min_area_px=300)
    items = [screen_frame(f, classifier=None, params=PARAMS) for f in frames]
    sets = build_report(items, candidates_only=True)["sets"]
    assert {name: numbers["counts"]["flakes"] for name, numbers in sets.items()} == {
        "285 normal": 23,
        "285 red": 3,
        "gh": 6,
        "gl": 9,
        "other hBN_Thin": 0,
        "other MoSe2": 0,
        "other WS2": 0,
        "285": 26,
        "gh+gl": 15,
        "other": 0,
    }
    # Far below what is reached: a guard against a broken seam, not a goal.
    assert sets["gh+gl"]["metrics"]["candidate_recall"]["value"] > 0.6
    assert sets["285"]["metrics"]["candidate_recall"]["value"] > 0.6
