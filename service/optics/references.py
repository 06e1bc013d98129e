"""Reference contrasts as other programs keep them: 2DMatGMM's JSON, and A2D's simpler one.

Both are an object of layer numbers. 2DMatGMM (Uslu et al., Mach. Learn.: Sci. Technol. 5, 015027,
2024) keeps `contrast` {"r", "g", "b"} and `covariance_matrix`, whose rows and columns are B, G, R:
its images come from OpenCV. A2D keeps `contrast` and `color radius`, the largest distance at which
a pixel still counts as that layer.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from service.errors import InvalidValue
from service.optics.substrate import Reference
from service.optics.thin_film import FloatArray

MOST_LAYERS = 10
# A contrast is pixel / background - 1: from black to what no camera shows beside a substrate.
LEAST_CONTRAST, MOST_CONTRAST = -1.0, 10.0
# The radius holds all pixels of a flake: about two standard deviations.
RADIUS_IN_SD = 2.0
# Where a file says nothing of the spread: that of many flakes in one laboratory.
USUAL_SD = 0.015


def read_references(text: str | bytes) -> tuple[Reference, ...]:
    """Reference contrasts from a JSON file of 2DMatGMM or A2D, in order of layers.

    Raises
    ------
    InvalidValue
        Not JSON, or the message says which layer lacks what.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InvalidValue(f"the reference contrasts are not JSON: {error}") from error
    return parse_references(document)


def parse_references(document: object) -> tuple[Reference, ...]:
    """Reference contrasts from a decoded JSON document; see `read_references`."""
    if not isinstance(document, dict) or not document:
        raise InvalidValue(
            'the reference contrasts must be an object of layer numbers, {"1": {"contrast": ...}}'
        )
    references = [_reference(key, entry) for key, entry in document.items()]
    ordered = sorted(references, key=lambda reference: reference.layers)
    if len({reference.layers for reference in ordered}) < len(ordered):
        raise InvalidValue("the reference contrasts name a number of layers twice")
    return tuple(ordered)


def references_document(references: tuple[Reference, ...]) -> dict[str, Any]:
    """Write references as 2DMatGMM's document, which `parse_references` reads."""
    return {
        str(reference.layers): {
            "contrast": dict(zip("rgb", reference.contrast_rgb, strict=True)),
            "covariance_matrix": _reversed(np.array(reference.covariance_rgb)).tolist(),
        }
        for reference in references
    }


def _reference(key: str, entry: object) -> Reference:
    layers = int(key) if key.isdecimal() else 0
    if not 1 <= layers <= MOST_LAYERS:
        raise InvalidValue(f"layer {key!r}: must be a whole number from 1 to {MOST_LAYERS}")
    where = f"layer {layers}"
    if not isinstance(entry, dict):
        raise InvalidValue(f"{where}: must be an object with a contrast")
    contrast = entry.get("contrast")
    if not isinstance(contrast, dict):
        raise InvalidValue(f'{where}: "contrast" must be an object of r, g and b')
    red, green, blue = (_number(contrast.get(channel), f"{where}, {channel}") for channel in "rgb")
    for value in (red, green, blue):
        if not LEAST_CONTRAST <= value <= MOST_CONTRAST:
            raise InvalidValue(
                f"{where}: contrast {value:g} must be from {LEAST_CONTRAST:g} to {MOST_CONTRAST:g}"
            )
    covariance = _covariance(entry, where)
    rows = tuple((float(row[0]), float(row[1]), float(row[2])) for row in covariance)
    return Reference(layers, (red, green, blue), rows)


def _covariance(entry: Mapping[str, object], where: str) -> FloatArray:
    """Covariance in the order R, G, B."""
    if "covariance_matrix" in entry:
        return _reversed(_matrix(entry["covariance_matrix"], where))
    if "color radius" in entry:
        radius = _number(entry["color radius"], f"{where}, color radius")
        if radius <= 0:
            raise InvalidValue(f"{where}: color radius {radius:g} must be above 0")
        return np.eye(3) * (radius / RADIUS_IN_SD) ** 2
    return np.eye(3) * USUAL_SD**2


def _matrix(value: object, where: str) -> FloatArray:
    rows = value if isinstance(value, list) else []
    if len(rows) != 3 or any(not isinstance(row, list) or len(row) != 3 for row in rows):
        raise InvalidValue(f"{where}: covariance_matrix must be 3 rows of 3 numbers")
    matrix = np.array([[_number(cell, f"{where}, covariance") for cell in row] for row in rows])
    # Files are rounded: a matrix may be asymmetric or negative by that much of its size.
    tolerance = 1e-6 * float(np.abs(matrix).max())
    if np.abs(matrix - matrix.T).max() > tolerance:
        raise InvalidValue(f"{where}: covariance_matrix is not symmetric")
    if np.linalg.eigvalsh(matrix).min() < -tolerance:
        raise InvalidValue(f"{where}: covariance_matrix has a negative variance in some direction")
    return matrix


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidValue(f"{where}: {value!r} is not a number")
    return float(value)


def _reversed(matrix: FloatArray) -> FloatArray:
    """Rows and columns from B, G, R to R, G, B or back."""
    return matrix[::-1, ::-1]
