"""What is certainly no graphene, by its pixels."""

from pathlib import Path

import numpy as np
import pytest

from bench.quality.sure_negative import SureNegatives
from bench.quality.truth import load_frames
from service.vision.decode import decode
from tests.bench.frames import region

SUBSTRATE = np.array([140.0, 90.0, 70.0])
PLACE = region(260, 60, 40, 30)


def tile_with(contrast: tuple[float, float, float]) -> np.ndarray:
    """A strong vignette with one flake near the border."""
    y, x = np.ogrid[-1:1:300j, -1:1:400j]
    image = (1 - 0.25 * (x**2 + y**2))[..., None] * SUBSTRATE
    image[60:90, 260:300] *= 1 + np.array(contrast)
    return np.rint(image).astype(np.uint8)


@pytest.mark.parametrize(
    ("contrast", "is_negative"),
    [
        ((-0.05, -0.13, 0.01), False),  # one layer on 285 nm
        ((-0.44, -0.47, -0.27), False),  # four layers on 90 nm
        ((0.3, 0.1, 0.05), True),  # gold
        ((-0.07, -0.26, 0.12), False),  # two layers as measured on 285 nm
        ((-0.35, -0.27, 0.42), True),  # thick: blue is far brighter than the substrate
        ((-0.6, -0.7, -0.4), True),  # too dark for four layers
    ],
)
def test_contrast_tells_thick_and_gold_from_thin(
    contrast: tuple[float, float, float], is_negative: bool
) -> None:
    assert SureNegatives(tile_with(contrast))(PLACE) is is_negative


@pytest.mark.slow
def test_no_annotated_flake_on_285_nm_is_a_sure_negative(shared_data: Path) -> None:
    frames = [f for f in load_frames(shared_data / "frames", 300) if f.annotated == "chosen"]
    assert len(frames) == 17
    for frame in frames:
        is_negative = SureNegatives(decode(frame.path.read_bytes()).pixels)
        for flake in frame.flakes:
            assert not is_negative(flake.region), frame.name


def test_the_background_is_followed_into_the_vignette() -> None:
    contrast = SureNegatives(tile_with((-0.05, -0.13, 0.01))).median_contrast(PLACE)
    assert contrast == pytest.approx((-0.05, -0.13, 0.01), abs=0.015)


def test_a_speck_is_a_sure_negative() -> None:
    assert SureNegatives(tile_with((-0.05, -0.13, 0.01)))(region(265, 65, 9, 6))
