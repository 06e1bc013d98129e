import csv
from dataclasses import replace
from pathlib import Path

import pytest

from models.networks import build
from models.search import BEST, RESULTS, try_all
from models.train import train
from models.training.config import NetworkConfig, RunConfig, TrainConfig, read_config
from models.training.watch import Silent
from service.errors import InvalidValue
from tests.models.drawn_examples import draw_examples
from tests.models.train_drawn import STILL

BASE = RunConfig(
    NetworkConfig("lenet5", dropout=0),
    TrainConfig(
        epochs=2,
        epoch_steps=5,
        batch=8,
        ema_decay=0,
        sampling="balanced",
        schedule="none",
        threads=1,
        jitter=STILL,
    ),
)
# The first hardly moves the weights.
GRID = {"training.learning_rate": ["1e-7", "3e-3"], "training.optimiser": ["adam", "sgd"]}


class Counting(Silent):
    """Counts trainings; gives up at one of them."""

    def __init__(self, last: int = 99) -> None:
        self.begun, self._last = 0, last

    def begin(self, done: int, steps: int) -> None:
        del done, steps
        self.begun += 1
        if self.begun > self._last:
            raise KeyboardInterrupt


def test_the_best_of_all_combinations_is_found_and_can_be_trained(tmp_path: Path) -> None:
    parts = draw_examples(32), draw_examples(16)
    tried = try_all(parts, BASE, GRID, tmp_path, Silent())
    assert len(tried) == 4
    assert [one.loss for one in tried] == sorted(one.loss for one in tried)
    assert tried[0].settings == {
        "training.learning_rate": "3e-3",
        "training.optimiser": "adam",
    }
    best = read_config(RunConfig, tmp_path / BEST)
    assert best.training == replace(BASE.training, learning_rate=3e-3, optimiser="adam")
    again = train(build("lenet5"), parts[0], best.training, parts[1])
    assert len(again.epochs) == 2
    with (tmp_path / RESULTS).open() as file:
        assert len(list(csv.DictReader(file))) == 4


def test_a_search_that_was_stopped_tries_only_what_is_left(tmp_path: Path) -> None:
    parts = draw_examples(32), draw_examples(16)
    first, second, third = Counting(last=2), Counting(), Counting()
    with pytest.raises(KeyboardInterrupt):
        try_all(parts, BASE, GRID, tmp_path, first)
    tried = try_all(parts, BASE, GRID, tmp_path, second)
    assert len(tried) == 4
    assert second.begun == 2
    try_all(parts, BASE, GRID, tmp_path, third)
    assert third.begun == 0


def test_other_examples_are_another_search(tmp_path: Path) -> None:
    grid = {"training.optimiser": ["adam"]}
    watch = Counting()
    for n in (16, 24):
        tried = try_all((draw_examples(n), draw_examples(16)), BASE, grid, tmp_path, watch)
        assert len(tried) == 1
    assert watch.begun == 2


@pytest.mark.parametrize(
    ("grid", "reason"),
    [
        ({}, "at least one"),
        ({"source.size": ["32"]}, "network or training"),
        ({"training.epoch": ["1"]}, "no setting"),
        ({"training.optimiser": ["lion"]}, "optimiser"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused_before_anything_is_trained(
    grid: dict[str, list[str]], reason: str, tmp_path: Path
) -> None:
    watch = Counting()
    with pytest.raises(InvalidValue, match=reason):
        try_all((draw_examples(16), draw_examples(16)), BASE, grid, tmp_path, watch)
    assert watch.begun == 0
