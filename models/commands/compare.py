"""`flakescope compare`."""
# ruff: noqa: PLR0913, PLR0917 - options of a command are its arguments

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import DataFolder, require_torch


def compare(
    folder: DataFolder,
    out: Annotated[Path, typer.Option(help="Folder for the tables; what is done is kept there.")],
    networks: Annotated[str, typer.Option(help="all, or names with commas.")] = "all",
    epochs: Annotated[int, typer.Option(help="Of each training.", min=1)] = 6,
    samples: Annotated[int, typer.Option(help="Examples of an epoch.", min=32)] = 1024,
    folds: Annotated[int, typer.Option(help="Trainings of each network.", min=2)] = 3,
    size: Annotated[int, typer.Option(help="Side of a crop in pixels.", min=16)] = 48,
    threads: Annotated[int, typer.Option(help="Cores that a training uses.", min=1)] = 2,
    rendered: Annotated[
        int,
        typer.Option(help="Rendered tiles to teach flakenet first, as one more row; 0 for none."),
    ] = 0,
    workers: Annotated[int, typer.Option(help="Processes that render.")] = 2,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps rendered examples for the next time.")
    ] = None,
    group_by: Annotated[
        str,
        typer.Option(help="How file names become groups: none, folder, or a regular expression."),
    ] = "none",
) -> None:
    """Train networks on the same folds of the same examples and put them in one table.

    Whole acquisition groups are left out in turn and tested on. Writes compare.html, compare.md
    and compare.json; ROC-AUC, F1 and others with intervals, per group, beside parameters, ms per
    crop as served, and how far the exported file differs. Killed and started again with the same
    options it goes on with the first training that is missing.
    """
    require_torch()
    from models.compare.command import run_comparison  # noqa: PLC0415 - `--help` stays quick
    from models.compare.config import CompareConfig, chosen  # noqa: PLC0415

    config = CompareConfig(
        networks=chosen(networks),
        epochs=epochs,
        samples=samples,
        folds=folds,
        size=size,
        threads=threads,
        pretraining_tiles=rendered,
        group_by=group_by,
    )
    run_comparison(folder, out, config, workers, cache)
