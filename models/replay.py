"""`python -m models.replay`: makes the replay set, so that a lab's training forgets nothing.

Rendered crops that the shipped network learned from (`models.examples.gather`: seeds from 10,000
on), few and packed: a training in a lab has neither the time nor the pictures for all of them.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np

from models.examples.gather import GatherConfig
from models.examples.labelled import UNKNOWN_LAYERS, Examples, examples_of
from models.holdout import holdout_of
from service.errors import NotFound
from service.inference.shipped import STEPS, ZOO, save_holdout
from service.vision.crop import PREPROCESSING_VERSION

# Under 3 MB, and many lamps, cameras and oxides: at most 12 crops of each tile.
TILES = 190
SOURCE = "rendered"


def read_replay(zoo: Path = ZOO) -> Examples:
    """Read the shipped replay set, tile after tile; raises `NotFound` if none fits this version."""
    paths = sorted(zoo.glob(f"replay-p{PREPROCESSING_VERSION}-*.npz"))
    if not paths:
        raise NotFound(
            f"No replay set for preprocessing version {PREPROCESSING_VERSION} ships with this "
            "installation: `python -m models.replay` makes one."
        )
    with np.load(paths[-1], allow_pickle=False) as packed:
        contrast = packed["contrast"].astype(np.float32) / STEPS
        mask = packed["mask"][..., None].astype(np.float32) / 255
        is_graphene = packed["is_graphene"].astype(bool).tolist()
    crops = np.concatenate([contrast, mask], axis=3)
    unknown = [UNKNOWN_LAYERS] * len(crops)
    return examples_of(crops, unknown, positive=is_graphene, source=SOURCE)


def main() -> None:
    """Write `models/zoo/replay-p<preprocessing>-<digest>.npz` in place of the earlier one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=TILES)
    tiles: int = parser.parse_args().tiles
    first = GatherConfig().seed
    crops, is_graphene = holdout_of(range(first, first + tiles))
    digest = hashlib.sha256(crops.tobytes() + is_graphene.tobytes()).hexdigest()[:8]
    path = ZOO / f"replay-p{PREPROCESSING_VERSION}-{digest}.npz"
    for old in ZOO.glob(f"replay-p{PREPROCESSING_VERSION}-*.npz"):
        old.unlink()
    save_holdout(path, crops, is_graphene)
    size_kb = path.stat().st_size // 1024
    print(f"{path.name}: {len(crops)} crops, {is_graphene.sum()} graphene, {size_kb} KB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
