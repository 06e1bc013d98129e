"""The chip map pixel by pixel: pictures and outlines lie where the stage has the flakes."""

import time
from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.api.drawn import draw_tile, png_of
from tests.api.serving import Running
from tests.web.browser import Looking

FLAKE_PX = (120, 60, 48, 32)
MIDDLE_PX = (FLAKE_PX[0] + FLAKE_PX[2] / 2, FLAKE_PX[1] + FLAKE_PX[3] / 2)
UM_PER_PX, SCREEN_PX_PER_PX = 0.5, 4
STAGES_UM = ((1000.0, 2000.0), (1180.0, 2120.0))
# Between bare oxide and the flake in green; the outline of graphene is the only thing in blue.
HALF_DARK_GREEN, LEAST_BLUE = 97.5, 60
# What is looked at around the middle of the map: nothing lies over it.
SIDE_PX = 300
WAIT_S = 60


def middle_of(page: Page) -> np.ndarray:
    """RGB of the middle of the map as it is on the screen."""
    box = page.get_by_role("region", name="Chip map").bounding_box()
    assert box is not None
    left, top = (box["x"] + (box["width"] - SIDE_PX) / 2, box["y"] + (box["height"] - SIDE_PX) / 2)
    clip = {"x": left, "y": top, "width": SIDE_PX, "height": SIDE_PX}
    # In the page's pixels, whatever the screen's are.
    shot = page.screenshot(clip=clip, scale="css")
    return cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR_RGB)


def box_of(mask: np.ndarray) -> tuple[float, float, float, float] | None:
    """Where most of a mask lies from the middle: left, top, right, bottom."""
    if np.count_nonzero(mask) < 100:
        return None
    rows, columns = np.nonzero(mask)
    edges = [np.percentile(one, part) for part in (1, 99) for one in (columns, rows)]
    return tuple(float(edge) - (SIDE_PX - 1) / 2 for edge in edges)


def waited(page: Page, mask_of: Callable[[np.ndarray], np.ndarray]) -> tuple[float, ...]:
    """The box as soon as there is one that stays."""
    end = time.monotonic() + WAIT_S
    found = [None, box_of(mask_of(middle_of(page)))]
    while found[-1] is None or found[-1] != found[-2]:
        assert time.monotonic() < end, "the map does not show it"
        page.wait_for_timeout(300)
        found.append(box_of(mask_of(middle_of(page))))
    return found[-1]


def dark(picture: np.ndarray) -> np.ndarray:
    return (cv2.blur(picture, (9, 9))[..., 1] < HALF_DARK_GREEN) & (picture[..., 1] > 40)


def blue(picture: np.ndarray) -> np.ndarray:
    return picture[..., 2].astype(int) - picture[..., 0] > LEAST_BLUE


# A laptop's screen is often scaled by 1.25 or 1.5; a browser's zoom does the same.
RATIOS = (1, 1.25, 1.5, 2)


@pytest.mark.parametrize("ratio", RATIOS, indirect=True)
@pytest.mark.parametrize("flip_y", [False, True])
@pytest.mark.parametrize("stage_um", STAGES_UM)
def test_a_flake_and_its_outline_are_where_the_stage_has_it(
    looking: Looking, running: Running, flip_y: bool, stage_um: tuple[float, float]
):
    scan_id = running.open_scan(um_per_px=UM_PER_PX, oxide_nm=90, flip_y=flip_y)
    tile = png_of(draw_tile(FLAKE_PX))
    for number, (x_um, y_um) in enumerate(STAGES_UM):
        posted = running.post_tile(
            scan_id, tile, name=f"{number}.png", stage_x_um=x_um, stage_y_um=y_um
        )
        assert len(posted.raise_for_status().json()["flakes"]) == 1
    chip = running.http.get(f"/v1/scans/{scan_id}/map").raise_for_status().json()
    assert chip["y_axis"] == ("up" if flip_y else "down")
    x_um = stage_um[0] + (MIDDLE_PX[0] - 200) * UM_PER_PX
    y_um = stage_um[1] + (MIDDLE_PX[1] - 150) * UM_PER_PX * (-1 if flip_y else 1)
    place = f"#/scans/{scan_id}/map?x={x_um}&y={y_um}&r={UM_PER_PX / SCREEN_PX_PER_PX}"
    half = [side * SCREEN_PX_PER_PX / 2 for side in FLAKE_PX[2:]]
    truth = pytest.approx((-half[0], -half[1], half[0], half[1]), abs=SCREEN_PX_PER_PX)

    page = looking.open(f"{place}&hide=outlines")
    assert waited(page, dark) == truth
    page = looking.open(place)
    assert waited(page, blue) == truth


def test_the_scale_bar_is_as_long_as_it_says(looking: Looking, running: Running, flake_png: bytes):
    scan_id = running.open_scan(um_per_px=UM_PER_PX, oxide_nm=90)
    running.post_tile(scan_id, flake_png, stage_x_um=0, stage_y_um=0).raise_for_status()
    widths_um = []
    for resolution in (0.1, 0.25, 1):
        page = looking.open(f"#/scans/{scan_id}/map?x=0&y=0&r={resolution}")
        expect(page.locator(".map-bar")).to_be_visible()
        number, unit = (page.locator(".map-scale span").text_content() or "").split()
        bar = page.locator(".map-bar").bounding_box()
        assert unit == "µm"
        assert bar is not None
        assert bar["width"] * resolution == pytest.approx(float(number), abs=resolution)
        widths_um.append(float(number))
    assert all(one < other for one, other in pairwise(widths_um))


@pytest.mark.parametrize("ratio", RATIOS, indirect=True)
def test_the_line_that_measures_is_seen(looking: Looking, running: Running, flake_png: bytes):
    scan_id = running.open_scan(um_per_px=UM_PER_PX, oxide_nm=90)
    running.post_tile(scan_id, flake_png, stage_x_um=0, stage_y_um=0).raise_for_status()
    page = looking.open(f"#/scans/{scan_id}/map?x=0&y=0&r=0.25")
    expect(page.locator(".map-target")).to_have_attribute("aria-busy", "false")
    target = page.get_by_role("region", name="Chip map").bounding_box()
    assert target is not None
    middle = (target["x"] + target["width"] / 2, target["y"] + target["height"] / 2)
    half_px = 100
    page.keyboard.press("m")
    page.mouse.click(middle[0] - half_px, middle[1])
    page.mouse.dblclick(middle[0] + half_px, middle[1])
    box = waited(page, lambda picture: picture.min(axis=-1) > 200)
    assert box == pytest.approx((-half_px, 0, half_px, 0), abs=8)
