"""Close-ups: parts of annotated frames that one flake fills, as at 50x and 100x."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.region import Region, regions_of_labels
from bench.quality.screen import ScreenedFrame, find, judge
from bench.quality.truth import Frame, TrueFlake
from service.inference.classifier import Classifier
from service.vision.decode import Tile, decode
from service.vision.segment import SegmentParams

# Shares of the view that a flake fills, and by how much a 100x objective enlarges 20x pictures (of
# known scale here) and 50x ones.
SHARES = (0.05, 0.1, 0.2, 0.35, 0.5)
FROM_20X, FROM_50X = 2.0, 1.75
# Of smaller flakes nothing would be left to see.
LEAST_PX = 1500
ASPECT = 4 / 3

Window = tuple[int, int, int, int]  # left, top, width, height


def screen_close_ups(
    frames: Sequence[Frame],
    classifier: Classifier | None,
    params: SegmentParams,
    shares: Sequence[float] = SHARES,
) -> list[ScreenedFrame]:
    """Screen every close-up of every masked flake, as it is and enlarged.

    Pixels are not kept: nothing is drawn of these.
    """
    screened = []
    for frame in frames:
        tile = decode(frame.path.read_bytes(), um_per_px=frame.um_per_px, oxide_nm=frame.oxide_nm)
        for part, close in close_ups(frame, tile, shares):
            found = find(close, classifier=classifier, params=params)
            screened.append(replace(judge(part, close, found, {}), tile=None))
    return screened


def close_ups(
    frame: Frame, tile: Tile, shares: Sequence[float] = SHARES
) -> Iterator[tuple[Frame, Tile]]:
    """Close-ups of a frame's masked flakes; other flakes in view count as well."""
    labels = _labels(frame, tile)
    times = FROM_50X if frame.um_per_px is None else FROM_20X
    for number in np.unique(labels[labels > 0]).tolist():
        own = labels == number
        if np.count_nonzero(own) < LEAST_PX:
            continue
        for share in shares:
            window = _window(own, share)
            if window is None:
                continue
            for enlarged in (1.0, times):
                yield _cut(frame, tile, labels, window, (number, share, enlarged))


def _labels(frame: Frame, tile: Tile) -> NDArray[np.uint16]:
    labels = np.zeros((tile.height_px, tile.width_px), np.uint16)
    for number, flake in enumerate(frame.flakes, start=1):
        if flake.region.mask is not None:
            box = flake.region.box
            part = labels[box.y : box.y + box.height, box.x : box.x + box.width]
            part[flake.region.mask] = number
    return labels


def _window(own: NDArray[np.bool_], share: float) -> Window | None:
    """The view around a flake that it fills to a share; None where the frame is too small."""
    rows, columns = np.nonzero(own)
    width = int((len(rows) / share * ASPECT) ** 0.5)
    height = int(width / ASPECT)
    if width > own.shape[1] or height > own.shape[0]:
        return None
    left = min(max(0, int(columns.mean()) - width // 2), own.shape[1] - width)
    top = min(max(0, int(rows.mean()) - height // 2), own.shape[0] - height)
    inside = own[top : top + height, left : left + width].sum()
    return (left, top, width, height) if inside >= len(rows) / 2 else None


def _cut(
    frame: Frame,
    tile: Tile,
    labels: NDArray[np.uint16],
    window: Window,
    kind: tuple[int, float, float],
) -> tuple[Frame, Tile]:
    left, top, width, height = window
    number, share, times = kind
    part = np.s_[top : top + height, left : left + width]
    pixels: NDArray[Any] = cv2.resize(
        tile.pixels[part], None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC
    )
    size = (pixels.shape[1], pixels.shape[0])
    seen = cv2.resize(labels[part], size, interpolation=cv2.INTER_NEAREST).astype(np.int32)
    scale = None if tile.um_per_px is None else tile.um_per_px / times
    flakes = tuple(_flake(frame, seen, region) for region in regions_of_labels(seen))
    name = f"{frame.name} {number} {100 * share:.0f} % x{times:g}"
    size_name = "as it is" if times == 1 else "enlarged"
    sets = (f"{'<= 20' if share <= 0.2 else f'{100 * share:.0f}'} % {size_name}", "close-ups")
    cut = replace(frame, name=name, sets=sets, annotated="chosen", flakes=flakes, um_per_px=scale)
    return cut, Tile(pixels, scale, tile.oxide_nm)


def _flake(frame: Frame, seen: NDArray[np.int32], region: Region) -> TrueFlake:
    assert region.mask is not None
    box = region.box
    row, column = np.argwhere(region.mask)[0]
    whole = frame.flakes[int(seen[box.y + row, box.x + column]) - 1]
    return TrueFlake(region, whole.layers, region.area_px >= frame.min_area_px)
