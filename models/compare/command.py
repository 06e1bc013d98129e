"""A comparison from a folder to a table in the terminal."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from models.compare.config import CompareConfig
from models.compare.pages import write_comparison
from models.compare.run import compare
from models.compare.tables import TextTable
from models.examples.gather import gather


def run_comparison(
    folder: Path, out: Path, config: CompareConfig, workers: int, cache: Path | None
) -> None:
    """Gather, train, judge, write and print; `out` keeps what is done."""
    console = Console()
    out.mkdir(parents=True, exist_ok=True)
    gathered = gather(folder, config.gather, workers, cache)
    console.print(f"{len(gathered.real)} real examples, {len(gathered.rendered)} rendered")
    compared = compare(gathered, config, out, console.print)
    found = write_comparison(compared, out)
    console.print(_terminal(found[0]))
    console.print(f"written: {out / 'compare.html'}, compare.md, compare.json")


def _terminal(found: TextTable) -> Table:
    shown = Table(*found.head, title=found.heading)
    for row in found.rows:
        shown.add_row(*row)
    return shown
