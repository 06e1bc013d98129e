import json

from bench.page_trace import figures_of

PAGE, EMPTY = (7, 1), (8, 1)


def event(name: str, ts_ms: float, where: tuple[int, int] = PAGE, **more) -> dict:
    return {"name": name, "ph": "X", "ts": 1000 * ts_ms, "pid": where[0], "tid": where[1]} | more


def test_late_frames_and_long_tasks_of_the_page_are_counted() -> None:
    names = [
        event("thread_name", 0, where, args={"name": "CrRendererMain"}) for where in (PAGE, EMPTY)
    ]
    frames = [event("DrawFrame", ts_ms, (7, 2)) for ts_ms in (0, 16, 32, 132, 148)]
    tasks = [
        event("RunTask", 40, dur=90_000, tdur=30_000),
        event("RunTask", 140, dur=60_000, tdur=60_000),
        event("RunTask", 40, EMPTY, dur=400_000, tdur=400_000),
    ]

    figures = figures_of(json.dumps({"traceEvents": names + frames + tasks}).encode())

    assert figures["frames"] == 5
    assert (figures["frames_over_50_ms"], figures["longest_frame_ms"]) == (1, 100)
    assert (figures["tasks_over_50_ms"], figures["longest_task_ms"]) == (2, 90)
    assert figures["tasks_over_50_ms_of_processor"] == 1
    assert figures["page_s_of_processor"] == 0.09
