"""Real flakes that people labelled: the physics alone must read them."""

from pathlib import Path

import numpy as np
import pytest

from bench.crop_contrast import LabelledFlake, measure_crops, measure_outlined
from service.optics.layers import estimate_layers
from service.optics.oxide import estimate_oxide

pytestmark = pytest.mark.slow


def outlined(folder: Path, pattern: str) -> list[tuple[float, float, float]]:
    masks = sorted(folder.glob(pattern))
    images = [mask.with_name(mask.name.replace(".mask.png", ".jpg")) for mask in masks]
    return [c for pair in zip(images, masks, strict=True) for c in measure_outlined(*pair)]


@pytest.mark.parametrize(
    ("pattern", "oxide_nm"),
    [("graphene_90nm_20x/gh_*.mask.png", 90), ("graphene_285nm/mi_chip_3_*.mask.png", 285)],
)
def test_the_oxide_under_outlined_flakes_is_found(
    shared_data: Path, pattern: str, oxide_nm: float
) -> None:
    estimate = estimate_oxide(outlined(shared_data / "frames", pattern))
    assert estimate is not None
    assert estimate.oxide_nm == pytest.approx(oxide_nm, abs=10)


@pytest.fixture(scope="module")
def labelled(shared_data: Path) -> list[LabelledFlake]:
    return [flake for flake in measure_crops(shared_data / "crops") if flake.layers <= 3]


@pytest.mark.parametrize("oxide_nm", [90.0, None])
def test_nine_of_ten_labelled_crops_have_their_number(
    labelled: list[LabelledFlake], oxide_nm: float | None
) -> None:
    read = [estimate_layers([f.contrast_rgb], oxide_nm=oxide_nm)[0].layers for f in labelled]
    right = np.mean([flake.layers == n for flake, n in zip(labelled, read, strict=True)])
    assert right >= 0.90
