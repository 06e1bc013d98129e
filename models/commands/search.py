"""`flakescope search`."""

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import parted, require_torch


def search(
    folder: Annotated[Path, typer.Argument(metavar="DATA", help="Folder of labelled pictures.")],
    out: Annotated[Path, typer.Option(help="Folder for what was tried, and for best.json.")],
    grid: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUE,VALUE",
            help="A setting, named as in config.json, and its values. Repeat it for more.",
        ),
    ],
    config: Annotated[
        Path | None, typer.Option(help="JSON of the settings that stay as they are.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="One setting that stays. Repeat it."),
    ] = None,
) -> None:
    """Try every combination of settings and keep the best.

    All are judged on the same groups, which none has seen, by the least
    validation loss of their epochs. A search that was killed goes on when it
    is started again.

        flakescope search chips --out grid --set network.name=lenet5
            --grid training.learning_rate=1e-3,3e-4 --grid training.optimiser=sgd,adam
        flakescope train chips --config grid/best.json --out run1
    """
    require_torch()
    from models.commands.searching import run_search  # noqa: PLC0415 - quick `--help`

    values = {name: text.split(",") for name, text in parted(grid)}
    run_search(folder, out, values, config, dict(parted(settings or [])))
