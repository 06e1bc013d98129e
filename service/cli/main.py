"""The commands, and their common end: an error that has a sentence is that sentence, exit 1."""

from importlib.metadata import entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from service.cli import exports, model, scan, token, training
from service.cli.commands import migrate, screen, serve, worker
from service.cli.demo import demo
from service.cli.keeping import backup, check, restore
from service.cli.memory import keep_freed_memory
from service.cli.revisit import revisit
from service.cli.watch import watch
from service.errors import FlakescopeError


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:  # typer keeps its context's class to itself
        keep_freed_memory()
        try:
            return super().invoke(ctx)
        except FlakescopeError as error:
            typer.echo(f"flakescope: {error}", err=True)
            raise typer.Exit(1) from error


def build() -> typer.Typer:
    """Every command."""
    app = typer.Typer(
        name="flakescope",
        cls=_Commands,
        help="Finds graphene flakes on microscope tiles of exfoliated chips.",
        no_args_is_help=True,
        # A trace with all local values is of no use to whoever runs the command.
        pretty_exceptions_enable=False,
    )
    app.callback()(_common)
    for command in (serve, worker, migrate, screen, demo, watch, revisit, backup, restore, check):
        app.command()(command)
    groups = {
        "scan": scan.build(),
        "token": token.build(),
        "export": exports.build(),
        "training": training.build(),
        "model": model.build(),
    }
    for entry in sorted(entry_points(group="flakescope.commands"), key=lambda one: one.name):
        # "export.network" is the command `network` of the group `export`.
        group, _, name = entry.name.rpartition(".")
        (groups[group] if group else app).command(name)(entry.load())
    for name, commands in groups.items():
        app.add_typer(commands, name=name)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - no other command needs it

        typer.echo(f"flakescope {version('flakescope')}")
        raise typer.Exit


def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version
