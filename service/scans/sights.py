"""Sights: detections with their tiles, ordered by how well they show their flake."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from service.db.queries.scans import tiles_by_id
from service.db.tables import Detection, Scan, Tile
from service.scans.patches import LARGEST_GAP_PX, Patch, is_same
from service.scans.placing import stage_map_of
from service.scans.rows import decode_mask
from service.scans.seams import abuts, is_alike
from service.vision.stage import StageMap

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
        """What it is called whenever it came: order among equals."""
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
        """Whether both show one object, on two tiles."""
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
