"""Checkpoints: what a training needs to go on after a kill as if nothing had happened."""

import json
import os
import pickle
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from models.training.learner import Learner
from models.training.watch import Epoch
from service.errors import Conflict, InvalidValue

CHECKPOINT, EPOCHS = "checkpoint.pt", "epochs.jsonl"


def save_checkpoint(run: Path, learner: Learner, belongs_to: str) -> None:
    """Write where a learner is to a run's folder; `belongs_to` says of which training it is."""
    write_whole(run / CHECKPOINT, {"belongs_to": belongs_to, **learner.state()})
    write_epochs(run, learner.epochs)


def load_checkpoint(run: Path, learner: Learner, belongs_to: str) -> None:
    """Bring a learner to where a run stopped; nothing where it never began.

    Raises
    ------
    Conflict
        The run has other settings or examples.
    InvalidValue
        Its checkpoint cannot be read.
    """
    run.mkdir(parents=True, exist_ok=True)
    if not (run / CHECKPOINT).is_file():
        return
    state = read_weights(run / CHECKPOINT)
    if state.get("belongs_to") != belongs_to:
        raise Conflict(
            f"{str(run)!r} holds a training with other settings or other examples: "
            "go on with the same, or train into another folder."
        )
    learner.go_on_from(state)


def write_epochs(run: Path, epochs: list[Epoch]) -> None:
    """Write one JSON line an epoch, all anew: a kill leaves none half written or twice."""
    draft = run / f"{EPOCHS}.draft"
    lines = [json.dumps(asdict(epoch)) + "\n" for epoch in epochs]
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(run / EPOCHS)


def identity(*parts: object) -> str:
    """Hash settings and examples' digests: the same for the same training only."""
    return sha256("\n".join(repr(part) for part in parts).encode()).hexdigest()


def write_whole(path: Path, state: dict[str, Any]) -> None:
    """Write tensors so that a kill or a power cut leaves the old file or the new one."""
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_weights(path: Path) -> dict[str, Any]:
    """Read what `write_whole` wrote; no pickled code is ever run."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise InvalidValue(f"The weights {str(path)!r} cannot be read: {error}") from error
    return state
