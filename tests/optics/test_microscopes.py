"""The usual microscopes: side by side as each alone, and around what real ones have measured."""

import numpy as np
import pytest

from service.optics.camera import contrast_rgb
from service.optics.microscopes import usual_cameras, usual_contrasts

LAYERS = np.array([1.0, 3.0, 20.0])
# Means of measured flakes of 1 to 4 layers on 90 nm under one microscope, R, G, B.
MEASURED_90_NM = (
    (-0.137, -0.140, -0.071),
    (-0.248, -0.264, -0.152),
    (-0.347, -0.368, -0.216),
    (-0.436, -0.465, -0.272),
)
# Medians of one layer on about 285 nm under another, R, G.
MEASURED_285_NM = (-0.045, -0.126)


def test_cameras_side_by_side_see_what_each_sees_alone():
    together = usual_contrasts(LAYERS, 90.0, 0.0, vivid=False)

    alone = [contrast_rgb(LAYERS, 90.0, camera) for camera in usual_cameras(vivid=False)]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)


def test_vivid_cameras_that_nobody_would_use_are_left_out_and_the_others_are_not_changed():
    together = usual_contrasts(LAYERS, 285.0, 0.0, vivid=True)

    alone = np.array([contrast_rgb(LAYERS, 285.0, camera) for camera in usual_cameras(vivid=True)])
    nearest = [np.abs(alone - one).max(axis=(1, 2)).argmin() for one in together]
    assert 0 < len(together) < len(alone)
    assert nearest == sorted(set(nearest))
    np.testing.assert_allclose(together, alone[nearest], rtol=0, atol=1e-12)


def test_a_real_microscope_on_90_nm_is_an_ordinary_one_among_them():
    seen = usual_contrasts(np.arange(1.0, 5.0), 90.0, 0.0, vivid=True)

    deviations = (np.array(MEASURED_90_NM) - seen.mean(axis=0)) / seen.std(axis=0)
    assert np.abs(deviations).max() <= 1.2
    # Green is known best and blue worst; twice the layers is a little less than twice the contrast.
    assert (seen.std(axis=0)[:, 1] < seen.std(axis=0)[:, 2]).all()
    ratio = seen.mean(axis=0)[1] / seen.mean(axis=0)[0]
    assert ratio == pytest.approx(np.divide(MEASURED_90_NM[1], MEASURED_90_NM[0]), rel=0.18)


def test_a_real_microscope_on_285_nm_is_an_ordinary_one_among_them():
    seen = usual_contrasts(np.ones(1), 285.0, 0.0, vivid=True)[:, 0, :2]

    deviations = (np.array(MEASURED_285_NM) - seen.mean(axis=0)) / seen.std(axis=0)
    assert np.abs(deviations).max() <= 1.5
