"""The lab: scans of annotated frames, and people who know what is on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from bench.learning.stage import Stage
from bench.quality.match import IOU_FOR_A_HIT, Found
from bench.quality.region import Box, Region, iou, shared_px
from bench.quality.sure_negative import SureNegatives
from bench.quality.truth import Frame
from service.vision.decode import decode

# What shares more than this with an annotated flake is neither it nor clearly not it.
LEAST_SHARE = 0.1
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Chip:
    """One scan: the frames of one acquisition group, by the number of their tile."""

    scan_id: int
    group: str
    frames: dict[int, Frame]


def halves(frames: Iterable[Frame], *, swapped: bool = False) -> tuple[set[str], set[str]]:
    """Acquisition groups to review, and to judge by.

    No chip is in both; groups of each kind of frame go to either half in turn, by their names.
    """
    kinds: dict[str, set[str]] = {}
    for frame in frames:
        kinds.setdefault(frame.sets[-1], set()).add(frame.group)
    parts: tuple[set[str], set[str]] = (set(), set())
    for groups in kinds.values():
        for number, group in enumerate(sorted(groups)):
            parts[(number + swapped) % 2].add(group)
    return parts


def screen_chip(stage: Stage, frames: Sequence[Frame]) -> Chip:
    """Send the frames of one group, tile after tile, as a microscope does."""
    first = frames[0]
    about = {"name": first.group, "oxide_nm": first.oxide_nm, "um_per_px": first.um_per_px}
    scan = stage.call("POST", "/v1/scans", json=about)
    chip = Chip(scan["id"], first.group, {})
    for frame in frames:
        files = {"image": (frame.path.name, frame.path.read_bytes())}
        sent = stage.call("POST", f"/v1/scans/{chip.scan_id}/tiles", files=files)
        chip.frames[sent["tile"]["id"]] = frame
    return chip


def flakes_of(stage: Stage, chip: Chip, *, graphene: bool) -> list[dict[str, Any]]:
    """What the service says lies on a chip."""
    query: dict[str, Any] = {"graphene": graphene, "sort": "id", "limit": _PAGE}
    found: list[dict[str, Any]] = []
    while True:
        page = stage.call("GET", f"/v1/scans/{chip.scan_id}/flakes", params=query)
        found += page["items"]
        if page["next_cursor"] is None:
            return [one for one in found if not one["is_lost"]]
        query["cursor"] = page["next_cursor"]


def found_of(flake: dict[str, Any]) -> Found:
    """An answer of the service as what is matched with the annotation."""
    region = region_of(flake["polygon_px"])
    return Found(region, flake["p_graphene"], flake["is_graphene"], flake["layers"])


def region_of(polygon_px: Sequence[Sequence[float]]) -> Region:
    """The pixels within an outline; pixel centres are at integers + 0.5."""
    points = np.floor(np.array(polygon_px)).astype(np.int32)
    x, y = points.min(axis=0).tolist()
    width, height = (points.max(axis=0) - (x, y) + 1).tolist()
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [points - (x, y)], (1,))
    return Region(Box(x, y, width, height), mask.astype(bool))


def sure_negatives(frame: Frame) -> SureNegatives:
    """What on a frame is certainly no graphene, judged from its pixels."""
    return SureNegatives(decode(frame.path.read_bytes()).pixels)


def verdict(frame: Frame, region: Region) -> str:
    """What a person says who knows the annotation: graphene, not_graphene or unsure."""
    flakes = [flake.region for flake in frame.flakes]
    if any(iou(region, one) >= IOU_FOR_A_HIT for one in flakes):
        return "graphene"
    if any(
        shared_px(region, one) > LEAST_SHARE * min(region.area_px, one.area_px) for one in flakes
    ):
        return "unsure"
    if frame.annotated == "none":
        return "not_graphene"
    if frame.annotated == "chosen":
        return "not_graphene" if sure_negatives(frame)(region) else "unsure"
    return "not_graphene" if region.area_px >= frame.min_area_px else "unsure"


def review(stage: Stage, chips: Sequence[Chip], wanted: int) -> dict[str, int]:
    """Review flakes of the queue, scan by scan in turn, until so many are sure; the counts."""
    said = {"graphene": 0, "not_graphene": 0, "unsure": 0}
    waiting = list(chips)
    while waiting and said["graphene"] + said["not_graphene"] < wanted:
        chip = waiting.pop(0)
        query = {"scan_id": chip.scan_id, "limit": 1}
        queue = stage.call("GET", "/v1/review-queue", params=query)["items"]
        if not queue:
            continue
        flake = queue[0]["flake"]
        label = verdict(chip.frames[flake["tile_id"]], region_of(flake["polygon_px"]))
        stage.call("PUT", f"/v1/flakes/{flake['id']}/review", json={"label": label})
        said[label] += 1
        waiting.append(chip)
    return said


def reviewed_flakes(stage: Stage) -> dict[str, list[int]]:
    """Flakes that somebody is sure of, by label."""
    by_label: dict[str, list[int]] = {"graphene": [], "not_graphene": []}
    query: dict[str, Any] = {"reviewed": True, "sort": "id", "limit": _PAGE}
    while True:
        page = stage.call("GET", "/v1/flakes", params=query)
        for one in page["items"]:
            if one["review"]["label"] in by_label:
                by_label[one["review"]["label"]].append(one["id"])
        if page["next_cursor"] is None:
            return by_label
        query["cursor"] = page["next_cursor"]
