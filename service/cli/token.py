"""`flakescope token`: make, list and revoke access tokens, on the computer of the database.

Each command imports its body when it runs: `flakescope --help` must not wait for it.
"""
# ruff: noqa: PLC0415 - late imports are the point

import getpass
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.commands import DatabaseUrl, DataDir

if TYPE_CHECKING:
    from service.db.engine import Sessions

Name = Annotated[str, typer.Argument(help="Who or what will use it; reviews are signed with it.")]


def create(
    name: Name,
    *,
    role: Annotated[
        str, typer.Option(help="operator: uploads and reviews; admin: also deletes and trains.")
    ] = "operator",
    expires: Annotated[
        int | None, typer.Option(metavar="DAYS", help="Ends after so many days.")
    ] = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a token and print it, this once: only its digest is kept."""
    from service.admin.tokens import create_token
    from service.processes.server import opened
    from service.processes.setup import migrate_database
    from service.settings import read_settings

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    migrate_database(settings)
    with opened(settings) as sessions:
        made = create_token(sessions, name, role, expires_days=expires)
        _write_down(sessions, "create_token", name)
    # Alone on its line, and alone in what a script reads.
    typer.echo(made.token)
    until = "" if made.expires_at is None else f", until {made.expires_at:%Y-%m-%d %H:%M}"
    typer.echo(
        f"Token {name!r} ({role}{until}). It is shown this once: keep it safe. "
        "From now on the service asks everyone for a token.",
        err=True,
    )


def list_(data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """List the tokens that were ever made, newest first."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from service.admin.tokens import list_tokens
    from service.processes.server import opened
    from service.processes.setup import migrate_database
    from service.settings import read_settings

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    migrate_database(settings)
    with opened(settings) as sessions:
        tokens = list_tokens(sessions)
    table = Table("name", "role", "made", "last used", "expires", "revoked")
    for token in tokens:
        times = (token.created_at, token.last_used_at, token.expires_at, token.revoked_at)
        said = ("-" if at is None else f"{at:%Y-%m-%d %H:%M}" for at in times)
        table.add_row(escape(token.name), token.role, *said)
    Console(highlight=False, soft_wrap=True).print(table)


def revoke(name: Name, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Revoke a token, at once, also for a service that runs."""
    from service.admin.tokens import revoke_token
    from service.processes.server import opened
    from service.processes.setup import migrate_database
    from service.settings import read_settings

    settings = read_settings(data_dir=data_dir, database_url=database_url)
    migrate_database(settings)
    with opened(settings) as sessions:
        revoke_token(sessions, name)
        _write_down(sessions, "revoke_token", name)
    typer.echo(f"Token {name!r} is revoked.")


def build() -> typer.Typer:
    """Build the commands of `flakescope token`."""
    app = typer.Typer(help="Make, list and revoke access tokens.", no_args_is_help=True)
    for name, command in (("create", create), ("list", list_), ("revoke", revoke)):
        app.command(name)(command)
    return app


def _write_down(sessions: "Sessions", action: str, name: str) -> None:
    from service.admin.audit import Act, begin_act, end_act

    who = f"{getpass.getuser()} at the command line"
    entry = begin_act(sessions, Act(who, socket.gethostname(), action, name))
    end_act(sessions, entry, "done")
