"""`flakescope clean`."""

from pathlib import Path
from typing import Annotated

import typer

from models.commands.options import DataFolder, require_torch


def clean(
    folder: DataFolder,
    out: Annotated[Path, typer.Option(help="HTML file for the report.")] = Path("clean.html"),
    group_by: Annotated[
        str,
        typer.Option(help="How file names become groups: none, folder, or a regular expression."),
    ] = "none",
    every: Annotated[
        int, typer.Option(help="Look at each so many-th picture only, to be quick.", min=1)
    ] = 1,
) -> None:
    """Look for pictures that should not be trained on: doubles, blur, tiny ones, wrong labels.

    Nothing is deleted: the report shows the suspects, and a person decides. Wrong labels are
    guessed by a small network that is trained without their group.
    """
    require_torch()
    from rich.console import Console  # noqa: PLC0415 - `--help` stays quick

    from models.clean import clean as look_through  # noqa: PLC0415
    from models.clean import write_cleaning_report  # noqa: PLC0415

    cleaned = look_through(folder, group_by=group_by, every=every)
    write_cleaning_report(cleaned, out)
    for kind, findings in cleaned.findings.items():
        Console().print(f"{kind}: {len(findings)}")
    Console().print(f"written: {out}")
