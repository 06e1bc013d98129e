"""Shows trainings on the command line."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape

from service.cli.demo_client import Client

_LOOK_S = 1.0
_ENDED = {"done", "failed", "cancelled"}


def show(trainings: Iterable[Mapping[str, Any]]) -> None:
    """A line for each, and why it waits or failed."""
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
