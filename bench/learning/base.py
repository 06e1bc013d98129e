"""`python -m bench.learning.base FILE`: a network that has never seen a real micrograph.

To begin with where a gain is to be shown: the shipped one has seen the frames.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from models.examples.gather import GatherConfig
from models.examples.labelled import digest, load
from models.examples.rendered import rendered_examples
from models.export import CLASSES, export
from models.networks import build
from models.train import train
from models.training.config import TrainConfig
from models.training.teach import choose
from service.inference.metadata import ModelMetadata

_SHARES = {"rendered": 0.85, "rendered outline": 0.15}
# Tiles behind those that it learns from: temperature by these.
_TEST_TILES = 40
_COMPARED = 64


def main(
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    tiles: Annotated[int, typer.Option(help="Rendered tiles to learn from.")] = 1200,
    epochs: Annotated[int, typer.Option()] = 25,
    workers: Annotated[int, typer.Option(help="Processes that render.")] = 2,
    rendered: Annotated[
        Path | None, typer.Option(help="Rendered examples, as `flakescope train --cache` keeps.")
    ] = None,
) -> None:
    """Render, train as the shipped network begins, export."""
    asked = GatherConfig()
    first_test = asked.seed + asked.tiles
    seen = load(rendered) if rendered else rendered_examples(tiles, asked.seed, asked.size, workers)
    test = rendered_examples(_TEST_TILES, first_test, asked.size, workers)
    torch.manual_seed(0)
    config = TrainConfig(epochs=epochs, shares=_SHARES)
    network = train(build("flakenet"), seen, config).network
    temperature, threshold = choose(network, test, recall=None)
    metadata = ModelMetadata(
        version=path.stem,
        input_size=asked.size,
        classes=CLASSES,
        threshold=threshold,
        temperature=temperature,
        data_digest=digest(seen),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    some = seen.crops[:: max(len(seen) // _COMPARED, 1)].astype(np.float32)
    print(f"parity {export(network, metadata, path, some):.2g}, {len(seen)} crops")


if __name__ == "__main__":
    typer.run(main)
