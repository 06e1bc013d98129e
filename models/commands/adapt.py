"""`flakescope adapt`."""
# ruff: noqa: PLR0913, PLR0917 - options of a command are its arguments

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import DataFolder, require_torch


def adapt(
    folder: DataFolder,
    out: Annotated[Path, typer.Option(help="JSON file for the figures.")],
    groups: Annotated[
        str, typer.Option(help="Acquisition groups of the unseen substrate, with commas.")
    ],
    rendered: Annotated[
        int, typer.Option(help="Rendered tiles that the network learns from first; 0 for none.")
    ] = 1200,
    workers: Annotated[int, typer.Option(help="Processes that render.")] = 2,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps examples and the first network for the next time."),
    ] = None,
    draws: Annotated[
        int, typer.Option(help="Choices of tiles for each number of them.", min=1)
    ] = 3,
    test_tiles: Annotated[int, typer.Option(help="Tiles that are only tested on.", min=1)] = 6,
) -> None:
    """Measure how many labelled tiles of a new substrate the default network needs.

    It is trained on everything but the named groups, then adapted with 1, 2, 5 and 10 of their
    tiles, and tested on others of them; beside it, what all tiles that are not tested on teach.
    """
    require_torch()
    from models.few_shot_command import run_few_shot  # noqa: PLC0415 - `--help` stays quick

    names = tuple(name.strip() for name in groups.split(","))
    run_few_shot(folder, out, names, (rendered, workers, cache), (draws, test_tiles))
