"""`python -m bench.learning DATA --out DIR`: a lab that teaches its network, by REST alone.

The script plays the people: it knows the annotation of the frames in DATA/frames.
"""
# ruff: noqa: PLR0913 - options of a command are its arguments

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.learning.deaths import die
from bench.learning.latency import measure
from bench.learning.loop import Plan, run_loop
from bench.learning.page import page_of
from bench.learning.stage import Stage, staged
from bench.learning.worse import refuse_worse, swap_under_load
from bench.quality.truth import Frame, load_frames

SHOWS = "loop,latency,worse,deaths"
_HAS_SEEN = "The shipped network HAS SEEN these frames: before and after are no test of it."
_NOT_SEEN = "Whether this base has seen the judged frames, its maker has to say."
# Whole tiles of the usual kind: these are sent live.
_LIVE = "gh+gl"


def main(
    folder: Annotated[Path, typer.Argument(metavar="DATA", help="Folder that holds frames/.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder for learning.json and learning.md.")],
    base: Annotated[
        Path | None, typer.Option(help="ONNX file to begin with; else the shipped one.")
    ] = None,
    postgres: Annotated[
        str | None, typer.Option(help="An empty database; else SQLite is used.")
    ] = None,
    shows: Annotated[str, typer.Option(help="Which, separated by commas.")] = SHOWS,
    reviews: Annotated[int, typer.Option(help="Flakes that the lab is sure of.")] = 40,
    epochs: Annotated[int, typer.Option()] = 6,
    frames: Annotated[int | None, typer.Option(help="Only so many of each group.")] = None,
    swapped: Annotated[bool, typer.Option(help="Review the other half.")] = False,
    phase_s: Annotated[float, typer.Option(help="Of the latency, each.")] = 20.0,
    rounds: Annotated[int, typer.Option()] = 3,
) -> None:
    """Run the shows, write their figures, print the page."""
    some = _some(load_frames(folder / "frames", min_area_px=300), frames)
    wanted = set(shows.split(","))
    if unknown := wanted - set(SHOWS.split(",")):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are {SHOWS}.")
    plan = Plan(reviews, epochs, swapped)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, staged(Path(place), postgres, base) as stage:
        report: dict[str, Any] = {
            "database": "PostgreSQL" if postgres else "SQLite",
            "base": stage.active_version(),
            "seen": _HAS_SEEN if base is None else _NOT_SEEN,
        }
        try:
            for name, found in _run(stage, some, plan, wanted, (phase_s, rounds)):
                report[name] = found
                _write(out, report)
        finally:
            for log in Path(place).glob("*.log"):
                (out / log.name).write_bytes(log.read_bytes())
    print(page_of(report))


def _run(
    stage: Stage,
    frames: Sequence[Frame],
    plan: Plan,
    wanted: set[str],
    latency: tuple[float, int],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each show found, as soon as it is known; the loop is always run: it makes reviews."""
    base = stage.active_version()
    yield "loop", run_loop(stage, frames, plan)
    live = [frame.path.read_bytes() for frame in frames if _LIVE in frame.sets]
    if "latency" in wanted:
        yield "latency", measure(stage, live, *latency)
    if "worse" in wanted:
        yield "worse", refuse_worse(stage, plan.epochs)
        # To the version that the loop began with, and back.
        yield "swap", swap_under_load(stage, live, base)
    if "deaths" in wanted:
        survived: dict[str, Any] = {}
        for name, found in die(stage, plan.epochs):
            survived[name] = found
            yield "deaths", survived


def _write(out: Path, report: dict[str, Any]) -> None:
    (out / "learning.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    (out / "learning.md").write_text(page_of(report), encoding="utf-8")


def _some(frames: Sequence[Frame], most: int | None) -> list[Frame]:
    """All frames, or the first few of each group."""
    kept: list[Frame] = []
    for frame in frames:
        before = sum(one.group == frame.group for one in kept)
        if most is None or before < most:
            kept.append(frame)
    return kept


if __name__ == "__main__":
    typer.run(main)
