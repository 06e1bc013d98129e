"""`python -m models`: the training commands without the service; what torchrun starts."""

import typer

from models import commands
from service.errors import FlakescopeError


def main() -> None:
    """Run the command line of this process."""
    app = typer.Typer(
        help="Train and judge Flakescope's networks.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    for name in commands.__all__:
        app.command(name)(getattr(commands, name))
    try:
        app()
    except FlakescopeError as error:
        typer.echo(f"flakescope: {error}", err=True)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
