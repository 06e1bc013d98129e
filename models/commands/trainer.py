"""`flakescope trainer`."""

import os
from typing import Annotated

import typer

from models.commands.options import require_torch
from service.cli.commands import DatabaseUrl, DataDir

# On a CPU half of it is left to screening, which comes first by its priority too.
THREADS = max((os.cpu_count() or 2) // 2, 1)


def trainer(
    threads: Annotated[
        int, typer.Option(help="CPU threads of a training.", min=1, show_default="half the cores")
    ] = THREADS,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Run trainings that the service was asked for, one after the other, until Ctrl-C.

    One for each GPU; on SQLite one in all. Choose a GPU with CUDA_VISIBLE_DEVICES.
    """
    require_torch()
    from models.trainer.worker import run_trainer  # noqa: PLC0415 - `--help` is quick
    from service.settings import read_settings  # noqa: PLC0415

    run_trainer(read_settings(data_dir=data_dir, database_url=database_url), threads)
