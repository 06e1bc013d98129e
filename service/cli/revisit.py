"""`flakescope revisit`: where to drive next, and the image that was taken there."""
# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.client import URL, Token, Url

if TYPE_CHECKING:
    from flakescope.client import Flake, NextFlake, Revisit

Xum = Annotated[float | None, typer.Option(help="Where the image was taken.")]


def revisit(
    scan_id: Annotated[int, typer.Argument(metavar="SCAN", help="Its number.")],
    *,
    url: Url = URL,
    token: Token = None,
    flake: Annotated[int | None, typer.Option(help="Link --image to this flake.")] = None,
    image: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What was taken there.")
    ] = None,
    um_per_px: Annotated[float | None, typer.Option(help="Scale of --image.")] = None,
    x_um: Xum = None,
    y_um: Xum = None,
    note: Annotated[str | None, typer.Option(help="What was seen.")] = None,
    screen: Annotated[bool, typer.Option("--screen", help="Look for flakes on --image.")] = False,
    layers: Annotated[
        list[int] | None, typer.Option(help="Only these numbers; may be repeated.")
    ] = None,
    min_area_um2: Annotated[float | None, typer.Option(help="No smaller ones.")] = None,
    min_p: Annotated[float | None, typer.Option(help="No less sure ones.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the best flake that nobody reviewed or revisited; with --image, link that first.

    The best has the most graphene to be expected: its probability times its area.
    """
    from flakescope.client import Client, ClientError
    from service.processes.setup import Unusable

    if (flake is None) != (image is None):
        raise Unusable("--flake and --image belong together: give both or neither.")
    wanted = {"layers": layers, "min_area_um2": min_area_um2, "min_p": min_p}
    said = {"um_per_px": um_per_px, "x_um": x_um, "y_um": y_um, "note": note}
    try:
        with Client(url, token, spool=False) as client:
            linked = None
            if flake is not None and image is not None:
                linked = client.add_revisit(flake, image, **said, screen=screen or None)
            given = {name: value for name, value in wanted.items() if value is not None}
            following = client.next_flake(scan_id, **given)
    except (ClientError, ValueError) as error:
        raise Unusable(str(error)) from error
    _print(linked, following, as_json=as_json)
    # A script stops where nothing is left to drive to.
    raise typer.Exit(0 if following.flake is not None or linked is not None else 3)


def _print(linked: "Revisit | None", following: "NextFlake", *, as_json: bool) -> None:
    if as_json:
        import json
        from dataclasses import asdict

        content = asdict(following) | {"linked": None if linked is None else asdict(linked)}
        typer.echo(json.dumps(content, indent=1))
        return
    if linked is not None:
        typer.echo(f"Image {linked.id} is linked to flake {linked.flake_id}.{_seen(linked)}")
    if following.flake is None:
        typer.echo("No flake waits.")
    else:
        typer.echo(f"{_where(following.flake)}; {following.waiting} wait.")


def _seen(linked: "Revisit") -> str:
    if linked.flakes is None:
        return ""
    graphene = sum(bool(flake["is_graphene"]) for flake in linked.flakes)
    return f" Graphene flakes on it: {graphene}."


def _where(flake: "Flake") -> str:
    assert flake.centre_um is not None  # only such are given
    x_um, y_um = flake.centre_um
    layers = "layers unknown" if flake.layers is None else f"{flake.layers} layers"
    return (
        f"Flake {flake.id}: x {x_um:.2f} um, y {y_um:.2f} um; {flake.area_um2:.1f} um2, "
        f"p {flake.p_graphene:.2f}, {layers}"
    )
