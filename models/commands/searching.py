"""What `flakescope search` does."""

import math
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from models.search import BEST, Grid, results_table, search
from models.training.config import RunConfig, changed, read_config
from models.training.watch import Bar, progress


def run_search(
    folder: Path, out: Path, grid: Grid, config: Path | None, settings: Mapping[str, str]
) -> None:
    """Search with a bar for the current combination; print the table."""
    base = changed(read_config(RunConfig, config) if config else RunConfig(), settings)
    console = Console()
    console.print(f"{math.prod(len(values) for values in grid.values())} combinations")
    with progress() as shown:
        tried = search(folder, base, grid, out, Bar(shown, base.network.name))
    console.print(results_table(tried))
    console.print(f"settings of the best: {out / BEST}")
