"""`flakescope training`: ask for trainings, look how far they are, cancel them."""

import time
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from service.cli.client import URL, Client, Token, Url, connected

# ruff: noqa: PLC0415, PLR0913 - late imports are the point; options of a command are its arguments


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
    from service.cli.training import follow, show

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
    from service.cli.training import follow, show

    with connected(url, token) as client:
        if training is None:
            show(client.call("GET", "/v1/trainings", params={"limit": 20})["items"])
        elif wait:
            raise typer.Exit(follow(client, training))
        else:
            show([client.call("GET", f"/v1/trainings/{training}")])


def cancel(training: Number, *, url: Url = URL, token: Token = None) -> None:
    """Stop a training; nothing of it is kept."""
    from service.cli.training import show

    with connected(url, token) as client:
        show([client.call("POST", f"/v1/trainings/{training}/cancel")])


def build() -> typer.Typer:
    """Build the commands of `flakescope training`."""
    app = typer.Typer(help="Train on the lab's reviews.", no_args_is_help=True)
    for name, command in (("start", start), ("status", status), ("cancel", cancel)):
        app.command(name)(command)
    return app


_LOOK_S = 1.0
_ENDED = {"done", "failed", "cancelled"}


def show(trainings: Iterable[Mapping[str, Any]]) -> None:
    """Print a line for each training, and why it waits or failed."""
    console = Console(highlight=False, soft_wrap=True)
    for one in trainings:
        epochs = f", epoch {len(one['epochs'])} of {one['config']['epochs']}"
        version = f", model version {one['model_version']}" if one["model_version"] else ""
        console.print(f"training {one['id']}: {one['state']}{epochs}{escape(version)}")
        if one["reason"]:
            console.print(f"  {escape(one['reason'])}")
        if one["state"] not in _ENDED and not one["trainer_alive"]:
            console.print("  No trainer runs: start one with `flakescope trainer`.")


def follow(client: Client, training_id: int) -> int:
    """Print each epoch as it comes, until the end; 0 if it is done, else 1."""
    console = Console(highlight=False, soft_wrap=True)
    shown = 0
    while True:
        training = client.call("GET", f"/v1/trainings/{training_id}")
        for epoch in training["epochs"][shown:]:
            console.print(_line(epoch))
        shown = len(training["epochs"])
        if training["state"] in _ENDED:
            show([training])
            return 0 if training["state"] == "done" else 1
        time.sleep(_LOOK_S)


def _line(epoch: Mapping[str, Any]) -> str:
    validation, f1 = epoch["validation_loss"], epoch["f1"]
    return (
        f"epoch {epoch['number']} of {epoch['epochs']}: loss {epoch['training_loss']:.4f}, "
        f"validation {'-' if validation is None else f'{validation:.4f}'}, "
        f"F1 {'-' if f1 is None else f'{f1:.3f}'}, {epoch['left_s']:.0f} s left"
    )
