"""Everything that a training depends on beside its examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from models.augment import Jitter
from models.examples.sources import SourceConfig
from service.errors import InvalidValue

Optimiser = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]
Schedule = Literal["cosine", "step", "none"]
Sampling = Literal["shares", "balanced", "once"]
_Config = TypeVar("_Config")
# A misspelt setting is an error, not a setting that does nothing.
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Configuration of a network's training; stored with its result."""

    __pydantic_config__ = STRICT

    epochs: int = 25
    # Batches of an epoch, as sources differ in size by a hundred times; None: what examples fill.
    epoch_steps: int | None = 100
    batch: int = 128  # of all processes together
    patience: int | None = (
        None  # epochs without a better validation loss; the best one is the result
    )

    optimiser: Optimiser = "adamw"
    learning_rate: float = 2e-3
    momentum: float = 0.9  # of "momentum" alone
    weight_decay: float = 1e-2  # L2; of adamw taken from the weights themselves
    l1: float = 0.0  # times the sum of all weights' sizes, added to the loss
    warm_up: float = 0.05  # share of all steps in which the learning rate rises
    schedule: Schedule = "cosine"
    drop_every: int = 10  # "step": after so many epochs the learning rate is multiplied ...
    drop: float = 0.1  # ... by this
    # The result is an average over about the last 500 steps; 0 takes the weights of the last.
    ema_decay: float = 0.998
    mixed_precision: bool = True  # on CUDA; elsewhere float32

    # "shares": each source has its share of a batch. "balanced": both classes are drawn alike.
    # "once": every example once an epoch.
    sampling: Sampling = "shares"
    positive_share: float = 0.45  # of a batch; true chips have far fewer, the threshold knows
    # Share of a batch from each source: the rendered ones generalise, the real ones are true.
    shares: dict[str, float] = field(
        default_factory=lambda: {
            "rendered": 0.45,
            "rendered outline": 0.1,
            "frame": 0.2,
            "outline": 0.05,
            "tight": 0.2,
        }
    )
    class_weights: bool = False  # the loss of graphene counts as all the rest, however few they are
    jitter: Jitter = field(default_factory=Jitter)
    seed: int = 0
    threads: int = 2


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Configuration of the network that is built, see `models.networks.build`."""

    __pydantic_config__ = STRICT

    name: str = "flakenet"
    dropout: float = 0.1
    pretrained: Path | None = None
    trained_blocks: int | None = None
    side: int | None = None


@dataclass(frozen=True, slots=True)
class RunConfig:
    """One network taught from a folder: what `train --config` reads.

    Attributes
    ----------
    held_out : int
        One in so many acquisition groups is held out, to choose the epoch, temperature and
        threshold by.
    recall : float, optional
        Least share of the held-out graphene that the threshold lets through; None: the threshold of
        least cost.
    """

    __pydantic_config__ = STRICT

    network: NetworkConfig = field(default_factory=NetworkConfig)
    training: TrainConfig = field(
        # Epochs, batch and learning rate of the study of 2024. A folder may hold a hundred crops:
        # an average over hundreds of steps would still be at the beginning.
        default_factory=lambda: TrainConfig(
            epochs=10,
            epoch_steps=None,
            batch=32,
            learning_rate=1e-3,
            ema_decay=0.0,
            sampling="balanced",
            positive_share=0.5,
        )
    )
    source: SourceConfig = field(default_factory=SourceConfig)
    held_out: int = 5
    recall: float | None = None


def write_config(config: Any, path: Path) -> None:
    """Write a configuration as JSON."""
    path.write_bytes(TypeAdapter(type(config)).dump_json(config, indent=1))


def read_config(kind: type[_Config], path: Path) -> _Config:
    """Read a configuration from its JSON file; what the file leaves out is as usual.

    Raises
    ------
    InvalidValue
        The file cannot be read, or a value in it is wrong: the message names it.
    """
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except OSError as error:
        raise InvalidValue(f"{str(path)!r} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise InvalidValue(f"{path.name}: {_first(error)}") from error


def changed(config: _Config, settings: Mapping[str, str]) -> _Config:
    """Replace some values of a configuration, named as in its JSON: `training.jitter.blur`.

    Raises
    ------
    InvalidValue
        There is no such setting, or it cannot have this value.
    """
    adapter = TypeAdapter(type(config))
    values: dict[str, Any] = adapter.dump_python(config, mode="json")
    for path, text in settings.items():
        _put(values, path, text)
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        raise InvalidValue(_first(error)) from error


def _put(values: dict[str, Any], path: str, text: str) -> None:
    *outer, last = path.split(".")
    for name in outer:
        values = values.get(name, {})
    if last not in values:
        raise InvalidValue(f"There is no setting {path!r}; there are {', '.join(sorted(values))}.")
    values[last] = None if text == "none" and last != "schedule" else text


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    return f"{name}: {first['msg']}, not {first['input']!r}."
