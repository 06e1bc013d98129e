"""Cut-outs: a miss or a false alarm as one can judge it by eye."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.region import Box, Region, box_intersection
from bench.quality.screen import ScreenedFrame
from service.vision.decode import Tile

PANEL_PX = 240
# Bare substrate around a flake is what its contrast is judged against.
CLOSE_FACTOR, CONTEXT_FACTOR = 2.2, 7.0
LEAST_CLOSE_PX, LEAST_CONTEXT_PX = 64, 320
# Contrast of -0.4 to 0.4 fills the range: one to four layers on 90 nm differ by 0.1 each.
STRETCH = 0.4
TRUTH, UNCOUNTED = (40, 230, 60), (0, 190, 190)
CALLED, REJECTED = (255, 60, 60), (255, 210, 0)
Picture = NDArray[np.uint8]
Outlines = Sequence[tuple[Region, tuple[int, int, int]]]


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """One case with its picture, (PANEL_PX, 3 * PANEL_PX, 3) RGB: context, outlines, stretched."""

    kind: str
    caption: str
    sets: tuple[str, ...]
    picture: Picture


def cutouts(screened: Iterable[ScreenedFrame], *, candidates_only: bool) -> Iterator[Cutout]:
    """Every miss, then every false alarm and duplicate, frame by frame.

    Without a network there are no false alarms: candidates are not claims.
    """
    for item in screened:
        if item.tile is None:
            continue
        outlines = _outlines(item)
        sets = item.frame.sets
        for miss in item.misses:
            p = "" if miss.p_graphene is None else f", p {miss.p_graphene:.2f}"
            layers = "" if miss.flake.layers is None else f" {miss.flake.layers}L"
            region = miss.flake.region
            place = f"{item.frame.name} ({region.box.x}, {region.box.y})"
            text = f"{place}{layers} best candidate: IoU {miss.iou:.2f}{p}"
            yield Cutout("missed", text, sets, draw(item.tile, region.box, outlines))
        if candidates_only:
            continue
        for verdict in item.called_graphene:
            if verdict.outcome in ("false", "duplicate"):
                found = verdict.found
                box = found.region.box
                text = (
                    f"{item.frame.name} ({box.x}, {box.y}) p {found.p_graphene:.2f}, "
                    f"{found.region.area_px} px, IoU {verdict.iou:.2f}"
                )
                yield Cutout(verdict.outcome, text, sets, draw(item.tile, box, outlines))


def _outlines(item: ScreenedFrame) -> Outlines:
    found = [verdict.found for verdict in item.verdicts]
    return [
        *((f.region, TRUTH if f.counts else UNCOUNTED) for f in item.frame.flakes),
        *((f.region, REJECTED) for f in found if not f.is_graphene),
        *((f.region, CALLED) for f in found if f.is_graphene),
    ]


def draw(tile: Tile, box: Box, outlines: Outlines) -> Picture:
    """Three panels: wide context, close with outlines, close with stretched contrast."""
    shift = 0 if tile.pixels.dtype == np.uint8 else 8
    image = (tile.pixels >> shift).astype(np.uint8)
    wide = window_around(tile, box, CONTEXT_FACTOR, LEAST_CONTEXT_PX)
    close = window_around(tile, box, CLOSE_FACTOR, LEAST_CLOSE_PX)
    context = _panel(image, wide)
    cv2.rectangle(context, *_corners(close, wide), (255, 255, 255), 1)
    outlined = _panel(image, close)
    for region, colour in outlines:
        if box_intersection(region.box, close).area_px:
            # The annotation lies below and is wider: where both agree, both are seen.
            width = 2 if colour in (TRUTH, UNCOUNTED) else 1
            cv2.polylines(outlined, _contours(region, close), True, colour, width, cv2.LINE_AA)
    # The case itself, among others that may lie around it.
    cv2.rectangle(outlined, *_corners(box, close), (255, 255, 255), 1)
    return np.hstack([context, outlined, _stretched(image, close, wide)])


def window_around(tile: Tile, box: Box, factor: float, least_px: int) -> Box:
    """A square around a box, moved so that as much of it as possible lies on the tile."""
    side = min(
        max(int(factor * max(box.width, box.height)), least_px), tile.width_px, tile.height_px
    )
    x = box.x + box.width // 2 - side // 2
    y = box.y + box.height // 2 - side // 2
    return Box(
        min(max(x, 0), tile.width_px - side), min(max(y, 0), tile.height_px - side), side, side
    )


def _cut(image: Picture, window: Box) -> Picture:
    return image[window.y : window.y + window.height, window.x : window.x + window.width]


def _panel(image: Picture, window: Box) -> Picture:
    way = cv2.INTER_AREA if window.width > PANEL_PX else cv2.INTER_NEAREST
    return np.asarray(
        cv2.resize(_cut(image, window), (PANEL_PX, PANEL_PX), interpolation=way), np.uint8
    )


def _corners(inner: Box, outer: Box) -> tuple[tuple[int, int], tuple[int, int]]:
    scale = PANEL_PX / outer.width
    x, y = (inner.x - outer.x) * scale, (inner.y - outer.y) * scale
    return (int(x), int(y)), (int(x + inner.width * scale), int(y + inner.height * scale))


def _contours(region: Region, window: Box) -> list[NDArray[np.int32]]:
    box = region.box
    mask = np.ones((box.height, box.width), bool) if region.mask is None else region.mask
    # Enlarged, so that the line runs along pixel edges and not through the outermost pixels.
    large = cv2.resize(mask.astype(np.uint8), None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    contours, _ = cv2.findContours(large, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    offset = (box.x - window.x, box.y - window.y)
    scale = PANEL_PX / window.width
    return [np.rint((c / 4 + offset) * scale).astype(np.int32) for c in contours]


def _stretched(image: Picture, close: Box, wide: Box) -> Picture:
    background = np.median(_cut(image, wide).reshape(-1, 3), axis=0)
    contrast = _panel(image, close) / np.maximum(background, 1) - 1
    return np.asarray(np.clip(0.5 + contrast / (2 * STRETCH), 0, 1) * 255, np.uint8)
