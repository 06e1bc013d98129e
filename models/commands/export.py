"""`flakescope export`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from models.commands.options import require_torch
from service.errors import InvalidValue


def export(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="Folder that `train --out` wrote.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The ONNX file to write.")] = None,
    version: Annotated[
        str | None, typer.Option(help="Name of the model version; else that of the file.")
    ] = None,
    precision: Annotated[
        Literal["int8", "fp16"] | None,
        typer.Option(help="A second file with smaller numbers, and what they cost."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of labelled pictures on which that cost is measured."),
    ] = None,
    parity_all: Annotated[
        bool,
        typer.Option(
            "--parity-all", help="Export every network with random weights, compare and time it."
        ),
    ] = False,
) -> None:
    """Make a trained network a file that the service can serve.

    The file is self-contained ONNX for any number of crops; classes, polarity,
    input size, preprocessing version, threshold, temperature, digest of the
    training data and figures are inside it. It is compared with the network on
    onnxruntime, on 1 crop and on 17: where a probability differs by more than
    0.0001, no file is written.

        flakescope export run1 --out run1.onnx
        flakescope export run1 --out run1.onnx --precision int8 --data chips
        flakescope export --parity-all
    """
    require_torch()
    from models.commands.exporting import export_run, print_parity  # noqa: PLC0415 - quick `--help`

    if parity_all:
        print_parity()
        return
    if run is None or out is None:
        raise InvalidValue("Name the folder of a run and, with --out, the file to write.")
    if (precision is None) != (data is None):
        raise InvalidValue("--precision and --data go together: no smaller file without its loss.")
    export_run(run, out, version or out.stem, precision, data)
