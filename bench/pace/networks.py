"""`python -m bench.pace.networks FOLDER`: ms per crop of each network, as JSON.

A process of its own, since PyTorch would weigh on all that is measured beside it. The study's
networks have random weights: speed does not depend on them. FOLDER keeps their exported files.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bench.models import ZOO
from models.compare.speed import BATCHES, ms_per_crop, unjudged
from models.export import ExportDiffers, export
from models.networks import NAMES, build
from models.parity import awake, varied_crops
from service.inference.onnx_classifier import OnnxClassifier

_CUDA = "CUDAExecutionProvider"


def measure(folder: Path) -> dict[str, Any]:
    """Milliseconds per crop by network, provider and batch."""
    import onnxruntime  # noqa: PLC0415 - only this process has it loaded beside PyTorch

    torch.set_num_threads(1)
    shipped = sorted(ZOO.glob("*.onnx"))
    rows: dict[str, Any] = {f"shipped: {path.stem}": _speed(path) for path in shipped}
    # The others are given what the newest of these is given.
    crops = varied_crops(OnnxClassifier(shipped[-1], wish="cpu").input_size)
    for name in NAMES:
        path = folder / f"{name}.onnx"
        try:
            if not path.exists():
                _export(name, path, crops)
        except ExportDiffers as error:
            rows[name] = {"refused": str(error)}
        else:
            rows[name] = _speed(path)
    return {
        "side_px": crops.shape[1],
        "providers": onnxruntime.get_available_providers(),
        "rows": rows,
    }


def _export(name: str, path: Path, crops: NDArray[np.float32]) -> None:
    torch.manual_seed(0)
    network = awake(build(name), torch.from_numpy(crops))
    export(network, unjudged(f"pace-{name}", crops.shape[1]), path, crops)


def _speed(path: Path) -> dict[str, Any]:
    cpu = OnnxClassifier(path, threads=1, wish="cpu")
    crops = varied_crops(cpu.input_size)
    row: dict[str, Any] = {"megabytes": round(path.stat().st_size / 1e6, 1)}
    row["cpu"] = {str(n): ms_per_crop(cpu, crops[:n]) for n in BATCHES}
    gpu = OnnxClassifier(path, threads=1, wish="auto")
    if gpu.provider == _CUDA:
        row["cuda"] = {str(n): ms_per_crop(gpu, crops[:n], time.perf_counter) for n in BATCHES}
    return row


if __name__ == "__main__":
    kept = Path(sys.argv[1])
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "networks.json").write_text(json.dumps(measure(kept)), encoding="utf-8")
