"""The commands, and their common end: an error that has a sentence is that sentence, exit 1."""

import ctypes
import sys
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from service.cli import export, model, scan, token, training
from service.cli.backup import backup, check, restore
from service.cli.commands import migrate, screen, serve, settings, worker
from service.cli.demo import demo
from service.cli.revisit import revisit
from service.cli.watch import watch
from service.errors import FlakescopeError

# Of glibc: numbers of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_MIB = 2**20
# Given back at once, such memory costs a page fault for every 4 KiB of every tile: 4 ms of a tile
# of 1920x1200. Kept, the process is 1 % larger at rest.
_KEPT_BYTES = 64 * _MIB
# The most that glibc keeps together; larger arrays, as of a tile of 10 megapixels, still go back.
_LARGEST_BYTES = 32 * _MIB
# Else each new thread may keep what it freed for itself alone. With two arenas the service took
# 299 MiB in place of 311 after 1,000 saved tiles, in no more time.
_ARENAS = 2


def keep_freed_memory() -> None:
    """Tell the allocator of this process; one that is not glibc's is left as it is."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGEST_BYTES)
        mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_ARENA_MAX, _ARENAS)


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:  # typer keeps its context's class to itself
        keep_freed_memory()
        try:
            return super().invoke(ctx)
        except FlakescopeError as error:
            typer.echo(f"flakescope: {error}", err=True)
            raise typer.Exit(1) from error


def build() -> typer.Typer:
    """Build every command."""
    app = typer.Typer(
        name="flakescope",
        cls=_Commands,
        help="Finds graphene flakes on microscope tiles of exfoliated chips.",
        no_args_is_help=True,
        # A trace with all local values is of no use to whoever runs the command.
        pretty_exceptions_enable=False,
    )
    app.callback()(_common)
    for command in (
        serve,
        worker,
        migrate,
        settings,
        screen,
        demo,
        watch,
        revisit,
        backup,
        restore,
        check,
    ):
        app.command()(command)
    groups = {
        "scan": scan.build(),
        "token": token.build(),
        "export": export.build(),
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
