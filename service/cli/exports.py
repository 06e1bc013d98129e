"""`flakescope export`: of a scan, and, where PyTorch is installed, of a trained network."""

from typing import Any

import typer
from typer.core import TyperGroup

from service.cli.export import export


class _ByFirstWord(TyperGroup):
    """`export 12 csv` means scan 12, `export run1 --out ...` the network of the folder run1."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The words with the command that they leave out."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["scan" if args[0].isdecimal() else "network", *args]
        return super().parse_args(ctx, args)


def build() -> typer.Typer:
    """The commands of the group."""
    app = typer.Typer(
        cls=_ByFirstWord,
        help="Write a scan's flakes, or a trained network, into a file.",
        no_args_is_help=True,
    )
    app.command("scan")(export)
    return app
