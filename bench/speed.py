"""`python -m bench.speed IMAGE... --out DIR`: CPU time per stage of screening, one thread."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.models import load_classifier
from bench.stages import STAGES, StageRun, run_stages
from service.inference.classifier import Classifier
from service.vision.decode import decode
from service.vision.segment import SegmentParams


def main(
    images: Annotated[list[Path], typer.Argument(help="Image files, or folders of them.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Folder for speed.json.")] = None,
    model: Annotated[Path | None, typer.Option(help="ONNX file; else that of models/zoo.")] = None,
    repeats: Annotated[int, typer.Option(help="Runs per image after one to warm up.")] = 7,
    candidates_only: Annotated[bool, typer.Option(help="Up to segmentation; no network.")] = False,
) -> None:
    """Time every stage on each image and compare the whole tile with decoding alone."""
    cv2.setNumThreads(1)
    classifier = None if candidates_only else load_classifier(model)
    report = time_images(list_images(images), classifier, repeats)
    Console(width=160).print(build_table(report))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "speed.json").write_text(json.dumps(report, indent=1))


def list_images(paths: Sequence[Path]) -> list[Path]:
    """Files as named, and the images in folders, masks left out."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [p for p in inside if is_image(p) or p == path]
    return [path for path in found if path.is_file()]


def is_image(path: Path) -> bool:
    """A tile by its name; annotation is not."""
    return path.suffix.lower() in (".jpg", ".jpeg", ".png", ".tif", ".tiff") and (
        ".mask." not in path.name
    )


def time_images(
    images: Sequence[Path], classifier: Classifier | None, repeats: int
) -> dict[str, Any]:
    """Medians per image over repeats, then the median image.

    Times are the processor's, which another load on the machine disturbs least. Those of the
    whole tile and of decoding alone are taken in turn, so that it meets both; the ratio of the
    shortest times is the one that it spoils least.
    """
    tiles = [_time_image(path, classifier, repeats) for path in images]
    names = (*STAGES, "tile", "decoding_alone")
    median = {name: float(np.median([tile["ms"][name] for tile in tiles])) for name in names}
    return {
        "model_version": None if classifier is None else classifier.version,
        "provider": None if classifier is None else classifier.provider,
        "threads": cv2.getNumThreads(),
        "repeats": repeats,
        "median_ms": median,
        "median_ratio": float(np.median([tile["ratio"] for tile in tiles])),
        "median_least_ratio": float(np.median([tile["least_ratio"] for tile in tiles])),
        "ratio_by_size": ratio_by_size(tiles),
        "peak_memory_mib": peak_memory_mib(),
        "tiles": tiles,
    }


def ratio_by_size(tiles: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Median ratios of the tiles of each size, and how many there are."""
    sizes: dict[str, list[dict[str, Any]]] = {}
    for tile in tiles:
        sizes.setdefault(f"{tile['width_px']}x{tile['height_px']}", []).append(tile)
    return {
        size: {
            "tiles": len(own),
            "ratio": float(np.median([tile["ratio"] for tile in own])),
            "least_ratio": float(np.median([tile["least_ratio"] for tile in own])),
        }
        for size, own in sorted(sizes.items())
    }


def _time_image(path: Path, classifier: Classifier | None, repeats: int) -> dict[str, Any]:
    data = path.read_bytes()
    runs: list[StageRun] = []
    alone: list[float] = []
    for repeat in range(repeats + 1):
        start = time.process_time()
        decode(data)
        elapsed_ms = (time.process_time() - start) * 1000
        run = run_stages(
            data, classifier=classifier, params=SegmentParams(), clock=time.process_time
        )
        if repeat > 0:  # the first fills caches and allocates
            runs.append(run)
            alone.append(elapsed_ms)
    ms = {stage: float(np.median([run.ms[stage] for run in runs])) for stage in STAGES}
    ms["tile"] = float(np.median([sum(run.ms.values()) for run in runs]))
    ms["decoding_alone"] = float(np.median(alone))
    least_ms = min(sum(run.ms.values()) for run in runs)
    return {
        "name": path.name,
        "width_px": runs[0].tile.width_px,
        "height_px": runs[0].tile.height_px,
        "candidates": len(runs[0].candidates),
        "ms": ms,
        "ratio": ms["tile"] / ms["decoding_alone"],
        "least_ms": least_ms,
        "least_ratio": least_ms / min(alone),
    }


def peak_memory_mib() -> float | None:
    """Most memory that this process ever had; None on Windows, which does not tell this way."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - exists on POSIX only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def build_table(report: dict[str, Any]) -> Table:
    """One line per image, then the median image of each size and of all."""
    names = (*STAGES, "tile", "decoding_alone")
    title = f"CPU ms on one thread; peak memory {report['peak_memory_mib'] or float('nan'):.0f} MiB"
    table = Table("image", "Mpx", "candidates", title=title)
    for name in (*names, "ratio", "least ratio"):
        table.add_column(name.replace("_", " "), justify="right")
    for tile in report["tiles"]:
        size = f"{tile['width_px'] * tile['height_px'] / 1e6:.1f}"
        cells = [f"{tile['ms'][name]:.1f}" for name in names]
        cells += [f"{tile['ratio']:.1f}", f"{tile['least_ratio']:.1f}"]
        table.add_row(tile["name"], size, str(tile["candidates"]), *cells)
    for size, own in report["ratio_by_size"].items():
        ratios = [f"{own['ratio']:.1f}", f"{own['least_ratio']:.1f}"]
        title = f"median of {own['tiles']:.0f} of {size}"
        table.add_row(title, *[""] * (len(names) + 2), *ratios, style="bold")
    medians = [f"{report['median_ms'][name]:.1f}" for name in names]
    medians += [f"{report['median_ratio']:.1f}", f"{report['median_least_ratio']:.1f}"]
    table.add_row("median of all", "", "", *medians, style="bold")
    return table


if __name__ == "__main__":
    typer.run(main)
