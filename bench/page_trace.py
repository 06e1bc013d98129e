"""Frames and tasks of a page in a trace that Chromium wrote."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

# What a trace must have in it for `figures_of`.
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline.frame", "toplevel"]

# Below 20 frames per second a movement is seen to jerk.
SLOW_MS = 50.0


def figures_of(trace: bytes) -> dict[str, float | int]:
    """Frames that came late, and tasks of the page's main thread that are long.

    A task's time on the clock has in it what other processes took of the machine; its time of the
    processor has not.
    """
    events = json.loads(trace)["traceEvents"]
    frames = sorted(event["ts"] / 1000 for event in events if event["name"] == "DrawFrame")
    gaps = [later - earlier for earlier, later in pairwise(frames)]
    thread = _main_thread(events)
    tasks = [event for event in events if _is_task(event, thread)]
    clock = [event["dur"] / 1000 for event in tasks]
    processor = [event.get("tdur", 0) / 1000 for event in tasks]
    return {
        "frames": len(frames),
        f"frames_over_{SLOW_MS:.0f}_ms": _slow(gaps),
        "longest_frame_ms": _longest(gaps),
        f"tasks_over_{SLOW_MS:.0f}_ms": _slow(clock),
        "longest_task_ms": _longest(clock),
        f"tasks_over_{SLOW_MS:.0f}_ms_of_processor": _slow(processor),
        "longest_task_ms_of_processor": _longest(processor),
        "page_s_of_processor": round(sum(processor) / 1000, 2),
    }


def _slow(times_ms: Sequence[float]) -> int:
    return sum(time > SLOW_MS for time in times_ms)


def _longest(times_ms: Sequence[float]) -> float:
    return round(max(times_ms, default=0.0), 1)


def _main_thread(events: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Process and thread that drew most: other pages of the browser are empty."""
    mains = {
        (event["pid"], event["tid"]): 0
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    for event in events:
        key = (event["pid"], event["tid"])
        if key in mains:
            mains[key] += 1
    return max(mains, key=lambda key: mains[key])


def _is_task(event: dict[str, Any], thread: tuple[int, int]) -> bool:
    is_whole = event["ph"] == "X" and event["name"] in {"RunTask", "ThreadControllerImpl::RunTask"}
    return is_whole and (event["pid"], event["tid"]) == thread
