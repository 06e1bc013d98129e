"""Contrast of flakes that people cut out or outlined, without the service's own segmentation.

A crop is the bounding box of one labelled flake and shows little bare substrate. Its background is
sought among its own regions, near the colour that the crops of its acquisition group share; the
flake is the region that spans the crop but, unlike its neighbours, is not cut by its edges.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A region of one colour in a crop; everything but the colour is a share of the crop."""

    rgb: FloatArray
    area: float
    span: float
    cut: float


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFlake:
    """A labelled flake with its measured contrast.

    Attributes
    ----------
    alone : bool
        The crop shows this flake and bare substrate only: no doubt which region is labelled.
    """

    file: str
    group: str
    layers: int
    contrast_rgb: Colour
    alone: bool


def measure_crops(crops: Path) -> list[LabelledFlake]:
    """Every graphene crop of `index.csv` in which a background and a flake are found."""
    with (crops / "index.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["material"] == "graphene"]
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(row["acquisition_group"], []).append(row)
    return [flake for group in sorted(groups) for flake in _measure_group(crops, groups[group])]


def _measure_group(crops: Path, rows: Sequence[dict[str, str]]) -> Iterator[LabelledFlake]:
    regions = [_regions(_read(crops.parent / row["file"])) for row in rows]
    shared = _shared_background([region for found in regions for region in found])
    for row, found in zip(rows, regions, strict=True):
        near = [r for r in found if _is_near(r.rgb, shared)]
        if not near:
            continue
        bare = max(near, key=lambda region: region.cut)
        darker = [r for r in found if r.rgb[1] < 0.95 * bare.rgb[1]]
        if not darker:
            continue
        flake = max(darker, key=lambda region: region.span + region.area - 1.5 * region.cut)
        red, green, blue = (flake.rgb / bare.rgb - 1).tolist()
        yield LabelledFlake(
            file=row["file"],
            group=row["acquisition_group"],
            layers=int(row["layers"][0]),
            contrast_rgb=(red, green, blue),
            alone=len(darker) == 1 and flake.span > 0.9,
        )


def _shared_background(regions: Sequence[Region]) -> FloatArray:
    """Colour that most crops of a group have at their edges: the bare substrate's."""
    colours = np.array([region.rgb for region in regions if region.cut > 0.1])
    green = colours[:, 1]
    neighbours = (np.abs(green / green[:, None] - 1) < 0.04).sum(axis=1)
    peak = green[neighbours.argmax()]
    return np.asarray(np.median(colours[np.abs(green / peak - 1) < 0.05], axis=0), np.float64)


def _is_near(rgb: FloatArray, shared: FloatArray) -> bool:
    # Vignettes and other chips of the group change brightness little and colour somewhat.
    ratio = np.abs(rgb / shared - 1)
    return bool(ratio[1] < 0.08 and ratio.max() < 0.3)


def _regions(image: NDArray[np.uint8]) -> list[Region]:
    """Regions of one colour, the most frequent first."""
    tolerance = float(np.clip(0.05 * np.median(image.reshape(-1, 3), axis=0).max(), 3, 8))
    smooth = cv2.bilateralFilter(image, 5, 3 * tolerance, 3).astype(np.float32)
    left = _flat(smooth)
    enough = 0.04 * np.count_nonzero(left)
    found: list[Region] = []
    while np.count_nonzero(left) > enough and len(found) < 6:
        colour = _commonest(smooth[left], tolerance)
        like = np.abs(smooth - colour).max(axis=2) < 1.5 * tolerance
        region = _largest_part(image, like, left)
        if region is not None:
            found.append(region)
        left &= ~like
    return found


def _flat(smooth: NDArray[np.float32]) -> NDArray[np.bool_]:
    grey = cv2.GaussianBlur(smooth, (0, 0), 1).sum(axis=2) / 3
    steep = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.asarray(steep <= np.percentile(steep, 70))


def _commonest(pixels: NDArray[Any], tolerance: float) -> NDArray[Any]:
    cells = (pixels / (0.8 * tolerance)).astype(int)
    _, cell, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    colour = pixels[cell.ravel() == counts.argmax()].mean(axis=0)
    for _ in range(8):
        colour = pixels[np.abs(pixels - colour).max(axis=1) < tolerance].mean(axis=0)
    return np.asarray(colour)


def _largest_part(
    image: NDArray[np.uint8], like: NDArray[np.bool_], flat: NDArray[np.bool_]
) -> Region | None:
    height, width = like.shape
    # The blurred edge of a darker flake has this colour too: it is a line, opening removes it.
    kernel = np.ones((3, 3) if min(height, width) >= 12 else (1, 1), np.uint8)
    opened = cv2.morphologyEx(like.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    if count == 1:
        return None
    part = 1 + int(boxes[1:, cv2.CC_STAT_AREA].argmax())
    edge = np.ones((height, width), bool)
    edge[2:-2, 2:-2] = False
    inside = (opened > 0) & flat
    _, _, part_width, part_height, area = boxes[part].tolist()
    return Region(
        rgb=np.median(image[inside if inside.any() else opened > 0], axis=0),
        area=area / (height * width),
        span=part_width * part_height / (height * width),
        cut=float(np.count_nonzero((labels == part) & edge) / np.count_nonzero(edge)),
    )


def measure_outlined(image_path: Path, mask_path: Path) -> list[Colour]:
    """Contrast of each instance of a mask against the substrate around it."""
    image = _read(image_path)
    mask = cv2.imread(str(mask_path), cv2.IMREAD_UNCHANGED)
    if mask is None:
        raise FileNotFoundError(mask_path)
    instances = mask if mask.ndim == 2 else mask[..., 0]
    blurred = cv2.GaussianBlur(image, (0, 0), 1.5).astype(np.float64)
    numbers = [number for number in np.unique(instances).tolist() if number]
    return [_outlined(image, blurred, instances, number) for number in numbers]


def _outlined(
    image: NDArray[np.uint8], blurred: FloatArray, instances: NDArray[Any], number: int
) -> Colour:
    flake = (instances == number).astype(np.uint8)
    # 6 px keep off the blurred edge; within 40 px a vignette changes the light by under 1 %.
    touching = cv2.dilate(flake, np.ones((13, 13), np.uint8))
    around = cv2.dilate(flake, np.ones((81, 81), np.uint8))
    ring = blurred[(around > 0) & (touching == 0) & (instances == 0)]
    bare = np.median(ring, axis=0)
    for _ in range(10):
        near = ring[np.abs(ring / bare - 1).max(axis=1) < 0.06]
        if len(near) < 50:
            break
        bare = np.median(near, axis=0)
    inner = cv2.erode(flake, np.ones((5, 5), np.uint8)) > 0
    inside = inner if np.count_nonzero(inner) >= 50 else flake > 0
    red, green, blue = (np.median(image[inside], axis=0) / bare - 1).tolist()
    return red, green, blue


def _read(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise FileNotFoundError(path)
    return np.asarray(image, np.uint8)
