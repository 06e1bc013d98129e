"""The usual microscopes: seen side by side as each is seen alone."""

import numpy as np

from service.optics.camera import contrast_rgb
from service.optics.microscopes import usual_cameras, usual_contrasts

LAYERS = np.array([1.0, 3.0, 20.0])


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
