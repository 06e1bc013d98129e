"""`python -m models`: the training commands without the service."""

import typer

from models.commands import evaluate, train


def main() -> None:
    """Run the command line of this process."""
    app = typer.Typer(help="Train and judge Flakescope's networks.", no_args_is_help=True)
    app.command()(train)
    app.command()(evaluate)
    app()


if __name__ == "__main__":
    main()
