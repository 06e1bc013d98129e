"""`flakescope demo`: the whole service on a drawn chip whose flakes are known, or on a folder."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, TypeVar

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from service.cli.client import Client, ImageFile, Json, Refused
from service.cli.demo_report import folder_table, judge, table_of
from service.cli.screen import find_images
from service.processes.setup import Unusable
from service.render.chip import Scene
from service.render.compose import make_chip
from service.render.photograph import Optics
from service.render.scan import Grid, RenderedTile, cut_scan, stage_flakes
from service.render.truth import FoundFlake, TrueFlake, compare

# ruff: noqa: PLC0415 - late imports are the point


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

    from service.cli.client import TIMEOUT_S, Client
    from service.cli.demo import show_drawn, show_folder
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
    from service.processes.setup import Unusable

    try:
        while process.poll() is None:
            # In pieces: Windows does not interrupt a wait without end.
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
    except KeyboardInterrupt:
        return
    raise Unusable(f"The service ended by itself with status {process.returncode}.")


T = TypeVar("T")

# The chip is a plain draw: its seed was set before anything was screened.
SEED = 2026
# Stage positions of real scans are large; a demo at 0, 0 would hide a lost offset.
GRID = Grid(rows=3, columns=3, overlap=0.1, corner_um=(12_000.0, -3_400.0))
OPTICS = Optics(vignette=0.1)


def draw_scan() -> tuple[list[TrueFlake], Iterator[RenderedTile]]:
    """Draw the demo chip's tiles, and give its flakes in stage coordinates."""
    width, height = GRID.size_um(OPTICS)
    rng = np.random.default_rng(SEED)
    chip = make_chip(Scene(width_um=width, height_um=height), rng)
    return stage_flakes(chip, GRID), cut_scan(chip, OPTICS, GRID, rng)


def show_drawn(client: Client, console: Console) -> bool:
    """Screen the drawn chip and print found against true; whether it was found."""
    truth, tiles = draw_scan()
    count = GRID.rows * GRID.columns
    scan = client.open_scan(
        name="demo: a drawn chip",
        material="graphene",
        oxide_nm=Scene().oxide_nm,
        um_per_px=OPTICS.um_per_px,
        tiles_expected=count,
    )
    for tile in _with_progress(tiles, count, console):
        client.post_tile(scan, _image_of(tile))
    comparison = compare(truth, [_found(flake) for flake in client.graphene(scan)])
    verdict = judge(comparison, OPTICS.um_per_px)
    console.print(table_of(comparison, OPTICS.um_per_px))
    console.print(verdict.line, style="green" if verdict.passed else "red", markup=False)
    return verdict.passed


def show_folder(client: Client, folder: Path, console: Console) -> bool:
    """Screen the images of a folder and print their flakes; whether all could be screened.

    Raises
    ------
    Unusable
        There is no image in the folder.
    """
    images = find_images([folder])
    if not images:
        raise Unusable(f"There is no image in {folder}.")
    scan = client.open_scan(name=folder.resolve().name or "folder", tiles_expected=len(images))
    screened: list[tuple[str, list[Json]]] = []
    refused: list[str] = []
    for path, place in _with_progress(images.items(), len(images), console):
        # A tile without position is known by its name alone: its folders become part of it.
        image = ImageFile("_".join(place.parts), path.read_bytes(), {})
        try:
            flakes = client.post_tile(scan, image)
        except Refused as error:
            refused.append(f"{place}: {error}")
            continue
        screened.append((str(place), [flake for flake in flakes if flake["is_graphene"]]))
    console.print(folder_table(screened))
    total = sum(len(flakes) for _, flakes in screened)
    console.print(f"{len(screened)} of {len(images)} images screened, {total} graphene flakes.")
    for line in refused:
        console.print(line, style="red", markup=False)
    return not refused


def _with_progress(items: Iterable[T], total: int, console: Console) -> Iterable[T]:
    disable = not console.is_terminal
    return track(items, "Screening", total, console=console, transient=True, disable=disable)


def _image_of(tile: RenderedTile) -> ImageFile:
    done, png = cv2.imencode(".png", tile.pixels[..., ::-1])
    if not done:
        raise Unusable(f"{tile.name} cannot be written as PNG.")
    x, y = tile.stage_um
    place = {"row": tile.row, "col": tile.column, "stage_x_um": x, "stage_y_um": y}
    return ImageFile(tile.name, png.tobytes(), place)


def _found(flake: Json) -> FoundFlake:
    return FoundFlake(
        centre_um=(flake["centre_um"][0], flake["centre_um"][1]),
        area_um2=flake["area_um2"],
        layers=flake["layers"],
        p_graphene=flake["p_graphene"],
    )
