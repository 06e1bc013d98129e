"""`flakescope watch`: a folder that acquisition software fills is screened while it grows."""
# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments

from pathlib import Path
from typing import Annotated

import typer

from service.cli.connection import URL, Token, Url
from service.cli.scan import OxideNm, UmPerPx


def watch(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="To be watched.")],
    *,
    url: Url = URL,
    token: Token = None,
    scan_name: Annotated[
        str | None, typer.Option(help="The scan's name.", show_default="the folder's")
    ] = None,
    oxide_nm: OxideNm = None,
    um_per_px: UmPerPx = None,
    until_idle: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="End when nothing came for so long.", show_default="never"
        ),
    ] = None,
    every: Annotated[float, typer.Option(metavar="SECONDS", help="Look so often.", min=0.05)] = 2.0,
    position_wait: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="A tile waits so long for its stage position.", min=0),
    ] = 10.0,
    state: Annotated[
        Path | None,
        typer.Option(help="File that keeps what was sent.", show_default="in the user's folder"),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="A new scan, also of what was sent before.")
    ] = False,
) -> None:
    """Send each image as soon as it is written, until Ctrl-C. Started again, it goes on."""
    from service.cli.watch_run import Watching, run_watch

    said = {"name": scan_name, "oxide_nm": oxide_nm, "um_per_px": um_per_px}
    watching = Watching(
        folder=folder.resolve(),
        url=url,
        token=token,
        said={name: value for name, value in said.items() if value is not None},
        until_idle_s=until_idle,
        every_s=every,
        position_wait_s=position_wait,
        state=state,
        again=again,
    )
    raise typer.Exit(run_watch(watching))
