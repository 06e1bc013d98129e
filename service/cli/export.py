"""`flakescope export`: a scan's flakes from a running service into a file.

The body is imported when the command runs: `flakescope --help` must not wait for it.
"""
# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments

from pathlib import Path
from typing import Annotated

import typer

from service.cli.connection import URL, Token, Url


def export(
    scan: Annotated[int, typer.Argument(metavar="SCAN", help="Its number.")],
    format_: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT", help="csv, json, geojson, coco, pos, useq, nis, gds, pdf or zip."
        ),
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
    from service.cli.download import download

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
