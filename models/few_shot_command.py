"""Few-shot adaption from a folder to a table in the terminal."""

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from models.examples.annotation import Frame, read_frames
from models.examples.gather import GatherConfig, gather
from models.examples.labelled import digest
from models.few_shot import FIGURES, FewShot, FewShotConfig, few_shot, write_few_shot
from service.errors import InvalidValue


def run_few_shot(
    folder: Path,
    out: Path,
    groups: tuple[str, ...],
    rendering: tuple[int, int, Path | None],
    drawing: tuple[int, int],
) -> None:
    """Gather, train without `groups`, adapt, test, write and print.

    Parameters
    ----------
    rendering : (tiles, workers, cache)
    drawing : (draws, tiles to test on)
    """
    console = Console()
    tiles, workers, cache = rendering
    config = FewShotConfig(draws=drawing[0], test_tiles=drawing[1])
    frames = frames_of(folder, groups)
    made = gather(folder, GatherConfig(tiles=tiles, test_tiles=0), workers, cache)
    old = made.real.where(~np.isin(made.real.group, groups))
    console.print(
        f"{len(made.rendered)} rendered examples, {len(old)} real ones without "
        f"{', '.join(groups)}; {len(frames)} tiles of these"
    )
    kept = None if cache is None else cache / f"begun-{digest(made.rendered)[7:19]}.pt"
    result = few_shot(made.rendered, old, frames, config, kept)
    write_few_shot(result, out)
    console.print(_table(result))
    console.print(f"written: {out}")


def frames_of(folder: Path, groups: tuple[str, ...]) -> list[Frame]:
    """Annotated tiles of some groups; raises `InvalidValue` where a group has none."""
    frames = read_frames(folder / "frames")
    missing = [group for group in groups if group not in {frame.group for frame in frames}]
    if missing:
        known = ", ".join(sorted({frame.group for frame in frames}))
        raise InvalidValue(f"No tile is of the group {', '.join(missing)}; groups are {known}.")
    return [frame for frame in frames if frame.group in groups]


def _table(result: FewShot) -> Table:
    table = Table(title="mean over the draws (least to most)")
    for name in ("tiles", *FIGURES):
        table.add_column(name.replace("_", " "), justify="right")
    for shot in [*result.shots, result.full]:
        name = f"{shot.tiles} (all)" if shot is result.full else str(shot.tiles)
        cells = []
        for figure in FIGURES:
            values = shot.known(figure)
            spread = f" ({min(values):.2f}-{max(values):.2f})" if values else ""
            cells.append(f"{shot.mean(figure):.3f}{spread}")
        table.add_row(name, *cells)
    return table
