"""Matching detections with annotated flakes."""

import numpy as np
import pytest

from bench.quality.match import match
from bench.quality.region import Box, Region, box_iou, iou, regions_of_labels
from tests.bench.frames import found, frame, region


def outcomes(verdicts: list) -> list[str]:
    return [verdict.outcome for verdict in verdicts]


def no_sure_negative(_: Region) -> bool:
    return False


def test_overlap_of_masks_counts_pixels_and_that_of_boxes_their_area() -> None:
    corner = Region(Box(10, 10, 20, 20), np.tri(20, dtype=bool))
    square = region(10, 10, 20, 20)
    assert iou(corner, square) == pytest.approx(210 / 400)
    assert iou(corner, region(10, 10, 20, 20, boxed=True)) == 1.0
    assert box_iou(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert iou(square, region(30, 10, 20, 20)) == 0


def test_labels_become_regions_with_their_masks() -> None:
    labels = np.zeros((20, 30), np.int32)
    labels[2:5, 3:7] = 1
    labels[10:12, 20:30] = 4
    first, second = regions_of_labels(labels)
    assert (first.box, first.area_px) == (Box(3, 2, 4, 3), 12)
    assert (second.box, second.area_px) == (Box(20, 10, 10, 2), 20)


def test_the_most_probable_detection_takes_the_flake_and_the_next_is_a_duplicate() -> None:
    flake = region(100, 100, 40, 40)
    verdicts = match(
        frame(flake),
        [found(region(100, 100, 40, 40), 0.6), found(region(100, 100, 40, 30), 0.9)],
        no_sure_negative,
    )
    assert outcomes(verdicts) == ["hit", "duplicate"]
    assert verdicts[0].found.p_graphene == 0.9
    assert verdicts[0].iou == pytest.approx(0.75)


def test_a_detection_takes_its_second_best_flake_where_the_best_is_taken() -> None:
    # Two boxes around nearly the same place, as annotators draw them for terraces.
    boxes = region(0, 0, 40, 40, boxed=True), region(0, 0, 40, 30, boxed=True)
    verdicts = match(
        frame(*boxes),
        [found(region(0, 0, 40, 40), 0.9), found(region(0, 0, 40, 39), 0.8)],
        no_sure_negative,
    )
    assert outcomes(verdicts) == ["hit", "hit"]


def test_half_an_overlap_is_enough_and_less_is_a_false_alarm() -> None:
    flake = region(100, 100, 40, 40)
    half, less = found(region(100, 100, 40, 20)), found(region(100, 100, 40, 19))
    assert outcomes(match(frame(flake), [half], no_sure_negative)) == ["hit"]
    assert outcomes(match(frame(flake), [less], no_sure_negative)) == ["false"]


def test_what_lies_on_a_flake_too_small_to_ask_for_is_ignored() -> None:
    small = region(100, 100, 15, 16)
    verdicts = match(frame(small), [found(region(98, 98, 20, 20))], no_sure_negative)
    assert outcomes(verdicts) == ["ignored"]


def test_a_small_detection_beside_every_flake_is_ignored() -> None:
    assert outcomes(match(frame(), [found(region(0, 0, 10, 29))], no_sure_negative)) == ["ignored"]
    assert outcomes(match(frame(), [found(region(0, 0, 10, 30))], no_sure_negative)) == ["false"]


def test_on_a_frame_without_graphene_every_detection_is_false_however_small() -> None:
    verdicts = match(frame(annotated="none"), [found(region(0, 0, 9, 9))], no_sure_negative)
    assert outcomes(verdicts) == ["false"]


def test_where_only_chosen_flakes_are_annotated_only_sure_negatives_are_false() -> None:
    flake = region(100, 100, 40, 40)
    detections = [found(region(x, 0, 20, 20), 0.9 - x / 1000) for x in (0, 50)]
    verdicts = match(
        frame(flake, annotated="chosen"),
        [*detections, found(flake, 0.7)],
        lambda r: r.box.x == 50,
    )
    assert outcomes(verdicts) == ["ignored", "false", "hit"]
