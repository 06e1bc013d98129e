"""`flakescope scan`: bring scans in, look how far they are, cancel and delete them.

Each command imports its body when it runs: `flakescope --help` must not wait for it.
"""
# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments

from pathlib import Path
from typing import Annotated

import typer

from service.cli.client import URL, Token, Url, connected

Name = Annotated[str | None, typer.Option(help="The scan's name.", show_default="the folder's")]
OxideNm = Annotated[float | None, typer.Option(help="SiO2 thickness.")]
UmPerPx = Annotated[
    float | None, typer.Option(help="Scale of its tiles.", show_default="what the files say")
]
Again = Annotated[bool, typer.Option("--again", help="A new scan, also of what was sent before.")]
Wait = Annotated[bool, typer.Option(help="Stay until the scan has ended.")]


def upload(
    path: Annotated[Path, typer.Argument(exists=True, help="A scan folder, or a zip of one.")],
    *,
    url: Url = URL,
    token: Token = None,
    name: Name = None,
    oxide_nm: OxideNm = None,
    um_per_px: UmPerPx = None,
    again: Again = False,
    wait: Wait = True,
) -> None:
    """Send a scan folder or a zip; again, it sends what is missing."""
    from service.cli.scan_follow import follow, show
    from service.cli.scan_send import send_archive, send_folder

    fields = _given(name=name, oxide_nm=oxide_nm, um_per_px=um_per_px)
    send = send_folder if path.is_dir() else send_archive
    with connected(url, token) as client:
        scan_id = send(client, path, fields, again=again)
        if wait:
            raise typer.Exit(follow(client, scan_id))
        show(client, scan_id)


def import_(
    folder: Annotated[str, typer.Argument(help="A folder as the service's computer names it.")],
    *,
    url: Url = URL,
    token: Token = None,
    name: Name = None,
    oxide_nm: OxideNm = None,
    um_per_px: UmPerPx = None,
    again: Again = False,
    wait: Wait = True,
) -> None:
    """Let the service read a folder itself; again, it reads what is missing."""
    from service.cli.scan_follow import follow

    fields = _given(name=name, oxide_nm=oxide_nm, um_per_px=um_per_px)
    with connected(url, token) as client:
        body = {"folder": folder, "again": again} | fields
        scan_id = int(client.call("POST", "/v1/scans/import", json=body)["id"])
        if wait:
            raise typer.Exit(follow(client, scan_id))


def set_(
    scan_id: Annotated[int, typer.Argument(metavar="SCAN", help="Its number.")],
    *,
    url: Url = URL,
    token: Token = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    oxide_nm: OxideNm = None,
    um_per_px: Annotated[
        float | None, typer.Option(help="Scale of its tiles, whatever their files say.")
    ] = None,
    flip_x: Annotated[bool | None, typer.Option(help="The stage's x against the image's.")] = None,
    flip_y: Annotated[bool | None, typer.Option(help="The stage's y against the image's.")] = None,
    swap_xy: Annotated[bool | None, typer.Option(help="The stage's x along the image's y.")] = None,
    substrate_id: Annotated[int | None, typer.Option(help="Number of its substrate.")] = None,
    wait: Wait = True,
) -> None:
    """Put right what was said of a scan; areas, places and layers follow, reviews stay."""
    from service.cli.scan_follow import follow, show

    said = _given(name=name, oxide_nm=oxide_nm, um_per_px=um_per_px, substrate_id=substrate_id)
    said |= _given(flip_x=flip_x, flip_y=flip_y, swap_xy=swap_xy)
    if not said:
        raise typer.BadParameter("Say what is to be changed: see --help.")
    # The light tells layers: it counts only once the tiles are screened again.
    rescreen = oxide_nm is not None or substrate_id is not None
    with connected(url, token) as client:
        client.call("PATCH", f"/v1/scans/{scan_id}", json=said | {"rescreen": rescreen})
        if wait and said.keys() != {"name"}:
            raise typer.Exit(follow(client, scan_id))
        show(client, scan_id)


def status(
    scan_id: Annotated[
        int | None, typer.Argument(metavar="[SCAN]", help="Its number.", show_default="the latest")
    ] = None,
    *,
    url: Url = URL,
    token: Token = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it has ended.")] = False,
) -> None:
    """Show how far scans are."""
    from service.cli.scan_follow import follow, show

    with connected(url, token) as client:
        if scan_id is not None and wait:
            raise typer.Exit(follow(client, scan_id))
        show(client, scan_id)


def cancel(
    scan_id: Annotated[int, typer.Argument(metavar="SCAN", help="Its number.")],
    *,
    url: Url = URL,
    token: Token = None,
) -> None:
    """Stop bringing in and screening a scan; what was found stays."""
    from service.cli.scan_follow import show

    with connected(url, token) as client:
        client.call("POST", f"/v1/scans/{scan_id}/cancel")
        show(client, scan_id)


def delete(
    scan_id: Annotated[int, typer.Argument(metavar="SCAN", help="Its number.")],
    *,
    url: Url = URL,
    token: Token = None,
    keep_labels: Annotated[
        bool,
        typer.Option(
            "--keep-labels", help="What people were sure of stays, for trainings, with its tiles."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a scan with its tiles, flakes and reviews, for good."""
    if not yes:
        typer.confirm(f"Delete scan {scan_id} with its tiles, flakes and reviews?", abort=True)
    with connected(url, token) as client:
        path = f"/v1/scans/{scan_id}"
        answer = client.call("DELETE", path, params={"keep_labels": keep_labels})
    typer.echo(f"scan {scan_id}: deleted")
    if kept := answer.get("dataset"):
        labels = f"{kept['graphene']} graphene, {kept['other']} other"
        typer.echo(f"  its labels are data set {kept['id']} now: {labels}")
    elif keep_labels:
        typer.echo("  nobody had reviewed it: there was no label to keep")


def build() -> typer.Typer:
    """Build the commands of `flakescope scan`."""
    app = typer.Typer(help="Bring scans in, and look how far they are.", no_args_is_help=True)
    for name, command in (
        ("upload", upload),
        ("import", import_),
        ("set", set_),
        ("status", status),
        ("cancel", cancel),
        ("delete", delete),
    ):
        app.command(name)(command)
    return app


def _given(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
