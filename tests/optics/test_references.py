"""Reference contrasts of other programs, and the curve that is plotted beside them."""

import json

import numpy as np
import pytest

from service.errors import InvalidValue
from service.optics.references import (
    parse_references,
    read_references,
    references_document,
)
from service.optics.substrate import contrast_curve
from tests.optics.trained_references import TRAINED


def changed(**fields) -> dict:
    return {"1": TRAINED["1"] | fields}


def test_trained_parameters_are_read_in_order_of_layers_and_colour() -> None:
    one, two = read_references(json.dumps(TRAINED))
    assert (one.layers, two.layers) == (1, 2)
    assert one.contrast_rgb == (-0.137, -0.14, -0.071)
    assert one.covariance_rgb == ((3e-4, 9e-5, 4e-5), (9e-5, 2e-4, 1e-4), (4e-5, 1e-4, 4e-4))


def test_a_radius_stands_for_two_standard_deviations() -> None:
    entry = {"contrast": {"r": -0.08, "g": -0.06, "b": -0.005}, "color radius": 0.02}
    (reference,) = parse_references({"1": entry})
    np.testing.assert_allclose(reference.covariance_rgb, np.eye(3) * 1e-4)


def test_references_survive_a_round_trip() -> None:
    references = parse_references(TRAINED)
    assert parse_references(references_document(references)) == references


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "object of layer numbers"),
        ({}, "object of layer numbers"),
        ({"one": TRAINED["1"]}, "layer 'one'"),
        ({"0": TRAINED["1"]}, "layer '0'"),
        ({"11": TRAINED["1"]}, "layer '11'"),
        ({"1": TRAINED["1"], "01": TRAINED["1"]}, "twice"),
        ({"1": 3}, "layer 1: must be an object"),
        ({"1": {}}, "layer 1.*contrast"),
        (changed(contrast={"r": -0.1, "g": -0.1}), "layer 1, b: None is not a number"),
        (changed(contrast={"r": True, "g": -0.1, "b": 0}), "layer 1, r: True"),
        (changed(contrast={"r": -5, "g": -0.1, "b": 0}), "contrast -5"),
        (changed(covariance_matrix=[[1, 2], [3, 4]]), "3 rows of 3"),
        (changed(covariance_matrix=[[1, 0, 0], [0, 1, 0], [0.5, 0, 1]]), "not symmetric"),
        (changed(covariance_matrix=[[1, 0, 0], [0, -1, 0], [0, 0, 1]]), "negative variance"),
        (changed(covariance_matrix=[[1, 0, 0], [0, "x", 0], [0, 0, 1]]), "'x' is not a number"),
        ({"1": {"contrast": {"r": 0, "g": 0, "b": 0}, "color radius": 0}}, "color radius 0"),
    ],
)
def test_a_wrong_document_is_refused_with_its_fault(document, words) -> None:
    with pytest.raises(InvalidValue, match=words):
        parse_references(document)


def test_text_that_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidValue, match="not JSON"):
        read_references("{1: oops")
    with pytest.raises(InvalidValue, match="not JSON"):
        read_references(b"\xff\xfe\x00")


def test_the_curve_has_a_width_that_grows_with_the_layers() -> None:
    curve = contrast_curve(90.0, [0, 1, 2, 4])
    assert curve.contrast_rgb[0] == pytest.approx([0, 0, 0])
    assert np.all(np.diff(curve.contrast_rgb[:, 1]) < 0)
    assert np.all(np.diff(curve.sigma_rgb[:, 1]) > 0)
    with pytest.raises(InvalidValue, match="oxide_nm is -1"):
        contrast_curve(-1.0, [1])
