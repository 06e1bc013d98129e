"""`flakescope model`: which networks there are, let one screen, take that back.

Each command imports its body when it runs: `flakescope --help` must not wait for it.
"""
# ruff: noqa: PLC0415 - late imports are the point

from typing import Annotated

import typer

from service.cli.connection import URL, Token, Url, connected

Version = Annotated[str, typer.Argument(metavar="VERSION", help="Its name, as `list` shows it.")]


def list_(*, url: Url = URL, token: Token = None) -> None:
    """Show every model version, the newest first."""
    from service.cli.model_show import show

    with connected(url, token) as client:
        show(client.call("GET", "/v1/models")["items"])


def promote(
    version: Version,
    *,
    url: Url = URL,
    token: Token = None,
    force: Annotated[
        bool, typer.Option("--force", help="Against the gate's reasons; it is recorded.")
    ] = False,
) -> None:
    """Let a model version screen from now on, unless it would be worse."""
    from urllib.parse import quote

    from service.cli.demo_client import Refused
    from service.cli.model_show import show_promoted, show_refusal

    path = f"/v1/models/{quote(version, safe='')}/promote"
    with connected(url, token) as client:
        try:
            show_promoted(client.call("POST", path, json={"force": force}))
        except Refused as error:
            if not error.reasons:
                raise
            show_refusal(version, error.reasons)
            raise typer.Exit(1) from error


def rollback(*, url: Url = URL, token: Token = None) -> None:
    """Go back to the model version that the active one replaced; no gate is asked."""
    with connected(url, token) as client:
        model = client.call("POST", "/v1/models/rollback")
    typer.echo(f"{model['version']} screens again.")


def build() -> typer.Typer:
    """The commands of `flakescope model`."""
    app = typer.Typer(help="Choose the network that screens.", no_args_is_help=True)
    for name, command in (("list", list_), ("promote", promote), ("rollback", rollback)):
        app.command(name)(command)
    return app
