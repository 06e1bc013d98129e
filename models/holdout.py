"""`python -m models.holdout`: makes the fixed holdout from rendered tiles that nothing trains on.

Training renders from seed 10,000 on (`models.examples.gather`); these tiles are far behind it.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.examples.rendered import tile_examples
from service.inference.shipped import ZOO, save_holdout
from service.vision.crop import PREPROCESSING_VERSION

FIRST_SEED = 900_000
# Many lamps, cameras and oxides, and under 2 MB. Graphene is the rarer kind on most tiles.
TILES = 100
MOST_GRAPHENE, MOST_OTHER = 8, 4
SIZE = 48


def holdout_of(seeds: range) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Crops (n, SIZE, SIZE, 4) and whether each is graphene: some of each kind of each tile.

    The pipeline's own candidates only, as serving sees them.
    """
    crops, labels = [], []
    for seed in seeds:
        examples = tile_examples(seed, SIZE)
        own = examples.where(examples.source == "rendered")
        rng = np.random.default_rng(seed)
        for label, most in ((0, MOST_OTHER), (1, MOST_GRAPHENE)):
            some = rng.permutation(np.flatnonzero(own.label == label))[:most]
            crops.append(own.crops[some].astype(np.float32))
            labels.append(np.full(len(some), label == 1))
    return np.concatenate(crops), np.concatenate(labels)


def main() -> None:
    """Write `models/zoo/holdout-p<preprocessing>-<digest>.npz` in place of the earlier one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=TILES)
    tiles: int = parser.parse_args().tiles
    crops, is_graphene = holdout_of(range(FIRST_SEED, FIRST_SEED + tiles))
    digest = hashlib.sha256(crops.tobytes() + is_graphene.tobytes()).hexdigest()[:8]
    for old in ZOO.glob("holdout-*.npz"):
        old.unlink()
    path: Path = ZOO / f"holdout-p{PREPROCESSING_VERSION}-{digest}.npz"
    save_holdout(path, crops, is_graphene)
    size_kb = path.stat().st_size // 1024
    print(f"{path.name}: {len(crops)} crops, {is_graphene.sum()} graphene, {size_kb} KB")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
