"""`python -m bench.layers DATA_DIR`: numbers of layers and oxides of labelled flakes by optics."""

import csv
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from bench.crop_contrast import Colour, LabelledFlake, measure_crops, measure_outlined
from service.optics.layers import LayerEstimate, estimate_layers
from service.optics.oxide import OxideEstimate, estimate_oxide

# The crops' substrate.
CROPS_OXIDE_NM = 90.0
# A tile holds some flakes: crops of one group are read together in sets of this size.
TILE_FLAKES = 12
COUNTED_LAYERS = (1, 2, 3, 4)

Read = Callable[[Sequence[LabelledFlake]], list[LayerEstimate]]


def main(
    data: Annotated[Path, typer.Argument(help="Folder with crops/ and frames/.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Folder for layers.json.")] = None,
) -> None:
    """Read the layers of every labelled crop and the oxide of every group and chip."""
    flakes = measure_crops(data / "crops")
    report = {
        "groups": [
            _group_report(group, [flake for flake in flakes if flake.group == group])
            for group in sorted({flake.group for flake in flakes})
        ],
        "all": _group_report("all", flakes, with_oxide=False),
        "only_flake_in_crop": _group_report(
            "only flake", [flake for flake in flakes if flake.alone], with_oxide=False
        ),
        "chips": list(_chips(data / "frames")),
        "tile_of_60_ms": {"oxide known": _tile_ms(CROPS_OXIDE_NM), "unknown": _tile_ms(None)},
    }
    console = Console(width=160)
    for table in _tables(report):
        console.print(table)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "layers.json").write_text(json.dumps(report, indent=1))


def _group_report(
    name: str, flakes: Sequence[LabelledFlake], *, with_oxide: bool = True
) -> dict[str, Any]:
    readings: dict[str, Read] = {
        "alone": lambda some: _read_alone(some, CROPS_OXIDE_NM),
        "alone, oxide unknown": lambda some: _read_alone(some, None),
        "tiles": lambda some: _read_tiles(some, CROPS_OXIDE_NM),
        "tiles, oxide unknown": lambda some: _read_tiles(some, None),
    }
    report: dict[str, Any] = {"name": name, "flakes": len(flakes), "readings": {}}
    for reading, read in readings.items():
        estimates = read(flakes)
        report["readings"][reading] = _accuracy(flakes, [e.layers for e in estimates])
    if with_oxide:
        report["oxide"] = _oxide(estimate_oxide([flake.contrast_rgb for flake in flakes]))
    return report


def _accuracy(
    flakes: Sequence[LabelledFlake], layers: Sequence[int | None]
) -> dict[str, float | None]:
    """Share of right numbers for 1 to 3 layers together and for each number."""
    right = np.array([flake.layers == n for flake, n in zip(flakes, layers, strict=True)])
    truth = np.array([flake.layers for flake in flakes])
    accuracy = {"1-3": _mean(right[truth <= 3])}
    accuracy |= {str(n): _mean(right[truth == n]) for n in COUNTED_LAYERS}
    return accuracy | {"none": _mean(np.array([n is None for n in layers]))}


def _mean(values: Any) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None


def _read_alone(flakes: Sequence[LabelledFlake], oxide_nm: float | None) -> list[LayerEstimate]:
    return [estimate_layers([flake.contrast_rgb], oxide_nm=oxide_nm)[0] for flake in flakes]


def _read_tiles(flakes: Sequence[LabelledFlake], oxide_nm: float | None) -> list[LayerEstimate]:
    """Sets of flakes of one group at random, each as if it were one tile."""
    estimates: dict[int, LayerEstimate] = {}
    random = np.random.default_rng(0)
    for group in sorted({flake.group for flake in flakes}):
        members = [i for i, flake in enumerate(flakes) if flake.group == group]
        random.shuffle(members)
        for start in range(0, len(members), TILE_FLAKES):
            tile = members[start : start + TILE_FLAKES]
            read = estimate_layers([flakes[i].contrast_rgb for i in tile], oxide_nm=oxide_nm)
            estimates.update(zip(tile, read, strict=True))
    return [estimates[i] for i in range(len(flakes))]


def _chips(frames: Path) -> Iterable[dict[str, Any]]:
    """Flakes of outlined frames of one chip together: their oxide and their numbers."""
    chips: dict[tuple[str, float], list[Colour]] = {}
    with (frames / "frames.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["mask"] and row["oxide_nm"]:
                chip = row["acquisition_group"], float(row["oxide_nm"])
                contrasts = measure_outlined(frames / row["file"], frames / row["mask"])
                chips.setdefault(chip, []).extend(contrasts)
    for (name, oxide_nm), contrasts in sorted(chips.items()):
        layers = [estimate.layers for estimate in estimate_layers(contrasts, oxide_nm=oxide_nm)]
        yield {
            "name": name,
            "labelled_oxide_nm": oxide_nm,
            "flakes": len(contrasts),
            "oxide": _oxide(estimate_oxide(contrasts)),
            "layers": {str(n): count for n, count in Counter(layers).items()},
        }


def _oxide(estimate: OxideEstimate | None) -> dict[str, Any] | None:
    if estimate is None:
        return None
    return {
        "nm": round(estimate.oxide_nm, 1),
        "sigma_nm": round(estimate.sigma_nm, 1),
        "confident": estimate.confident,
    }


def _tile_ms(oxide_nm: float | None) -> float:
    random = np.random.default_rng(0)
    contrasts = [tuple(row) for row in random.uniform(-0.6, 0.3, (60, 3)).tolist()]
    estimate_layers(contrasts, oxide_nm=oxide_nm)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        estimate_layers(contrasts, oxide_nm=oxide_nm)
        times.append(time.perf_counter() - start)
    return round(1000 * float(np.median(times)), 2)


def _tables(report: dict[str, Any]) -> Iterable[Table]:
    rows = [*report["groups"], report["all"], report["only_flake_in_crop"]]
    readings = list(report["all"]["readings"])
    crops = Table(title=f"Crops on {CROPS_OXIDE_NM:g} nm: share with the right number, 1-3 layers")
    for column in ("group", "flakes", *readings, "1", "2", "3", "4", "oxide nm"):
        crops.add_column(column, justify="right")
    for row in rows:
        crops.add_row(
            row["name"],
            str(row["flakes"]),
            *(_share(row["readings"][reading]["1-3"]) for reading in readings),
            *(_share(row["readings"]["alone"][str(n)]) for n in COUNTED_LAYERS),
            _oxide_text(row.get("oxide")),
        )
    yield crops
    chips = Table(title="Outlined flakes of frames")
    for column in ("chip", "labelled nm", "flakes", "oxide nm", "layers: flakes"):
        chips.add_column(column, justify="right")
    for row in report["chips"]:
        layers = " ".join(f"{n}:{count}" for n, count in sorted(row["layers"].items()))
        chips.add_row(
            row["name"],
            f"{row['labelled_oxide_nm']:g}",
            str(row["flakes"]),
            _oxide_text(row["oxide"]),
            layers,
        )
    yield chips
    speed = Table(title="A tile of 60 candidates, ms")
    for column in report["tile_of_60_ms"]:
        speed.add_column(column, justify="right")
    speed.add_row(*(f"{ms:.2f}" for ms in report["tile_of_60_ms"].values()))
    yield speed


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _oxide_text(oxide: dict[str, Any] | None) -> str:
    if oxide is None:
        return ""
    sure = "sure" if oxide["confident"] else "unsure"
    return f"{oxide['nm']:.1f} ± {oxide['sigma_nm']:.1f} {sure}"


if __name__ == "__main__":
    typer.run(main)
