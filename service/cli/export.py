"""`flakescope export`: write flakes or networks to files, fetched whole."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Annotated, Any

import httpx
import typer
from typer.core import TyperGroup

from service.cli.client import TIMEOUT_S, URL, Refused, Token, Url, authorization
from service.exports.formats import NAMES
from service.processes.setup import Unusable

# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments


def export(
    scan: Annotated[int, typer.Argument(metavar="SCAN", help="Its number.")],
    format_: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help=f"{', '.join(NAMES[:-1])} or {NAMES[-1]}."),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="File to write, - for standard output.",
            show_default="the service's name for it",
        ),
    ] = None,
    url: Url = URL,
    token: Token = None,
    graphene: Annotated[
        bool | None,
        typer.Option("--graphene/--no-graphene", help="By the model's verdict alone."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Also what does not count as graphene.")
    ] = False,
    min_area_um2: Annotated[float | None, typer.Option(help="Smallest area.")] = None,
    max_area_um2: Annotated[float | None, typer.Option(help="Largest area.")] = None,
    min_p: Annotated[float | None, typer.Option(help="Least p_graphene.")] = None,
    layers: Annotated[str | None, typer.Option(help="Numbers of layers, as 1,2.")] = None,
    reviewed: Annotated[bool | None, typer.Option("--reviewed/--not-reviewed")] = None,
    sort: Annotated[str | None, typer.Option(help="id, area_um2, p_graphene, layers; -: down.")] = (
        None
    ),
    version: Annotated[str | None, typer.Option(help="pos: 2 or 1.4.")] = None,
    xy_stage: Annotated[str | None, typer.Option(help="pos: the stage's name.")] = None,
    z_stage: Annotated[str | None, typer.Option(help="pos: the focus drive's name.")] = None,
    as_: Annotated[str | None, typer.Option("--as", help="useq: json or yaml.")] = None,
    masks: Annotated[str | None, typer.Option(help="coco: rle or polygons.")] = None,
    mark: Annotated[
        list[str] | None, typer.Option(help="gds: x,y,X,Y in um, stage and design; two or more.")
    ] = None,
    mirrored: Annotated[
        bool, typer.Option("--mirrored", help="gds: two marks, and the design is mirrored.")
    ] = False,
) -> None:
    """Write a scan's flakes in the format of another program."""
    from service.cli.export import download

    asked = {
        "graphene": graphene,
        "everything": everything or None,
        "min_area_um2": min_area_um2,
        "max_area_um2": max_area_um2,
        "min_p": min_p,
        "layers": layers,
        "reviewed": reviewed,
        "sort": sort,
        "version": version,
        "xy_stage": xy_stage,
        "z_stage": z_stage,
        "as": as_,
        "masks": masks,
        "mark": mark or None,
        "mirrored": mirrored or None,
    }
    query = {name: value for name, value in asked.items() if value is not None}
    download(url, f"/v1/scans/{scan}/export/{format_}", query, output=output, token=token)


class _ByFirstWord(TyperGroup):
    """`export 12 csv` means scan 12, `export run1 --out ...` the network of the folder run1."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the command that the words leave out, then parse them."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["scan" if args[0].isdecimal() else "network", *args]
        return super().parse_args(ctx, args)


def build() -> typer.Typer:
    """Build the commands of the group."""
    app = typer.Typer(
        cls=_ByFirstWord,
        help="Write a scan's flakes, or a trained network, into a file.",
        no_args_is_help=True,
    )
    app.command("scan")(export)
    return app


_NAME = re.compile(r'filename="([A-Za-z0-9._-]+)"')


def download(
    url: str, path: str, query: Mapping[str, Any], *, output: Path | None, token: str | None
) -> None:
    """Write what the service answers to a file, `-` for standard output.

    Raises
    ------
    Refused
        The service does not give it.
    Unusable
        The service does not answer, or the file cannot be written.
    """
    # An archive of thousands of pictures takes minutes; between two pieces of it nothing does.
    timeout = httpx.Timeout(TIMEOUT_S, read=None)
    try:
        with (
            httpx.Client(base_url=url, headers=authorization(token), timeout=timeout) as http,
            http.stream("GET", path, params=_texts(query)) as answer,
        ):
            _check(answer)
            _write(answer, output)
            if notes := answer.headers.get("Flakescope-Notes"):
                typer.echo(notes, err=True)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Unusable(f"The service at {url} does not answer: {error}") from error


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
    }


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    answer.read()
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = answer.text[:200]
    raise Refused(f"{detail} (status {answer.status_code})")


def _write(answer: httpx.Response, output: Path | None) -> None:
    if output is not None and str(output) == "-":
        _copy(answer, sys.stdout.buffer)
        return
    path = _free_name(answer) if output is None else output
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            _copy(answer, file)
        part.replace(path)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        # Where it was cut off: half a list of positions looks like a whole one.
        part.unlink(missing_ok=True)
    typer.echo(f"{path}", err=True)


def _free_name(answer: httpx.Response) -> Path:
    found = _NAME.search(answer.headers.get("Content-Disposition", ""))
    if found is None:
        raise Unusable("The service states no name for the file: name one with -o.")
    path = Path(found[1])
    if path.exists():
        raise Unusable(f"{path} exists already: name another file, or this one, with -o.")
    return path


def _copy(answer: httpx.Response, file: IO[bytes]) -> None:
    for piece in answer.iter_bytes():
        file.write(piece)
