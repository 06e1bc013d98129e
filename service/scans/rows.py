"""Rows: what screening found, as the database keeps it."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.db.tables import Detection, Tile
from service.screening import pipeline
from service.vision.normalise import Light
from service.vision.stage import StageMap, pixel_area_um2

# Outlines are drawn to a fraction of a pixel: more digits would only fill the database.
_DIGITS_PX = 2
_DIGITS_UM = 3


def light_columns(light: Light) -> dict[str, Any]:
    """Convert how a tile was lit to columns of `Tile`."""
    return {
        "background_rgb": list(light.background_rgb),
        "noise_rgb": list(light.noise_rgb),
        "bare_fraction": light.bare_fraction,
        "focus": light.focus,
    }


def detection_rows(
    tile: Tile, screening: pipeline.Screening, stage: StageMap | None
) -> list[Detection]:
    """Make one row for each detection of a screening; `tile` has its id and scale already."""
    rows = []
    for index, found in enumerate(screening.detections):
        row = Detection(
            tile_id=tile.id,
            candidate_index=index,
            mask_png=encode_mask(found.candidate.mask),
            **seen_columns(screening, found, tile.um_per_px),
        )
        if stage is not None:
            write_stage_position(row, stage)
        rows.append(row)
    return rows


def encode_mask(mask: NDArray[np.bool_]) -> bytes:
    """Encode a mask as PNG with one bit a pixel."""
    pixels = mask.astype(np.uint8) * 255
    _, png = cv2.imencode(".png", pixels, (cv2.IMWRITE_PNG_BILEVEL, 1))
    return png.tobytes()


def decode_mask(png: bytes) -> NDArray[np.bool_]:
    """Decode the mask that `encode_mask` wrote."""
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    return np.asarray(pixels) > 0


def rounded(points_um: NDArray[np.float64]) -> list[list[float]]:
    """Round an outline on the stage to the nanometre, as it is stored."""
    stored: list[list[float]] = np.round(points_um, _DIGITS_UM).tolist()
    return stored


def seen_columns(
    screening: pipeline.Screening, found: pipeline.Detection, um_per_px: float | None
) -> dict[str, Any]:
    """Gather what a screening says of one candidate, by column of `Seen`."""
    measured = found.measurement
    x, y, width, height = measured.bbox_px
    centre_x, centre_y = measured.centre_px
    red, green, blue = measured.contrast_rgb
    return {
        "model_version": screening.model_version,
        "threshold": screening.threshold,
        "p_graphene": found.p_graphene,
        "is_graphene": found.is_graphene,
        "layers": found.layers.layers,
        "layers_sigma": found.layers.sigma,
        "layers_source": found.layers.source,
        "area_px": measured.area_px,
        "area_um2": None if um_per_px is None else measured.area_px * um_per_px**2,
        "bbox_x_px": x,
        "bbox_y_px": y,
        "bbox_width_px": width,
        "bbox_height_px": height,
        "centre_x_px": centre_x,
        "centre_y_px": centre_y,
        "polygon_px": np.round(measured.polygon_px, _DIGITS_PX).tolist(),
        "contrast_r": red,
        "contrast_g": green,
        "contrast_b": blue,
        "touches_border": measured.touches_border,
    }


def write_stage_position(row: Detection, stage: StageMap) -> None:
    """Write where a detection with its measures lies on the stage."""
    row.area_um2 = row.area_px * pixel_area_um2(stage.affine)
    (centre,) = stage.to_stage(np.array([[row.centre_x_px, row.centre_y_px]])).tolist()
    row.centre_x_um, row.centre_y_um = centre
    x, y, width, height = row.bbox_x_px, row.bbox_y_px, row.bbox_width_px, row.bbox_height_px
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    corners_um = stage.to_stage(np.array(corners, np.float64))
    row.min_x_um, row.min_y_um = corners_um.min(axis=0).tolist()
    row.max_x_um, row.max_y_um = corners_um.max(axis=0).tolist()
