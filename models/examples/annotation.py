"""Annotated frames: a folder with frames.csv, masks of instance numbers and boxes.json."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidImage
from service.vision.candidate import Candidate


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A flake, or what is certainly none, that somebody marked.

    Attributes
    ----------
    candidate : Candidate
        Where it lies; its mask is full where only a box was drawn.
    is_box : bool
    layers : int
        0 where unknown.
    is_graphene : bool
    """

    candidate: Candidate
    is_box: bool
    layers: int
    is_graphene: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One annotated frame.

    Attributes
    ----------
    holds_graphene : bool
        False for another material: nothing on the frame is a positive.
    exhaustive : bool
        False where only chosen flakes are marked.
    least_px : int
        Flakes from this size on are marked.
    """

    path: Path
    group: str
    holds_graphene: bool
    exhaustive: bool
    least_px: int
    um_per_px: float | None
    oxide_nm: float | None
    flakes: tuple[Marked, ...]


def read_frames(folder: Path) -> list[Frame]:
    """Read every frame of `folder/frames.csv` with its annotation."""
    boxes_file = folder / "boxes.json"
    boxes = json.loads(boxes_file.read_text()) if boxes_file.is_file() else {}
    with (folder / "frames.csv").open(newline="") as file:
        return [_frame(folder, row, boxes.get(row["file"], [])) for row in csv.DictReader(file)]


def group_of(name: str) -> str:
    """Acquisition group without a remark in brackets, so that crops and frames share it."""
    return name.split("(", maxsplit=1)[0].strip()


def _frame(folder: Path, row: dict[str, str], boxes: list[dict[str, Any]]) -> Frame:
    masks = _marked_masks(folder / row["mask"]) if row["mask"] else []
    return Frame(
        path=folder / row["file"],
        group=group_of(row["acquisition_group"]),
        holds_graphene=row["material"] == "graphene",
        exhaustive=not row["annotation"].startswith("instances, chosen"),
        least_px=200 if row["mask"] else 300,
        um_per_px=float(row["um_per_px"]) if row["um_per_px"] else None,
        oxide_nm=float(row["oxide_nm"]) if row["oxide_nm"] else None,
        flakes=(*masks, *(_marked_box(box) for box in boxes)),
    )


def _marked_masks(path: Path) -> list[Marked]:
    numbers = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if numbers is None or numbers.ndim != 2:
        raise InvalidImage(f"{path.name} is no mask of instance numbers")
    return [Marked(_cut_out(numbers == n), False, 0) for n in np.unique(numbers[numbers > 0])]


def _marked_box(box: dict[str, Any]) -> Marked:
    x, y, width, height = box["bbox_xywh"]
    return Marked(Candidate(x, y, np.ones((height, width), np.bool_)), True, int(box["layers"]))


def _cut_out(mask: NDArray[np.bool_]) -> Candidate:
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return Candidate(x, y, mask[y : y + height, x : x + width])
