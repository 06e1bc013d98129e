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


def light_drift(background_rgb: Rgb, earlier_rgb: Sequence[Rgb]) -> str | None:
    """A warning if the bare substrate's R/G or B/G differs from that of the scan's other tiles.

    Parameters
    ----------
    background_rgb
        Bare substrate of this tile.
    earlier_rgb
        That of other tiles of the same scan; their median is the reference.
    """
    if len(earlier_rgb) < ENOUGH_TILES or min(background_rgb) <= 0:
        return None
    reference = np.median(np.array(earlier_rgb), axis=0)
    if reference.min() <= 0:
        return None
    red, green, blue = (np.array(background_rgb) / reference).tolist()
    changes = {"R/G": red / green - 1, "B/G": blue / green - 1}
    name, change = max(changes.items(), key=lambda item: abs(item[1]))
    if abs(change) < MOST_CHANGE:
        return None
    return (
        f"The light has drifted: {name} of the bare substrate is {change:+.0%} from that of the "
        f"scan's other tiles (limit {MOST_CHANGE:.0%})."
    )
