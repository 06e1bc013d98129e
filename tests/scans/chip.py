"""A drawn chip that is looked at through tiles: what is found on each is known exactly."""

from dataclasses import dataclass

import cv2
import numpy as np

from service.optics.layers import LayerEstimate
from service.scans.schemas import NewScan
from service.scans.tiles import NewTile
from service.screening.pipeline import Detection, Screening
from service.screening.screen import Screened, ScreenJob
from service.vision.candidate import Candidate
from service.vision.measure import Measurement, outline
from service.vision.normalise import Light
from service.vision.stage import orient

UM_PER_PX = 0.5
MODEL = "chip-1"
LIGHT = Light((0.5, 0.4, 0.3), (0.01, 0.01, 0.02), 0.9, 12.5)

# A part that a border leaves of an object is seen from this size on, as by a real segmenter.
LEAST_PART_PX = 60


@dataclass(frozen=True)
class Chip:
    """Objects by label (0 is bare), and how the camera is turned against the stage.

    The image of a tile is only its place: "x y width height" in pixels of the chip, and a word.
    """

    labels: np.ndarray
    flip_x: bool = False
    flip_y: bool = False
    swap_xy: bool = False
    model: str = MODEL

    def new_scan(self) -> NewScan:
        return NewScan(
            name="chip",
            um_per_px=UM_PER_PX,
            flip_x=self.flip_x,
            flip_y=self.flip_y,
            swap_xy=self.swap_xy,
        )

    def tile(self, x: int, y: int, size: tuple[int, int] = (400, 300), word: str = "") -> NewTile:
        width, height = size
        affine = orient(UM_PER_PX, flip_x=self.flip_x, flip_y=self.flip_y, swap_xy=self.swap_xy)
        stage_x_um, stage_y_um = affine[:, :2] @ (x + width / 2, y + height / 2)
        return NewTile(
            image=f"{x} {y} {width} {height} {word}".encode(),
            row=y,
            col=x,
            stage_x_um=float(stage_x_um) + 12_000,
            stage_y_um=float(stage_y_um) - 8_000,
        )

    def screen(self, job: ScreenJob) -> Screened:
        x, y, width, height = (int(part) for part in job.image.split()[:4])
        seen = self.labels[y : y + height, x : x + width]
        detections = [_detection(label, candidate, seen) for label, candidate in _parts(seen)]
        return Screened(
            screening=Screening(detections, LIGHT, self.model, 0.5),
            width_px=width,
            height_px=height,
        )


def _detection(label: int, candidate: Candidate, seen: np.ndarray) -> Detection:
    """The number of an object tells all about it: odd ones are graphene."""
    graphene = label % 2 == 1
    known = label < 5
    layers = LayerEstimate(label if known else None, 0.1 if known else None, None)
    p_graphene = label / 100 + (0.5 if graphene else 0.0)
    return Detection(candidate, _measure(label, candidate, seen), p_graphene, graphene, layers)


def _measure(label: int, candidate: Candidate, seen: np.ndarray) -> Measurement:
    x, y, width, height = candidate.bbox_px
    rows, columns = np.nonzero(candidate.mask)
    return Measurement(
        area_px=len(rows),
        bbox_px=candidate.bbox_px,
        centre_px=(x + columns.mean() + 0.5, y + rows.mean() + 0.5),
        polygon_px=outline(candidate.mask) + (x, y),
        contrast_rgb=(-label / 100, -label / 100, -label / 100),
        touches_border=min(x, y) == 0 or x + width == seen.shape[1] or y + height == seen.shape[0],
    )


def _parts(seen: np.ndarray) -> list[tuple[int, Candidate]]:
    candidates = []
    for label in np.unique(seen[seen > 0]):
        count, parts, boxes, _ = cv2.connectedComponentsWithStats((seen == label).astype(np.uint8))
        for part in range(1, count):
            x, y, width, height, area = boxes[part].tolist()
            if area >= LEAST_PART_PX:
                mask = parts[y : y + height, x : x + width] == part
                candidates.append((int(label), Candidate(x, y, mask)))
    return candidates


def draw(*objects: tuple[int, str, tuple[int, ...]], size: tuple[int, int] = (1080, 820)) -> Chip:
    """A chip with objects (label, "ellipse" | "box" | "ring", x, y, half width, half height)."""
    labels = np.zeros(size[::-1], np.int32)
    for label, shape, (x, y, half_width, half_height) in objects:
        if shape == "box":
            corners = (x - half_width, y - half_height), (x + half_width, y + half_height)
            cv2.rectangle(labels, *corners, label, -1)
        else:
            thickness = -1 if shape == "ellipse" else 12
            axes = (half_width, half_height)
            cv2.ellipse(labels, (x, y), axes, 20, 0, 360, label, thickness)
    return Chip(labels)
