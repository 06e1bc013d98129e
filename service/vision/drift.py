"""Drift: whether the colour of the light has changed within a scan."""

from collections.abc import Sequence

import numpy as np

# A change of R/G or B/G by this share moves the contrast of no layer, which is taken against each
# tile's own substrate, but says that lamp, filter or camera setting changed: at 15 % one lab's
# detector silently found nothing.
MOST_CHANGE = 0.04
# From this many tiles on there is something to compare with.
ENOUGH_TILES = 5

Rgb = tuple[float, float, float]


def usual_light(backgrounds_rgb: Sequence[Rgb]) -> Rgb | None:
    """Median colour of the bare substrate of a scan's tiles; None from too few."""
    if len(backgrounds_rgb) < ENOUGH_TILES:
        return None
    red, green, blue = np.median(np.array(backgrounds_rgb), axis=0).tolist()
    return red, green, blue


def light_drift(background_rgb: Rgb, usual_rgb: Rgb | None) -> str | None:
    """A warning if the bare substrate's R/G or B/G on a tile is not the usual one of its scan."""
    if usual_rgb is None or min(background_rgb) <= 0 or min(usual_rgb) <= 0:
        return None
    red, green, blue = (own / usual for own, usual in zip(background_rgb, usual_rgb, strict=True))
    changes = {"R/G": red / green - 1, "B/G": blue / green - 1}
    name, change = max(changes.items(), key=lambda item: abs(item[1]))
    if abs(change) < MOST_CHANGE:
        return None
    return (
        f"The light has drifted: {name} of the bare substrate is {change:+.0%} from that of the "
        f"scan's other tiles (limit {MOST_CHANGE:.0%})."
    )
