"""Order detections by how well they show their flake, and join those cut by a border of tiles."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy.orm import Session

from service.db.queries.scans import tiles_by_id
from service.db.tables import Detection, Scan, Tile
from service.scans.patches import LARGEST_GAP_PX, SAME_SHARE, Patch, is_same
from service.scans.positions import stage_map_of
from service.scans.rows import decode_mask
from service.vision.stage import StageMap

# Shorter seams prove nothing: about the side of what `LEAST_SHARED_PX` pixels fill.
LEAST_SEAM_PX = 5
# Half the step of one layer in the channel that shows it best, on 90 as on 285 nm; and what light
# and focus change from tile to tile in the contrast of thick flakes.
SAME_CONTRAST, SAME_CONTRAST_SHARE = 0.04, 0.15

Rgb = tuple[float, float, float]


def abuts(one: Patch, other: Patch) -> bool:
    """Tell whether patches of two tiles that lie edge to edge continue each other over the border.

    Both have to reach the common edge, over the same stretch of it for the most part.
    """
    frame = one.tile_in(one.stage), other.tile_in(one.stage)
    low = np.maximum(frame[0].low, frame[1].low)
    high = np.minimum(frame[0].high, frame[1].high)
    # How far the tiles overlap; below 0 where a gap is between them.
    across = int(np.argmin(high - low))
    if not (abs(high - low)[across] <= LARGEST_GAP_PX < (high - low)[1 - across]):
        return False
    edge = float((low + high)[across]) / 2
    first, second = (patch.seam(one.stage, across, edge) for patch in (one, other))
    start, stop = max(first[0], second[0]), min(first[1], second[1])
    shorter = min(first[1] - first[0], second[1] - second[0])
    return shorter >= LEAST_SEAM_PX and stop - start >= SAME_SHARE * shorter


def is_alike(one: Rgb, other: Rgb) -> bool:
    """Tell whether two contrasts are those of one number of layers."""
    return all(
        abs(mine - others) <= SAME_CONTRAST + SAME_CONTRAST_SHARE * min(abs(mine), abs(others))
        for mine, others in zip(one, other, strict=True)
    )


# Without slots: the mask is decoded only where it is compared or joined, and then once.


@dataclass(frozen=True, eq=False)
class Sight:
    """One detection as merging sees it; `stage` is None where the tile's place is unknown."""

    detection: Detection
    tile: Tile
    stage: StageMap | None

    @cached_property
    def patch(self) -> Patch | None:
        """Its mask on the stage."""
        if self.stage is None or self.tile.width_px is None or self.tile.height_px is None:
            return None
        row = self.detection
        return Patch(
            mask=decode_mask(row.mask_png),
            corner_px=(row.bbox_x_px, row.bbox_y_px),
            tile_px=(self.tile.width_px, self.tile.height_px),
            stage=self.stage,
        )

    @property
    def key(self) -> tuple[str, int]:
        """Name the sight the same whenever it came: the order among equals."""
        return self.tile.position_key, self.detection.candidate_index

    @property
    def rank(self) -> tuple[bool, float, float, tuple[str, int]]:
        """Smaller is better: whole before cut; whole far from the border, cut with more area."""
        row = self.detection
        area = row.area_px if row.area_um2 is None else row.area_um2
        if row.touches_border:
            return True, -area, 0.0, self.key
        return False, -self._distance_to_border_px(), -area, self.key

    def is_same(self, other: "Sight") -> bool:
        """Tell whether both sights show one object, on two tiles."""
        if self.tile.id == other.tile.id or not self._meets(other):
            return False
        first, second = sorted((self, other), key=lambda sight: sight.key)
        if first.patch is None or second.patch is None:
            return False
        if is_same(first.patch, second.patch):
            return True
        return self._is_alike(other) and abuts(first.patch, second.patch)

    def _is_alike(self, other: "Sight") -> bool:
        mine, others = self.detection, other.detection
        return (
            mine.touches_border
            and others.touches_border
            and is_alike(
                (mine.contrast_r, mine.contrast_g, mine.contrast_b),
                (others.contrast_r, others.contrast_g, others.contrast_b),
            )
        )

    def _meets(self, other: "Sight") -> bool:
        mine, others = self._box_um, other._box_um
        if mine is None or others is None:
            return False
        # Across a seam the boxes of one object only touch.
        gap = LARGEST_GAP_PX * (self.tile.um_per_px or 0)
        return (
            mine[0] < others[2] + gap
            and others[0] < mine[2] + gap
            and mine[1] < others[3] + gap
            and others[1] < mine[3] + gap
        )

    @property
    def _box_um(self) -> tuple[float, float, float, float] | None:
        row = self.detection
        if row.min_x_um is None or row.min_y_um is None:
            return None
        if row.max_x_um is None or row.max_y_um is None:
            return None
        return row.min_x_um, row.min_y_um, row.max_x_um, row.max_y_um

    def _distance_to_border_px(self) -> int:
        row = self.detection
        right = (self.tile.width_px or 0) - row.bbox_x_px - row.bbox_width_px
        below = (self.tile.height_px or 0) - row.bbox_y_px - row.bbox_height_px
        return min(row.bbox_x_px, row.bbox_y_px, right, below)


def sights_of(session: Session, scan: Scan, detections: Iterable[Detection]) -> list[Sight]:
    """Detections of one scan with their tiles."""
    rows = list(detections)
    tiles = tiles_by_id(session, {row.tile_id for row in rows})
    stages = {tile.id: stage_map_of(scan, tile) for tile in tiles.values()}
    return [Sight(row, tiles[row.tile_id], stages[row.tile_id]) for row in rows]
