"""`flakescope training`: ask for trainings, look how far they are, cancel them.

Each command imports its body when it runs: `flakescope --help` must not wait for it.
"""
# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments

from typing import Annotated

import typer

from service.cli.connection import URL, Token, Url, connected

Number = Annotated[int, typer.Argument(metavar="TRAINING", help="Its number.")]


def start(
    *,
    url: Url = URL,
    token: Token = None,
    architecture: Annotated[
        str | None, typer.Option(help="As of `train --network`.", show_default="flakenet")
    ] = None,
    epochs: Annotated[int | None, typer.Option(show_default="6")] = None,
    optimizer: Annotated[str | None, typer.Option(show_default="adamw")] = None,
    learning_rate: Annotated[float | None, typer.Option(show_default="0.0003")] = None,
    base_model: Annotated[
        str | None,
        typer.Option(help="Version to go on from, or 'scratch'.", show_default="the active one"),
    ] = None,
    dataset: Annotated[
        list[int] | None, typer.Option(help="Number of a data set; may be repeated.")
    ] = None,
    reviews: Annotated[bool, typer.Option(help="Learn from all reviews of the lab.")] = True,
    seed: Annotated[int | None, typer.Option(show_default="0")] = None,
    note: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    wait: Annotated[bool, typer.Option(help="Stay until it has ended.")] = True,
) -> None:
    """Train a network from the lab's reviews; a trainer has to run."""
    from service.cli.training_follow import follow, show

    given = {
        "architecture": architecture,
        "epochs": epochs,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "base_model": base_model,
        "datasets": dataset,
        "seed": seed,
        "note": note,
    }
    body = {name: value for name, value in given.items() if value is not None}
    with connected(url, token) as client:
        training = client.call("POST", "/v1/trainings", json=body | {"reviews": reviews})
        if wait:
            raise typer.Exit(follow(client, int(training["id"])))
        show([training])


def status(
    training: Annotated[
        int | None,
        typer.Argument(metavar="[TRAINING]", help="Its number.", show_default="the latest"),
    ] = None,
    *,
    url: Url = URL,
    token: Token = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it has ended.")] = False,
) -> None:
    """Show how far trainings are."""
    from service.cli.training_follow import follow, show

    with connected(url, token) as client:
        if training is None:
            show(client.call("GET", "/v1/trainings", params={"limit": 20})["items"])
        elif wait:
            raise typer.Exit(follow(client, training))
        else:
            show([client.call("GET", f"/v1/trainings/{training}")])


def cancel(training: Number, *, url: Url = URL, token: Token = None) -> None:
    """Stop a training; nothing of it is kept."""
    from service.cli.training_follow import show

    with connected(url, token) as client:
        show([client.call("POST", f"/v1/trainings/{training}/cancel")])


def build() -> typer.Typer:
    """The commands of `flakescope training`."""
    app = typer.Typer(help="Train on the lab's reviews.", no_args_is_help=True)
    for name, command in (("start", start), ("status", status), ("cancel", cancel)):
        app.command(name)(command)
    return app
