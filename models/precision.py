"""Smaller numbers in an exported file, and what they cost: the file is never without its loss."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray

from models.evaluate import Figures, evaluate
from models.examples.labelled import Examples
from models.export import write_metadata
from models.training.run_folder import as_json
from service.errors import InvalidValue
from service.inference.metadata import PREFIX
from service.inference.onnx_classifier import INPUT, OnnxClassifier

Precision = Literal["int8", "fp16"]
# What has weights; the plain statistics of FlakeNet subtract squares, which 8 bits cannot.
QUANTISED = ["Conv", "Gemm", "MatMul"]


@dataclass(frozen=True, slots=True)
class Loss:
    """A file of smaller numbers beside the one that it was made of.

    Attributes
    ----------
    before, after : Figures
        On the same examples.
    difference : float
        Largest difference in probability on them.
    bytes_before, bytes_after : int
        Of the files.
    ms_before, ms_after : float
        Milliseconds for one crop among many, one thread.
    """

    precision: str
    before: Figures
    after: Figures
    difference: float
    bytes_before: int
    bytes_after: int
    ms_before: float
    ms_after: float


def reduce(
    source: Path,
    out: Path,
    precision: Precision,
    calibration: NDArray[np.float32],
    examples: Examples,
) -> Loss:
    """Write `source` with smaller numbers to `out`, and its loss beside it and into it.

    Parameters
    ----------
    calibration : (n, size, size, 4) float32
        Crops from the training: the ranges of int8 are fitted to them.
    examples : Examples
        What the loss is measured on; not those that were trained on.

    Raises
    ------
    InvalidValue
        There are no examples to measure on.
    """
    if not len(examples):
        raise InvalidValue("Without examples the loss cannot be measured: nothing is written.")
    draft = out.with_suffix(".draft")
    try:
        if precision == "int8":
            _to_int8(source, draft, calibration)
        else:
            _to_fp16(source, draft)
        loss = _measure(source, draft, precision, examples)
        told = OnnxClassifier(source, wish="cpu").metadata
        named = replace(told, version=f"{told.version}-{precision}")
        write_metadata(draft, named, {**_about(source), "precision_loss": as_json(loss)})
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    out.with_suffix(".json").write_text(as_json(loss), encoding="utf-8")
    return loss


def _to_int8(source: Path, draft: Path, calibration: NDArray[np.float32]) -> None:
    from onnxruntime.quantization import (  # noqa: PLC0415 - slow, and only needed here
        CalibrationDataReader,
        quantize_static,
    )

    class Reader(CalibrationDataReader):  # type: ignore[misc] # onnxruntime has no types
        def __init__(self) -> None:
            self._rest: Iterator[NDArray[np.float32]] = iter(np.array_split(calibration, 8))

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            batch = next(self._rest, None)
            return None if batch is None else {INPUT: batch}

    # It advises another pass of shape inference on the root logger, which exported files had.
    logging.getLogger().addFilter(_not_advice)
    try:
        quantize_static(
            source,
            draft,
            Reader(),
            per_channel=True,
            # Without it the sums of 8-bit products overflow on CPUs that lack VNNI.
            reduce_range=True,
            op_types_to_quantize=QUANTISED,
        )
    finally:
        logging.getLogger().removeFilter(_not_advice)


def _not_advice(record: logging.LogRecord) -> bool:
    return "pre-processing" not in record.getMessage()


def _to_fp16(source: Path, draft: Path) -> None:
    from onnxruntime.transformers.float16 import (  # noqa: PLC0415 - slow, only needed here
        convert_float_to_float16,
    )

    # Crops and logits stay float32: the service knows no other kind.
    onnx.save(convert_float_to_float16(onnx.load(source), keep_io_types=True), draft)


def _measure(source: Path, draft: Path, precision: str, examples: Examples) -> Loss:
    before, after = OnnxClassifier(source, wish="cpu"), OnnxClassifier(draft, wish="cpu")
    crops = examples.crops.astype(np.float32)
    (p_before, ms_before), (p_after, ms_after) = _ask(before, crops), _ask(after, crops)
    judged = [
        evaluate(examples.label, p, before.threshold, examples.group) for p in (p_before, p_after)
    ]
    return Loss(
        precision=precision,
        before=judged[0],
        after=judged[1],
        difference=float(np.abs(p_before - p_after).max()),
        bytes_before=source.stat().st_size,
        bytes_after=draft.stat().st_size,
        ms_before=ms_before,
        ms_after=ms_after,
    )


def _ask(
    classifier: OnnxClassifier, crops: NDArray[np.float32]
) -> tuple[NDArray[np.float64], float]:
    start = time.perf_counter()
    p_graphene = classifier.classify(crops).astype(np.float64)
    return p_graphene, 1000 * (time.perf_counter() - start) / len(crops)


def _about(source: Path) -> dict[str, str]:
    """Read what the file says about itself beside what serving needs."""
    entries = {p.key: p.value for p in onnx.load(source, load_external_data=False).metadata_props}
    return {
        key.removeprefix(PREFIX): value
        for key, value in entries.items()
        if key in {f"{PREFIX}figures", f"{PREFIX}network", f"{PREFIX}weights"}
    }
