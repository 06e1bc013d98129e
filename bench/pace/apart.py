"""Apart: what two processes that share nothing do of one's work.

So much this machine's two cores can give at most; often they share caches, memory and clock.
"""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

import cv2

from bench.models import load_classifier
from service.cli.main import keep_freed_memory
from service.screening.pipeline import screen_tile
from service.vision.decode import decode
from service.vision.segment import SegmentParams

_ROUNDS = 3


def measure(image: bytes, phase_s: float) -> dict[str, float]:
    """Tiles a second of one process and of two, the median of rounds in turn, and their ratio."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, initializer=_prepare) as processes:

        def rate(number: int, run_s: float) -> float:
            runs = [processes.submit(_screen, image, run_s) for _ in range(number)]
            return sum(run.result() for run in runs) / run_s

        rate(2, phase_s)  # both load what they need
        rounds = sorted((rate(2, phase_s) / (one := rate(1, phase_s)), one) for _ in range(_ROUNDS))
    ratio, one = rounds[_ROUNDS // 2]
    return {"one_per_s": round(one, 2), "ratio": round(ratio, 2)}


def _prepare() -> None:
    keep_freed_memory()
    cv2.setNumThreads(1)


def _screen(image: bytes, run_s: float) -> int:
    classifier = load_classifier(None)
    until = time.monotonic() + run_s
    number = 0
    while time.monotonic() < until:
        screen_tile(decode(image), params=SegmentParams(), classifier=classifier)
        number += 1
    return number
