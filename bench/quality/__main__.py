"""`python -m bench.quality FRAMES_DIR --out DIR`: quality of the whole pipeline."""
# ruff: noqa: PLR0913 - options of a command are its arguments

import json
from pathlib import Path
from typing import Annotated

import cv2
import typer
from rich.console import Console

from bench.models import load_classifier, load_folds
from bench.quality.closeups import screen_close_ups
from bench.quality.cutout import cutouts
from bench.quality.page import write_page, write_sheet
from bench.quality.report import build_report, build_table
from bench.quality.robustness import build_robustness, build_robustness_table, screen_variants
from bench.quality.screen import screen_frame
from bench.quality.truth import load_frames
from service.inference.classifier import Classifier
from service.vision.segment import SegmentParams


def main(
    frames_dir: Annotated[Path, typer.Argument(help="Folder with frames.csv.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for quality.json, .html and .png.")],
    model: Annotated[Path | None, typer.Option(help="ONNX file; else that of models/zoo.")] = None,
    min_area_px: Annotated[int, typer.Option(help="Smaller flakes are not asked for.")] = 300,
    folds: Annotated[
        Path | None, typer.Option(help="Networks that each left groups out, from `train --folds`.")
    ] = None,
    candidates_only: Annotated[bool, typer.Option(help="Judge segmentation; no network.")] = False,
    closeups: Annotated[
        bool, typer.Option(help="Parts of the frames that one flake fills, instead of the frames.")
    ] = False,
    robustness: Annotated[bool, typer.Option(help="Again under other light and scale.")] = False,
) -> None:
    """Screen every annotated frame and report what was found, missed and invented."""
    cv2.setNumThreads(1)
    out.mkdir(parents=True, exist_ok=True)
    console = Console(width=220)
    classifier = None if candidates_only else load_classifier(model)
    by_group = {} if folds is None else load_folds(folds)

    def classifier_of(group: str) -> Classifier | None:
        """The network that has not seen this group."""
        return by_group.get(group, classifier)

    params = SegmentParams()
    frames = load_frames(frames_dir, min_area_px)
    screened = [
        one
        for frame in frames
        for one in (
            screen_close_ups([frame], classifier_of(frame.group), params)
            if closeups
            else [screen_frame(frame, classifier=classifier_of(frame.group), params=params)]
        )
    ]
    report = build_report(screened, candidates_only=candidates_only)
    if classifier is not None:
        report["model"] = {
            "version": classifier.version,
            "threshold": classifier.threshold,
            "provider": classifier.provider,
            "left_out": sorted(by_group),
        }
    console.print(build_table(report))
    cases = list(cutouts(screened, candidates_only=candidates_only))
    write_page(out / "quality.html", report, cases)
    write_sheet(out / "quality.png", cases)
    if robustness:
        changed = screen_variants(screened, classifier_of=classifier_of, params=params)
        report["robustness"] = build_robustness(screened, changed, candidates_only=candidates_only)
        console.print(build_robustness_table(report["robustness"]))
    (out / "quality.json").write_text(json.dumps(report, indent=1))
    for case in cases:
        if case.kind == "missed":
            console.print(f"missed: {case.caption} ({case.sets[0]})")


if __name__ == "__main__":
    typer.run(main)
