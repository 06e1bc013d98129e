"""What `flakescope train` does."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from models.card import ShipConfig
from models.examples.gather import GatherConfig
from models.ship import ship
from models.training.config import RunConfig, changed, read_config
from models.training.place import this_place
from models.training.run_folder import CONFIG, REPORT
from models.training.teach import teach
from models.training.watch import Bar, Silent, progress
from service.errors import NotFound


def teach_one(
    folder: Path,
    run: Path,
    config: Path | None = None,
    wanted: Mapping[str, str] | None = None,
) -> None:
    """Teach one network, or go on with a run where no settings are given; print its figures."""
    resume = config is None and wanted is None
    if resume and not (run / CONFIG).is_file():
        raise NotFound(f"{str(run)!r} holds no run to go on with: {CONFIG} is missing.")
    path = run / CONFIG if resume else config
    settings = changed(read_config(RunConfig, path) if path else RunConfig(), wanted or {})
    console = Console()
    with this_place() as place, progress() as shown:
        watch = Bar(shown, settings.network.name) if place.leads else Silent()
        taught = teach(folder, settings, run, place, watch, resume=resume)
    if taught is None:
        return
    console.print(f"{taught.network}, {taught.weights}, {taught.epochs} epochs")
    for name, figures in taught.figures.items():
        missed, right = figures.confusion[2:]
        console.print(
            f"{name}: F1 {figures.figures['f1'].value:.3f}, {right} found, {missed} missed, "
            f"{figures.confusion[1]} false"
        )
    console.print(f"report: {run / REPORT}")
    console.print(f"to serve it: flakescope export {run} --out FILE.onnx")


def make_shipped(
    folder: Path,
    zoo: Path,
    version: str,
    tiles: int,
    workers: int,
    **kept: Path | None,
) -> None:
    """Make the shipped model; print its figures on real chips that were left out.

    Parameters
    ----------
    kept : cache, folds
        See `models.ship.ship`.
    """
    config = ShipConfig(
        version=version, gather=GatherConfig(tiles=tiles, test_tiles=max(tiles // 10, 1))
    )
    result = ship(folder, zoo, config, workers, kept["cache"], kept["folds"])
    console = Console()
    for name in ("frame", "tight"):
        if figures := result.figures.get(f"out of fold: {name}, all"):
            missed, right = figures.confusion[2:]
            console.print(
                f"{name}: F1 {figures.figures['f1'].value:.3f}, {right} found, {missed} missed, "
                f"{figures.confusion[1]} false"
            )
    console.print(f"written: {zoo / version}.onnx")
