"""Who looks on while a network is trained."""

import math
from dataclasses import dataclass, field
from typing import Protocol

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@dataclass(frozen=True, slots=True)
class Epoch:
    """Record of an epoch: what is known after it; one line of `epochs.jsonl`.

    Attributes
    ----------
    number, epochs : int
        From 1; how many there will be, unless it stops early.
    training_loss, validation_loss : float
        Means; the second is None where nothing was held out.
    figures : by name
        On what was held out, at even odds; None where not defined.
    took_s, left_s : float
        Seconds of this epoch, and about how many are left.
    """

    number: int
    epochs: int
    training_loss: float
    learning_rate: float
    took_s: float
    left_s: float
    validation_loss: float | None = None
    figures: dict[str, float | None] = field(default_factory=dict)


class Watch(Protocol):
    """Is told how a training goes on; what it raises ends it, to be resumed from its checkpoint."""

    def begin(self, done: int, steps: int) -> None:
        """Before the first step: how many are behind it, and how many there will be at most."""

    def step(self, number: int, loss: float) -> None:
        """After each step, numbered from 1 over all epochs."""

    def epoch(self, epoch: Epoch) -> None:
        """After each epoch, when its checkpoint is written."""


class Silent:
    """Looks away."""

    def begin(self, done: int, steps: int) -> None:
        """Do nothing."""

    def step(self, number: int, loss: float) -> None:
        """Do nothing."""

    def epoch(self, epoch: Epoch) -> None:
        """Do nothing."""


class Bar:
    """A line of a progress bar: steps, recent loss, and the last epoch's validation loss."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._line = progress.add_task(title, total=None, loss=math.nan)
        self._recent = math.nan

    def begin(self, done: int, steps: int) -> None:
        """Show the whole length."""
        self._progress.update(self._line, completed=done, total=steps)

    def step(self, number: int, loss: float) -> None:
        """Move on."""
        # About the last fifty steps: one batch alone says little.
        first = math.isnan(self._recent)
        self._recent = loss if first else 0.98 * self._recent + 0.02 * loss
        self._progress.update(self._line, completed=number, loss=self._recent)

    def epoch(self, epoch: Epoch) -> None:
        """Print a line where something was held out."""
        if epoch.validation_loss is not None:
            f1 = epoch.figures.get("f1")
            self._progress.print(
                f"epoch {epoch.number}: loss {epoch.training_loss:.4f}, "
                f"validation {epoch.validation_loss:.4f}, F1 {'-' if f1 is None else f'{f1:.3f}'}, "
                f"{epoch.left_s:.0f} s left"
            )


def progress() -> Progress:
    """Make a display for the bars of trainings."""
    return Progress(
        TextColumn("{task.description:>12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"),
        TimeRemainingColumn(),
    )
