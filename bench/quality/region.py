"""Region: a box, with a mask where there is one, and how far two of them agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Box:
    """Left, top, width and height in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def area_px(self) -> int:
        """Pixels of the box."""
        return self.width * self.height


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A flake, annotated or found.

    Attributes
    ----------
    mask : (height, width) bool or None
        The flake inside its box; None where only the box is known.
    """

    box: Box
    mask: NDArray[np.bool_] | None

    @property
    def area_px(self) -> int:
        """Pixels of the mask, of the box where there is no mask."""
        return self.box.area_px if self.mask is None else int(np.count_nonzero(self.mask))


def regions_of_labels(labels: NDArray[np.int32]) -> list[Region]:
    """One region per positive number of an image of instance numbers, (height, width)."""
    regions = []
    for number in np.unique(labels[labels > 0]):
        rows, columns = np.nonzero(labels == number)
        y, x = int(rows.min()), int(columns.min())
        box = Box(x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1)
        regions.append(Region(box, labels[y : y + box.height, x : x + box.width] == number))
    return regions


def box_intersection(a: Box, b: Box) -> Box:
    """What two boxes share; its width or height is 0 where they share nothing."""
    x, y = max(a.x, b.x), max(a.y, b.y)
    return Box(
        x,
        y,
        max(min(a.x + a.width, b.x + b.width) - x, 0),
        max(min(a.y + a.height, b.y + b.height) - y, 0),
    )


def box_iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    shared = box_intersection(a, b).area_px
    return shared / (a.area_px + b.area_px - shared)


def shared_px(a: Region, b: Region) -> int:
    """Pixels in both regions; boxes count where one of them has no mask."""
    shared = box_intersection(a.box, b.box)
    if a.mask is None or b.mask is None or shared.area_px == 0:
        return shared.area_px
    return int(np.count_nonzero(_cut(a, shared) & _cut(b, shared)))


def iou(a: Region, b: Region) -> float:
    """Intersection over union of masks; of boxes where one of the two has no mask."""
    if a.mask is None or b.mask is None:
        return box_iou(a.box, b.box)
    shared = shared_px(a, b)
    return shared / (a.area_px + b.area_px - shared)


def _cut(region: Region, window: Box) -> NDArray[np.bool_]:
    assert region.mask is not None
    x, y = window.x - region.box.x, window.y - region.box.y
    return region.mask[y : y + window.height, x : x + window.width]
