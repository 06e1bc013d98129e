"""Curves of a model version, on the crops by which the gate judges; and what it got wrong."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select

from service.checks import check_range
from service.db.engine import Sessions
from service.db.tables import Review, Training
from service.errors import NotFound
from service.flakes.crops import OUTLINE_RGB, Rgb8, encode, shown_contrast
from service.flakes.schemas import View
from service.inference.classifier import Classifier
from service.inference.shipped import Holdout
from service.registry.curve_schemas import Miss, ModelCurves
from service.registry.figures import Judgement, judge, worst
from service.registry.gate import newest_crops
from service.registry.schemas import ModelVersion
from service.registry.versions import get_model
from service.scans.tiles import Stores
from service.training.schemas import Epoch

On = Literal["holdout", "reviews"]

# A gallery of more is not looked at.
MOST_MISSES = 60
MISS_SIZE_RANGE_PX = (32, 512)
# Bare substrate in the colours of a crop, which holds only contrast: a grey with room both ways.
_SUBSTRATE = 150.0
# Of a dozen model versions, on both sets; a few MB each, mostly the misses' crops.
_MOST_KEPT = 24


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A model version, judged.

    Attributes
    ----------
    name : str
        Of the crops: figures on others cannot be compared.
    mark : str
        The same for the same answer.
    misses : list of Miss
        The surest mistakes first.
    crops : (misses, size, size, 4) float16
    """

    version: str
    on: On
    name: str
    threshold: float
    judgement: Judgement
    mark: str
    misses: list[Miss]
    crops: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Tools:
    """Tools of a judge: stores, how models are opened, and the fixed holdout."""

    stores: Stores
    open_model: Callable[[bytes], Classifier]
    load_holdout: Callable[[], Holdout]


class Judge:
    """Judges model versions, and remembers what it said; shared by threads."""

    def __init__(self) -> None:
        self._said: OrderedDict[str, Judged] = OrderedDict()
        # One at a time on each set: a second asks for the same most often.
        self._busy: Mapping[On, threading.Lock] = {
            "holdout": threading.Lock(),
            "reviews": threading.Lock(),
        }

    def judge(self, tools: Tools, version: str, on: On) -> Judged:
        """Judge a model version on the holdout or on the newest reviews; cache its curves.

        Reviews are judged anew when somebody has reviewed since; that takes as long as the gate.

        Raises
        ------
        NotFound
            No such model version, or its file is gone.
        InvalidModel
            It cannot serve here, or no holdout ships.
        """
        model = get_model(tools.stores.sessions, version)
        with self._busy[on]:
            mark = model.sha256[:16] + on
            if on == "reviews":
                mark += _mark_of_reviews(tools.stores.sessions)
            if mark not in self._said:
                self._said[mark] = _judged(tools, model, on, mark)
            self._said.move_to_end(mark)
            while len(self._said) > _MOST_KEPT:
                self._said.popitem(last=False)
            return self._said[mark]


def curves_of_model(sessions: Sessions, judged: Judged) -> ModelCurves:
    """Gather what is shown of a model version: how it was judged, and how it was trained."""
    training_id = get_model(sessions, judged.version).provenance.get("training_id")
    training = None
    if isinstance(training_id, int):
        with sessions() as session:
            training = session.get(Training, training_id)
    return ModelCurves(
        version=judged.version,
        on=judged.on,
        name=judged.name,
        threshold=judged.threshold,
        **{one.name: getattr(judged.judgement, one.name) for one in fields(Judgement)},
        training_id=training_id if isinstance(training_id, int) else None,
        epochs=[] if training is None else [Epoch.model_validate(one) for one in training.epochs],
        misses=judged.misses,
    )


def picture_of_miss(curves: Judged, n: int, view: View, size_px: int) -> bytes:
    """Draw a miss and encode it as PNG, its outline in yellow.

    Raises
    ------
    NotFound
        There is no such miss.
    InvalidValue
        The size is out of range.
    """
    check_range("size_px", size_px, MISS_SIZE_RANGE_PX)
    if not 0 <= n < len(curves.crops):
        raise NotFound(f"There is no miss {n}: {curves.version!r} has {len(curves.crops)} here.")
    crop = curves.crops[n].astype(np.float32)
    contrast = crop[..., :3]
    if view == "contrast":
        small = shown_contrast(contrast)
    else:
        small = np.asarray(np.clip(_SUBSTRATE * (1 + contrast), 0, 255), np.uint8)
    return encode(_outlined(small, crop[..., 3], size_px))


def _outlined(small: Rgb8, share: NDArray[np.float32], size_px: int) -> Rgb8:
    # Its pixels as they are: this is what the network saw.
    large = cv2.resize(small, (size_px, size_px), interpolation=cv2.INTER_NEAREST)
    mask = cv2.resize(
        (share > 0.5).astype(np.uint8), (size_px, size_px), interpolation=cv2.INTER_NEAREST
    )
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(large, outlines, -1, OUTLINE_RGB, 1), np.uint8)


def _mark_of_reviews(sessions: Sessions) -> str:
    with sessions() as session:
        newest, count, undone = session.execute(
            select(func.max(Review.id), func.count(), func.count(Review.undone_at))
        ).one()
    return f"{newest} {count} {undone}"


def _judged(tools: Tools, model: ModelVersion, on: On, mark: str) -> Judged:
    classifier = tools.open_model(tools.stores.blobs.get(model.sha256))
    name, crops, is_graphene, flake_ids = _crops(tools, classifier.input_size, on)
    p_graphene = classifier.classify(crops)
    pictures = f"/v1/models/{quote(model.version, safe='')}/misses"
    wrong = worst(p_graphene, is_graphene, classifier.threshold, MOST_MISSES)
    return Judged(
        version=model.version,
        on=on,
        name=name,
        threshold=classifier.threshold,
        judgement=judge(p_graphene, is_graphene, classifier.threshold),
        mark=mark,
        misses=[
            Miss(
                n=n,
                p_graphene=float(p_graphene[row]),
                is_graphene=bool(is_graphene[row]),
                flake_id=flake_ids[row] if flake_ids else None,
                picture=f"{pictures}/{n}.png?on={on}",
            )
            for n, row in enumerate(wrong.tolist())
        ],
        crops=crops[wrong].astype(np.float16),
    )


def _crops(
    tools: Tools, size: int, on: On
) -> tuple[str, NDArray[np.float32], NDArray[np.bool_], list[int]]:
    if on == "holdout":
        holdout = tools.load_holdout()
        return holdout.name, holdout.of_size(size), holdout.is_graphene, []
    reviewed = newest_crops(tools.stores, {size})
    return "newest reviews", reviewed.crops[size], reviewed.is_graphene, reviewed.flake_ids
