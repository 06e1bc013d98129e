"""Physics: whether graphene can have the contrast of a region at all, without any network."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from service.optics.microscopes import usual_contrasts

# Layers that count as graphene here.
LAYERS = (1.0, 2.0, 3.0, 4.0)
# A wafer's oxide is within about this of its label.
OXIDE_SD_NM = 3.0


def distance_to_graphene(
    contrast_rgb: tuple[float, float, float], oxide_nm: float, layers: int | None = None
) -> float:
    """Largest deviation, over R, G, B, from what the best-fitting usual camera sees of graphene.

    Of 1-4 layers, or of just so many. About 0.02 is what one microscope differs from its model;
    0.08 no camera explains.
    """
    known = _known_contrasts(oxide_nm)
    some = known if layers is None else known[:, layers - 1 : layers]
    return float(np.abs(some - np.array(contrast_rgb)).max(axis=2).min())


@lru_cache(maxsize=16)
def _known_contrasts(oxide_nm: float) -> NDArray[np.float64]:
    """Compute the usual contrasts of known graphene, (cameras, 4, 3)."""
    kinds = [
        usual_contrasts(np.array(LAYERS), oxide_nm, OXIDE_SD_NM, vivid=vivid)
        for vivid in (False, True)
    ]
    return np.concatenate(kinds)
