"""Alignment from marks whose transformation is known."""

import numpy as np
import pytest

from service.errors import InvalidValue
from service.exports.writers.gds import Mark, align


def marks(matrix, offset, *stage):
    points = np.array(stage, float)
    design = points @ np.array(matrix, float).T + offset
    return [Mark(tuple(one), tuple(other)) for one, other in zip(points, design, strict=True)]


TURN = np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
MIRROR = np.diag([1.0, -1.0])
SHEAR = np.array([[1.001, 0.02], [-0.03, 0.998]])
OFFSET = (-12_034.5, 8_812.25)
CORNERS = ((12_000, -8_000), (22_000, -8_100), (21_900, 1_900), (12_050, 2_000))


def test_two_marks_give_a_similarity():
    found = align(marks(1.02 * TURN, OFFSET, *CORNERS[:2]))

    assert found.kind == "similarity"
    assert found.matrix == pytest.approx(1.02 * TURN, abs=1e-9)
    points = np.array([[15_000.0, -3_000.0]])
    assert found.to_design(points) == pytest.approx(points @ (1.02 * TURN).T + OFFSET, abs=1e-6)


def test_two_marks_of_a_mirrored_design_need_to_be_told():
    found = align(marks(TURN @ MIRROR, OFFSET, *CORNERS[:2]), mirrored=True)

    assert found.matrix == pytest.approx(TURN @ MIRROR, abs=1e-9)
    assert "mirrored" in found.words


def test_three_marks_give_an_affine_transform_without_a_residual():
    found = align(marks(SHEAR @ MIRROR, OFFSET, *CORNERS[:3]))

    assert (found.kind, found.matrix) == ("affine", pytest.approx(SHEAR @ MIRROR, abs=1e-9))
    assert "nothing says how good they are" in found.words


def test_the_residual_of_four_marks_is_what_one_of_them_is_off():
    given = marks(SHEAR, OFFSET, *((0, 0), (1000, 0), (1000, 1000), (0, 1000)))
    x, y = given[0].design_um
    given[0] = Mark(given[0].stage_um, (x + 4.0, y))

    found = align(given)

    # Of four corners of a square, an affine transform leaves a quarter of the fault at each.
    assert found.residuals_um == pytest.approx([1.0] * 4, abs=1e-6)
    assert "residual 1.000 um rms, 1.000 um at most" in found.words


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (marks(TURN, OFFSET, (0, 0)), "needs 2 or more"),
        (marks(TURN, OFFSET, (5, 5), (5, 5)), "at one place"),
        (marks(TURN, OFFSET, (0, 0), (10, 10), (2_000, 2_000)), "in one line"),
    ],
)
def test_marks_that_say_too_little_are_refused(given, reason):
    with pytest.raises(InvalidValue, match=reason):
        align(given)
