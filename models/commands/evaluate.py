"""`flakescope evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import DataFolder, require_torch


def evaluate(
    folder: DataFolder,
    model: Annotated[Path | None, typer.Option(help="ONNX file; else the shipped one.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="HTML file for the report with all pictures.")
    ] = None,
    group_by: Annotated[
        str,
        typer.Option(help="How file names become groups: none, folder, or a regular expression."),
    ] = "none",
) -> None:
    """Judge an exported network on labelled pictures: crop by crop, group by group.

    Of annotated frames (frames/frames.csv) the pipeline's own candidates are judged; of folders
    with train and test, what is in test; of everything else, all.

    Not a test for a network that was trained on these very pictures.
    """
    require_torch()
    from models.judge import judge_model  # noqa: PLC0415 - `--help` stays quick

    judge_model(folder, model, out, group_by)
