"""`flakescope demo`: the whole service on a drawn chip whose flakes are known, or on a folder.

It imports its body when it runs: `flakescope --help` must not wait for OpenCV and SQLAlchemy.
"""
# ruff: noqa: PLC0415 - late imports are the point

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer


def demo(
    *,
    exit_: Annotated[
        bool, typer.Option("--exit", help="Stop after printing; status 0 if the flakes were found.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Your own images instead of a drawn chip."),
    ] = None,
    host: Annotated[str, typer.Option(help="Loopback address.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port; 0 = a free one.", show_default="8000 or a free one"
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Keep everything in this folder.", show_default="a temporary one"),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="ONNX file that classifies.", show_default="the shipped one"),
    ] = None,
) -> None:
    """Screen a drawn chip with known flakes, show what was found, and go on serving."""
    import httpx
    from rich.console import Console

    from service.cli.demo_client import TIMEOUT_S, Client
    from service.cli.demo_scan import show_drawn, show_folder
    from service.cli.demo_server import Address, running_service

    console = Console(highlight=False, soft_wrap=True)
    options = [] if model is None else ["--model", str(model)]
    with (
        _folder(data_dir) as kept,
        running_service(Address(host, port), kept, options) as (url, process),
    ):
        console.print(f"The service runs at {url}/ (its API: {url}/docs).")
        # No proxy of the shell stands between this process and its own child.
        with httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as http:
            client = Client(http)
            passed = show_folder(client, folder, console) if folder else show_drawn(client, console)
        if exit_:
            raise typer.Exit(0 if passed else 1)
        console.print(f"Open {url}/ in a browser to look around - Ctrl-C stops the service.")
        _wait(process)
    console.print("Stopped.")


@contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    if data_dir is not None:
        yield data_dir
        return
    # Windows may hold a file of the service for a moment after its end: better left than a trace.
    with tempfile.TemporaryDirectory(
        prefix="flakescope-demo-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _wait(process: "subprocess.Popen[bytes]") -> None:
    """Wait for Ctrl-C; raises `Unusable` where the service ends by itself."""
    from service.cli.errors import Unusable

    try:
        while process.poll() is None:
            # In pieces: Windows does not interrupt a wait without end.
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
    except KeyboardInterrupt:
        return
    raise Unusable(f"The service ended by itself with status {process.returncode}.")
