"""`flakescope model`: show networks, let one screen, take that back."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from service.cli.client import URL, Token, Url, connected

# ruff: noqa: PLC0415 - late imports are the point


Version = Annotated[str, typer.Argument(metavar="VERSION", help="Its name, as `list` shows it.")]


def list_(*, url: Url = URL, token: Token = None) -> None:
    """Show every model version, the newest first."""
    from service.cli.model import show

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

    from service.cli.client import Refused
    from service.cli.model import show_promoted, show_refusal

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
    """Build the commands of `flakescope model`."""
    app = typer.Typer(help="Choose the network that screens.", no_args_is_help=True)
    for name, command in (("list", list_), ("promote", promote), ("rollback", rollback)):
        app.command(name)(command)
    return app


def show(models: Iterable[Mapping[str, Any]]) -> None:
    """Print a line for each model, and what the gate had against it last."""
    console = Console(highlight=False, soft_wrap=True)
    for one in models:
        sign = "*" if one["is_active"] else " "
        facts = [one["architecture"] or "", f"of {one['created_at'][:10]}"]
        if one["promoted_at"]:
            facts.append(f"promoted {one['promoted_at'][:10]} by {one['promoted_by'] or 'itself'}")
        if one["is_active"] and one["replaced_version"]:
            facts.append(f"in place of {one['replaced_version']}")
        console.print(f"{sign} {escape(one['version'])}: {escape(', '.join(filter(None, facts)))}")
        for reason in (one["gate"] or {}).get("reasons", []):
            console.print(f"    {escape(reason)}")


def show_promoted(model: Mapping[str, Any]) -> None:
    """Print that a version screens now, and on what figures the gate let it."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{escape(model['version'])} screens from now on.")
    gate = model["gate"]
    if gate is None:
        return
    for where, words in (("holdout", "the holdout"), ("reviews", "the newest reviews")):
        if compared := gate["figures"].get(where):
            console.print(
                f"  balanced accuracy on {words}: {compared['candidate']:.3f}, before "
                f"{compared['active']:.3f} ({compared['crops']} crops)"
            )
    if gate["forced"]:
        console.print("  Forced, against:")
        for reason in gate["reasons"]:
            console.print(f"  - {escape(reason)}")


def show_refusal(version: str, reasons: Iterable[str]) -> None:
    """Why a version does not come into service; on the standard error."""
    console = Console(highlight=False, soft_wrap=True, stderr=True)
    console.print(f"{escape(version)} is not promoted:")
    for reason in reasons:
        console.print(f"- {escape(reason)}")
