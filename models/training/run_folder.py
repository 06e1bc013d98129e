"""A run's folder: the settings, weights and result of one taught network."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from torch import nn

from models.evaluate import Figures
from models.examples.labelled import Examples
from models.networks import build
from models.training.checkpoint import read_weights, write_whole
from models.training.config import RunConfig, read_config
from service.errors import InvalidValue, NotFound

CONFIG, WEIGHTS, RESULT, SAMPLE = "config.json", "network.pt", "result.json", "sample.npz"
REPORT = "report.html"
# Crops kept beside a network: what its export is compared on.
KEPT = 64


@dataclass(frozen=True, slots=True)
class Taught:
    """Findings of a run: the network, its precision, time, verdicts and figures.

    Attributes
    ----------
    weights : str
        What it began with: from scratch, or name and sha256 of a file.
    precision : str
        What was computed in.
    took_s : float
        Seconds of all epochs together.
    held_out : tuple of str
        Groups that chose the epoch, the temperature and the threshold.
    figures : by set
        "held out", and "test" where the folder keeps a test part.
    """

    network: str
    parameters: int
    weights: str
    precision: str
    input_size: int
    epochs: int
    took_s: float
    temperature: float
    threshold: float
    data_digest: str
    created: str
    held_out: tuple[str, ...]
    verdicts: Mapping[str, Mapping[str, int]]
    figures: Mapping[str, Figures]


def write_result(run: Path, taught: Taught, network: nn.Module, examples: Examples) -> None:
    """Write a network, what was found out, and a sample of its crops."""
    write_whole(run / WEIGHTS, dict(network.state_dict()))
    rows = np.linspace(0, len(examples) - 1, KEPT).astype(np.intp)
    np.savez_compressed(run / SAMPLE, crops=examples.crops[rows])
    (run / RESULT).write_text(as_json(taught), encoding="utf-8")


def as_json(result: object) -> str:
    """Encode a dataclass with its figures as JSON, which knows no nan: undefined is null."""
    text = json.dumps(asdict(result))  # type: ignore[call-overload]
    return json.dumps(json.loads(text, parse_constant=lambda _: None), indent=1)


def read_result(run: Path) -> Taught:
    """Read what `write_result` wrote.

    Raises
    ------
    NotFound
        The folder holds no finished run.
    """
    path = run / RESULT
    if not path.is_file():
        raise NotFound(f"{str(run)!r} holds no finished training: {RESULT} is missing.")
    content = json.loads(path.read_text(encoding="utf-8"))
    for figures in content["figures"].values():
        for figure in figures["figures"].values():
            for key, value in figure.items():
                figure[key] = float("nan") if value is None else value
    try:
        return TypeAdapter(Taught).validate_python(content)
    except ValidationError as error:
        raise InvalidValue(f"{str(path)!r} is no result of a training: {error}") from error


def read_network(run: Path) -> nn.Module:
    """Read the network of a finished run, in evaluation mode."""
    network = build_network(read_config(RunConfig, run / CONFIG), trained_before=True)
    network.load_state_dict(read_weights(run / WEIGHTS))
    return network.eval()


def build_network(config: RunConfig, *, trained_before: bool = False) -> nn.Module:
    """Build the configured network; without the weights to begin with where others will follow."""
    made = config.network
    return build(
        made.name,
        dropout=made.dropout,
        pretrained=None if trained_before else made.pretrained,
        trained_blocks=made.trained_blocks,
        side=made.side,
    )


def read_sample(run: Path) -> NDArray[np.float32]:
    """Read some crops that the run was trained on, (64, size, size, 4)."""
    with np.load(run / SAMPLE, allow_pickle=False) as file:
        return np.asarray(file["crops"], np.float32)
