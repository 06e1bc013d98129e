"""Patches: masks of detections on several tiles, compared and joined on the stage. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.vision.measure import outline
from service.vision.stage import StageMap, pixel_area_um2

Mask = NDArray[np.bool_]
Float = NDArray[np.float64]

# Share of the smaller one that two masks have in common where both tiles see, to be one object.
# Neighbouring candidates on one tile share nothing, so what is left to forgive is the stage: a
# flake of 15 px a side (the smallest looked for) may lie 5 px off and still keeps this much.
SAME_SHARE = 0.6

# Fewer pixels than this in the area that both tiles see prove nothing.
LEAST_SHARED_PX = 25

# Tiles that are laid edge to edge miss each other by a pixel or two, by rounding and by the stage.
LARGEST_GAP_PX = 2.5

# Longest side of a grid on which masks are compared or joined: beyond, its cells are larger than
# a pixel. A joined outline then has steps of a thousandth of its size, and the time is bounded.
LARGEST_GRID = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A detection's mask and where its tile lies.

    Attributes
    ----------
    mask : (h, w) bool
        The bounding box.
    corner_px : (x, y)
        The bounding box's top-left corner on the tile.
    tile_px : (width, height)
    stage : StageMap
    """

    mask: Mask
    corner_px: tuple[int, int]
    tile_px: tuple[int, int]
    stage: StageMap

    def box_in(self, stage: StageMap) -> "_Box":
        """Convert the bounding box to the pixels of another tile."""
        height, width = self.mask.shape
        corners_um = self.stage.to_stage(_rectangle(self.corner_px, (width, height)))
        corners = stage.to_pixel(corners_um)
        return _Box(corners.min(axis=0), corners.max(axis=0))

    def tile_in(self, stage: StageMap) -> "_Box":
        """Convert the whole tile's box to the pixels of another."""
        corners = stage.to_pixel(self.stage.to_stage(_rectangle((0, 0), self.tile_px)))
        return _Box(corners.min(axis=0), corners.max(axis=0))

    def seam(self, stage: StageMap, across: int, edge: float) -> tuple[float, float]:
        """Find from where to where the patch reaches another tile's edge, in pixels of that.

        Parameters
        ----------
        across : {0, 1}
            Whether the edge runs at a certain x or a certain y.
        """
        rows, columns = np.nonzero(self.mask)
        centres = np.stack([columns, rows], axis=1).astype(np.float64) + 0.5 + self.corner_px
        points = stage.to_pixel(self.stage.to_stage(centres))
        # A mask may stop a pixel short of its tile's border.
        near = points[abs(points[:, across] - edge) <= LARGEST_GAP_PX + 0.5, 1 - across]
        return (0.0, 0.0) if len(near) == 0 else (near.min() - 0.5, near.max() + 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """One object made of several patches.

    Attributes
    ----------
    area_um2 : float
    centre_um : (x, y)
        Centre of mass.
    polygon_um : (n, 2)
        Outer outline of the largest part.
    touches_border : bool
        It goes on where none of the tiles sees.
    """

    area_um2: float
    centre_um: tuple[float, float]
    polygon_um: Float
    touches_border: bool


def tile_box_um(stage: StageMap, tile_px: tuple[int, int]) -> tuple[float, float, float, float]:
    """Compute what a tile sees of the stage: left, bottom, right, top in um."""
    corners = stage.to_stage(_rectangle((0, 0), tile_px))
    left, bottom = corners.min(axis=0).tolist()
    right, top = corners.max(axis=0).tolist()
    return left, bottom, right, top


def is_same(one: Patch, other: Patch) -> bool:
    """Tell whether patches of two tiles are views of one object, by what both tiles see.

    Both are drawn on the pixels of `one`: hand the two over in an order that is not chance.
    """
    own, others = one.box_in(one.stage), other.box_in(one.stage)
    if (own.high <= others.low).any() or (others.high <= own.low).any():
        return False
    low = np.maximum(np.minimum(own.low, others.low), 0)
    high = np.minimum(np.maximum(own.high, others.high), one.tile_px)
    if (high <= low).any():
        return False
    grid = _Grid.over(one.stage, low, high)
    ours = grid.draw(one) & grid.draw_tile(other)
    theirs = grid.draw(other)
    smaller = min(np.count_nonzero(ours), np.count_nonzero(theirs))
    if smaller * grid.step_px**2 < LEAST_SHARED_PX:
        return False
    return bool(np.count_nonzero(ours & theirs) >= SAME_SHARE * smaller)


def join(patches: Sequence[Patch]) -> Joined:
    """Join patches of several tiles into the object that they show, on the pixels of the first."""
    stage = patches[0].stage
    boxes = [patch.box_in(stage) for patch in patches]
    # One more pixel on each side: there it shows whether the object goes on unseen.
    low = np.min([box.low for box in boxes], axis=0) - 1
    high = np.max([box.high for box in boxes], axis=0) + 1
    grid = _Grid.over(stage, low, high)
    union = np.logical_or.reduce([grid.draw(patch) for patch in patches])
    tiles = np.logical_or.reduce([grid.draw_tile(patch) for patch in patches])
    # What lies between tiles edge to edge is seen by none: there the parts are joined.
    seen = _closed(tiles)
    union |= _closed(union) & seen & ~tiles
    grown = cv2.dilate(union.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows, columns = np.nonzero(union)
    centre = grid.to_stage(np.array([[columns.mean() + 0.5, rows.mean() + 0.5]]))[0]
    return Joined(
        area_um2=len(rows) * grid.step_px**2 * pixel_area_um2(stage.affine),
        centre_um=(float(centre[0]), float(centre[1])),
        polygon_um=grid.to_stage(outline(union)),
        touches_border=bool((grown & ~seen).any()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Box:
    low: Float
    high: Float


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Cells on the pixels of one tile, and beyond it: `step_px` pixels a side from `low` on."""

    stage: StageMap
    low: Float
    step_px: float
    size: tuple[int, int]

    @classmethod
    def over(cls, stage: StageMap, low: Float, high: Float) -> "_Grid":
        # Rounded to whole pixels (1/1000 forgives the arithmetic): then a tile's own mask is
        # drawn as it is.
        low, high = np.floor(low + 1e-3), np.ceil(high - 1e-3)
        step_px = max(1.0, float((high - low).max()) / LARGEST_GRID)
        width, height = np.ceil((high - low) / step_px).astype(int).tolist()
        return cls(stage, low, step_px, (width, height))

    def to_stage(self, cells: Float) -> Float:
        return self.stage.to_stage(self.low + cells * self.step_px)

    def to_cells(self, points_um: Float) -> Float:
        cells: Float = (self.stage.to_pixel(points_um) - self.low) / self.step_px
        return cells

    def draw(self, patch: Patch) -> Mask:
        # Where the centres of the mask's first pixel, of the one right and of the one below go.
        centres = np.array([[0.5, 0.5], [1.5, 0.5], [0.5, 1.5]]) + patch.corner_px
        first, right, below = self.to_cells(patch.stage.to_stage(centres)) - 0.5
        matrix = np.column_stack([right - first, below - first, first])
        drawn = cv2.warpAffine(
            patch.mask.astype(np.uint8), matrix, self.size, flags=cv2.INTER_NEAREST
        )
        return drawn > 0

    def draw_tile(self, patch: Patch) -> Mask:
        width, height = patch.tile_px
        # Through the centres of the outermost pixels: a filled polygon holds its own edge.
        inner = _rectangle((0.5, 0.5), (width - 1, height - 1))
        cells = self.to_cells(patch.stage.to_stage(inner)) - 0.5
        drawn = np.zeros(self.size[::-1], np.uint8)
        # In 1/256 of a cell, the way in which OpenCV takes fractions.
        cv2.fillConvexPoly(drawn, np.rint(cells * 256).astype(np.int32), 1, shift=8)
        return drawn > 0


def _closed(mask: Mask) -> Mask:
    """Fill gaps of up to `LARGEST_GAP_PX` in a mask."""
    reach = math.ceil(LARGEST_GAP_PX / 2)
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    # OpenCV takes what lies beyond an array for filled.
    padded = np.pad(mask, 2 * reach).astype(np.uint8)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    return closed[2 * reach : -2 * reach, 2 * reach : -2 * reach] > 0


def _rectangle(corner: tuple[float, float], size: tuple[float, float]) -> Float:
    (x, y), (width, height) = corner, size
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)
