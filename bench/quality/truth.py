"""Truth: annotated frames, read from a folder of frames.csv, masks and boxes.json."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.quality.region import Box, Region, box_iou, regions_of_labels

# A box and a mask that overlap by this much speak of the same flake.
SAME_FLAKE_IOU = 0.5

Annotated = Literal["every", "chosen", "none"]


@dataclass(frozen=True, slots=True)
class TrueFlake:
    """One annotated flake.

    Attributes
    ----------
    region : Region
        With a mask where the annotation has one, else a box.
    layers : int or None
    counts : bool
        Large enough to be asked for; a smaller one is neither missed nor a false alarm.
    """

    region: Region
    layers: int | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """One annotated frame.

    Attributes
    ----------
    annotated : {"every", "chosen", "none"}
        Every flake: what else is called graphene is a false alarm. Chosen flakes: it may be an
        unmarked one. None, as the frame holds no graphene: whatever is called graphene is wrong.
    sets : tuple of str
        Names of the sets in which the frame is counted, the smallest first.
    group : str
        Frames of one group share substrate, light and camera.
    """

    name: str
    path: Path
    sets: tuple[str, ...]
    annotated: Annotated
    flakes: tuple[TrueFlake, ...]
    um_per_px: float | None
    oxide_nm: float | None
    min_area_px: int
    group: str = ""


def load_frames(folder: Path, min_area_px: int) -> list[Frame]:
    """Frames listed in `folder/frames.csv`, their annotation included."""
    boxes: dict[str, list[dict[str, Any]]] = {}
    if (folder / "boxes.json").is_file():
        boxes = json.loads((folder / "boxes.json").read_text())
    with (folder / "frames.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [_load_frame(folder, row, boxes.get(row["file"], []), min_area_px) for row in rows]


def _load_frame(
    folder: Path, row: dict[str, str], boxes: list[dict[str, Any]], min_area_px: int
) -> Frame:
    known = [(Box(*item["bbox_xywh"]), int(item["layers"])) for item in boxes]
    if row["mask"]:
        flakes = _flakes_of_masks(read_labels(folder / row["mask"]), known, min_area_px)
    else:
        flakes = [
            TrueFlake(Region(box, None), layers, box.area_px >= min_area_px)
            for box, layers in known
        ]
    return Frame(
        name=Path(row["file"]).stem,
        path=folder / row["file"],
        sets=set_names(row),
        annotated=read_annotated(row["annotation"]),
        flakes=tuple(flakes),
        um_per_px=float(row["um_per_px"]) if row["um_per_px"] else None,
        oxide_nm=float(row["oxide_nm"]) if row["oxide_nm"] else None,
        min_area_px=min_area_px,
        # What stands in brackets behind a group is a remark.
        group=row.get("acquisition_group", "").partition("(")[0],
    )


def read_annotated(text: str) -> Annotated:
    """Which flakes a line of frames.csv says are annotated.

    Raises
    ------
    ValueError
        The words are none of those known.
    """
    if text.startswith("none"):
        return "none"
    if text.startswith("instances, chosen"):
        return "chosen"
    if text.startswith(("instances, every", "boxes with layer number, every")):
        return "every"
    raise ValueError(f"unknown kind of annotation {text!r}")


def read_labels(path: Path) -> NDArray[np.int32]:
    """Instance numbers of a mask file, 0 = no flake, (height, width)."""
    labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if labels is None or labels.ndim != 2:
        raise ValueError(f"{path} is no mask of instance numbers")
    return labels.astype(np.int32)


def _flakes_of_masks(
    labels: NDArray[np.int32], boxes: list[tuple[Box, int]], min_area_px: int
) -> list[TrueFlake]:
    flakes = []
    regions = regions_of_labels(labels)
    for region in regions:
        layers = [n for box, n in boxes if box_iou(box, region.box) >= SAME_FLAKE_IOU]
        flakes.append(
            TrueFlake(region, layers[0] if layers else None, region.area_px >= min_area_px)
        )
    # A second annotator boxed flakes that have no mask: graphene to someone, so nobody's mistake.
    unmasked = [
        TrueFlake(Region(box, None), n, counts=False)
        for box, n in boxes
        if all(box_iou(box, region.box) < SAME_FLAKE_IOU for region in regions)
    ]
    return flakes + unmasked


def set_names(row: dict[str, str]) -> tuple[str, ...]:
    """Sets of one line of frames.csv: its own kind of frame, then all of that annotation."""
    stem = Path(row["file"]).stem
    if read_annotated(row["annotation"]) == "none":
        return f"other {row['material']}", "other"
    for prefix in ("gh", "gl"):
        if stem.startswith(f"{prefix}_"):
            return prefix, "gh+gl"
    if stem.startswith("mi_"):
        return ("285 red" if stem.startswith("mi_red_") else "285 normal"), "285"
    return (str(Path(row["file"]).parent),)
