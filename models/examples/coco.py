"""COCO annotations: boxes, polygons and run lengths on whole tiles."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.examples.annotation import Frame, Marked
from models.examples.groups import Grouping
from service.errors import InvalidValue
from service.training.dataset_kinds import layers_of_category
from service.vision.candidate import Candidate

# Steps of a pixel in which polygons are filled.
FINE = 4


def read_coco(
    annotations: Path,
    images: Path,
    group_of: Grouping,
    *,
    exhaustive: bool = True,
    graphene: Sequence[str] = (),
) -> list[Frame]:
    """Read the annotated tiles of a COCO file.

    Parameters
    ----------
    images : Path
        Folder that the file names of the annotation are relative to.
    exhaustive : bool
        Whether every flake is marked; otherwise what looks like graphene elsewhere is left out.
    graphene : sequence of str
        Names of the categories that are graphene, where they are called otherwise.

    Raises
    ------
    InvalidValue
        It is no COCO file, or a category is of unknown meaning.
    """
    content = _content(annotations)
    layers_of = {
        c["id"]: layers_of_category(str(c["name"]), graphene) for c in content["categories"]
    }
    marks: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for mark in content["annotations"]:
        marks[mark["image_id"]].append(mark)
    return [
        Frame(
            path=images / image["file_name"],
            group=group_of(image["file_name"]),
            holds_graphene=True,
            exhaustive=exhaustive,
            least_px=200,  # as the sets that are published in this format have it
            um_per_px=image.get("um_per_px"),
            oxide_nm=image.get("oxide_nm"),
            flakes=tuple(_marked(m, image, layers_of) for m in marks[image["id"]]),
        )
        for image in content["images"]
    ]


def _content(annotations: Path) -> dict[str, Any]:
    try:
        content = json.loads(annotations.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidValue(f"{annotations.name} cannot be read as JSON: {error}.") from error
    if not isinstance(content, dict) or not {"images", "annotations", "categories"} <= set(content):
        raise InvalidValue(
            f"{annotations.name} is no COCO file: it has to hold images, annotations, categories."
        )
    return content


def _marked(
    mark: Mapping[str, Any], image: Mapping[str, Any], layers_of: Mapping[int, int | None]
) -> Marked:
    layers = layers_of[mark["category_id"]]
    segmentation = mark.get("segmentation")
    if not segmentation:
        x, y, width, height = (max(round(number), 0) for number in mark["bbox"])
        full = np.ones((max(height, 1), max(width, 1)), np.bool_)
        return Marked(Candidate(x, y, full), True, layers or 0, is_graphene=layers != 0)
    mask = _mask(segmentation, int(image["height"]), int(image["width"]))
    x, y, width, height = cv2.boundingRect(mask)
    inside = mask[y : y + height, x : x + width] > 0
    return Marked(Candidate(x, y, inside), False, layers or 0, is_graphene=layers != 0)


def _mask(segmentation: Any, height: int, width: int) -> NDArray[np.uint8]:
    """Decode a mask of the whole image from polygons, or from run lengths, packed or not."""
    if isinstance(segmentation, list):
        return _filled([np.reshape(p, (-1, 2)) for p in segmentation], height, width)
    if list(segmentation["size"]) != [height, width]:
        raise InvalidValue(
            f"A mask is of {segmentation['size']} (height, width), its image of {[height, width]}."
        )
    counts = segmentation["counts"]
    runs = np.array(unpacked(counts) if isinstance(counts, str) else counts, np.int64)
    if runs.sum() != height * width or (runs < 0).any():
        raise InvalidValue(
            f"A mask's run lengths cover {runs.sum()} pixels, its image has {height * width}."
        )
    # Column by column, beginning with what is outside.
    values = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8)
    return np.ascontiguousarray(values.reshape((height, width), order="F"))


def _filled(outlines: list[NDArray[np.float64]], height: int, width: int) -> NDArray[np.uint8]:
    """Fill polygons with corners counted from the image's edge: half of a pixel counts."""
    mask = np.zeros((height, width), np.uint8)
    for outline in outlines:
        left, top = np.clip(np.floor(outline.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
        right, bottom = np.clip(np.ceil(outline.max(axis=0)), (left + 1, top + 1), (width, height))
        shape = (int(bottom) - top) * FINE, (int(right) - left) * FINE
        fine = np.zeros(shape, np.uint8)
        corners = np.round((outline - (left, top)) * FINE - 0.5).astype(np.int32)
        cv2.fillPoly(fine, [corners], 255)
        share = cv2.resize(fine, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
        mask[top : int(bottom), left : int(right)] |= (share > 127).astype(np.uint8)
    return mask


def unpacked(counts: str) -> list[int]:
    """Run lengths from the packed text of COCO's own tools.

    Five bits a character, from 48 on, the lowest first; the sixth says that more follow, the last
    fifth is the sign. From the fourth number on they are differences to the one before the last.
    """
    runs: list[int] = []
    number = shift = 0
    for character in counts:
        bits = ord(character) - 48
        number |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            number -= 1 << shift
        runs.append(number + (runs[-2] if len(runs) > 2 else 0))
        number = shift = 0
    return runs
