"""Grid search: every combination of given settings, judged on the same held-out groups."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import optuna
import torch
from optuna import Study
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState
from rich.table import Table

from models.examples.labelled import Examples, digest
from models.examples.sources import read_source
from models.train import Around, train
from models.training.checkpoint import identity
from models.training.config import RunConfig, changed, write_config
from models.training.held_out import hold_out
from models.training.run_folder import build_network
from models.training.watch import Epoch, Watch
from service.errors import InvalidValue

Grid = Mapping[str, Sequence[str]]
STORAGE, BEST, RESULTS = "search.db", "best.json", "search.csv"
# Of a trial's best epoch, kept beside its loss.
KEPT = ("f1", "recall", "precision", "roc_auc", "average_precision")


@dataclass(frozen=True, slots=True)
class Tried:
    """One combination and the epoch of its least validation loss."""

    settings: Mapping[str, str]
    loss: float
    epoch: int
    took_s: float
    figures: Mapping[str, float | None]


def search(folder: Path, base: RunConfig, grid: Grid, out: Path, watch: Watch) -> list[Tried]:
    """Try every combination on a folder of pictures, see `try_all`."""
    _check(base, grid)
    sourced = read_source(folder, base.source)
    return try_all(hold_out(sourced.train, base.held_out), base, grid, out, watch)


def try_all(
    parts: tuple[Examples, Examples], base: RunConfig, grid: Grid, out: Path, watch: Watch
) -> list[Tried]:
    """Try every combination, the best first; settings of the best one go to `out`/best.json.

    What was tried is kept in `out`: a search that was killed goes on with what is left.

    Parameters
    ----------
    parts
        Examples to train on, and others to judge by.

    Raises
    ------
    InvalidValue
        The grid is empty, or a setting in it is not one of the network or the training.
    """
    _check(base, grid)
    seen, held_out = parts
    out.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=RDBStorage(f"sqlite:///{out / STORAGE}"),
        study_name=identity(base, grid, digest(seen), digest(held_out)),
        load_if_exists=True,
    )

    def objective(trial: Trial) -> float:
        settings = {name: trial.suggest_categorical(name, grid[name]) for name in sorted(grid)}
        best = try_one(changed(base, settings), seen, held_out, watch)
        for name, value in best.items():
            trial.set_user_attr(name, value)
        return float(best["loss"])

    # Not by optuna's own grid sampler: to it a combination that was interrupted is done.
    while left := _left(study, grid):
        if not study.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
            study.enqueue_trial(left[0])
        study.optimize(objective, n_trials=1)
    tried = [_tried(trial) for trial in study.get_trials(states=(TrialState.COMPLETE,))]
    tried.sort(key=lambda one: one.loss)
    if not tried:
        raise InvalidValue("No combination gave a loss that is a number: learn more slowly.")
    write_config(changed(base, tried[0].settings), out / BEST)
    _write(tried, out / RESULTS)
    return tried


def try_one(
    config: RunConfig, seen: Examples, held_out: Examples, watch: Watch
) -> dict[str, float]:
    """Try one setting: loss, number, figures of the epoch of least validation loss; all seconds."""
    torch.manual_seed(config.training.seed)
    trained = train(build_network(config), seen, config.training, held_out, Around(watch=watch))
    best = min(trained.epochs, key=_loss)
    figures = {name: best.figures[name] for name in KEPT}
    return {
        "loss": _loss(best),
        "epoch": best.number,
        "took_s": sum(epoch.took_s for epoch in trained.epochs),
        **{name: value for name, value in figures.items() if value is not None},
    }


def results_table(tried: Sequence[Tried]) -> Table:
    """Tabulate what was tried, for people to read."""
    table = Table(title="The best first, by loss on groups that were held out")
    names = sorted(tried[0].settings)
    for name in (*names, "loss", "epoch", *KEPT, "s"):
        table.add_column(name.replace("_", " "), justify="left" if name in names else "right")
    for one in tried:
        table.add_row(*_cells(one))
    return table


def _check(base: RunConfig, grid: Grid) -> None:
    if not grid:
        raise InvalidValue("Name at least one setting and its values with --grid.")
    for name, values in grid.items():
        if not name.startswith(("network.", "training.")):
            raise InvalidValue(
                f"{name!r} cannot be searched: name a setting of network or training."
            )
        for value in values:
            changed(base, {name: value})


def _left(study: Study, grid: Grid) -> list[dict[str, str]]:
    """List the combinations that have no result yet."""
    names = sorted(grid)
    done = [trial.params for trial in study.get_trials(states=(TrialState.COMPLETE,))]
    combinations = (
        dict(zip(names, values, strict=True)) for values in product(*(grid[n] for n in names))
    )
    return [settings for settings in combinations if settings not in done]


def _loss(epoch: Epoch) -> float:
    loss = epoch.validation_loss
    # A network that diverged is the worst, not the best.
    return math.inf if loss is None or math.isnan(loss) else loss


def _tried(trial: FrozenTrial) -> Tried:
    kept = trial.user_attrs
    return Tried(
        trial.params, kept["loss"], kept["epoch"], kept["took_s"], {n: kept.get(n) for n in KEPT}
    )


def _write(tried: Sequence[Tried], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*sorted(tried[0].settings), "loss", "epoch", *KEPT, "took_s"])
        writer.writerows(_cells(one) for one in tried)


def _cells(one: Tried) -> list[str]:
    figures = [one.figures[name] for name in KEPT]
    return [
        *(one.settings[name] for name in sorted(one.settings)),
        f"{one.loss:.4f}",
        str(one.epoch),
        *("-" if value is None else f"{value:.4f}" for value in figures),
        f"{one.took_s:.1f}",
    ]
