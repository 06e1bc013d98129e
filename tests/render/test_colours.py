"""Films that the thin-film model of carbon does not know."""

import numpy as np

from service.optics.camera import DEFAULT_CAMERA, reflectance_rgb
from service.render.chip import BARE, Film
from service.render.colours import GLUE_STEP_NM, film_colours, glue_factors


def test_carbon_has_the_colour_that_the_optics_gives() -> None:
    colours = film_colours([BARE, Film("carbon", 2), Film("carbon", 90)], 285, DEFAULT_CAMERA)
    np.testing.assert_allclose(colours, reflectance_rgb([0, 2, 90], 285), rtol=1e-6)


def test_foreign_films_are_as_bright_as_measured() -> None:
    bare, tmd, hbn = film_colours([BARE, Film("tmd", 1), Film("hbn", 12)], 90, DEFAULT_CAMERA)
    # WSe2 on 90 nm under another camera: -0.38, -0.40, -0.31. Thin hBN looks bluish there.
    np.testing.assert_allclose(tmd / bare - 1, [-0.38, -0.40, -0.31], atol=0.2)
    red, green, blue = hbn / bare - 1
    assert red < green < blue
    assert blue > 0.1


def test_glue_of_no_thickness_changes_nothing_and_thick_glue_shows_fringes() -> None:
    factors = glue_factors(0, 90, DEFAULT_CAMERA)
    np.testing.assert_allclose(factors[0], 1)
    green = factors[: int(400 / GLUE_STEP_NM), 1]
    maximum = int(green.argmax()) * GLUE_STEP_NM
    # Half a wavelength of 535 nm in silica and glue together: from dark (90 nm) to bright (270 nm
    # of both would be dark again).
    assert 70 < maximum < 110
    assert green[int(180 / GLUE_STEP_NM)] < 1.5
