import math

import pytest

from bench.pace.batch import times_of
from bench.pace.calls import Answer
from bench.pace.latency import compared
from bench.pace.memory import growth_of
from bench.pace.projection import exponent_of, project, serial_part, speed_up
from bench.pace.throughput import figures_of, summed_up
from bench.pace.verdicts import judge


def test_ratios_of_latency_are_to_the_median_in_this_process() -> None:
    taken = {
        "copy": [(1.0, 0.0)] * 3,
        "in_process": [(90.0, 50.0), (100.0, 50.0), (300.0, 50.0)],
        "screen": [(110.0, 60.0), (120.0, 60.0), (130.0, 60.0)],
        "saved": [(150.0, 75.0)] * 3,
    }

    found = compared(taken)

    assert (found["screen"]["p50_ratio"], found["screen"]["cpu_ratio"]) == (1.2, 1.2)
    assert found["screen"]["p95_ratio"] == pytest.approx(1.29)
    assert (found["saved"]["p50_ratio"], found["saved"]["cpu_ratio"]) == (1.5, 1.5)


def test_a_refused_request_counts_beside_the_rate_and_not_in_it() -> None:
    answers = [Answer(200, b"", 100.0), Answer(200, b"", 300.0), Answer(503, b"", 1.0)]

    found = figures_of(answers, took_s=4.0, used_s=0.2)

    assert (found["requests"], found["per_s"], found["longest_ms"]) == (2, 0.5, 300.0)
    assert (found["cpu_ms_per_request"], found["refused"]) == (100.0, {"503": 1})


def test_throughput_compares_the_best_rate_of_each_arm() -> None:
    def phase(per_s: float, longest_ms: float, **refused: int) -> dict:
        return {"per_s": per_s, "p50_ms": 100.0, "longest_ms": longest_ms, "refused": refused}

    found = summed_up(
        {
            "one_core": {"1": phase(8.0, 140.0), "8": phase(10.0, 900.0, **{"503": 2})},
            "two_cores": {"1": phase(9.0, 130.0), "8": phase(19.0, 450.0, **{"503": 1})},
        }
    )

    assert found == {"ratio": 1.9, "longest_ratio": 4.5, "refused": {"503": 3}}


def test_a_failure_other_than_503_is_no_honest_refusal() -> None:
    figures = {"ratio": 1.9, "longest_ratio": 4.5, "refused": {"503": 3, "500": 1}}
    figures |= {"apart": {"one_per_s": 10.0, "ratio": 1.95}}

    verdicts = judge({"throughput": {"figures": figures}})

    said = {verdict.asked: verdict.met for verdict in verdicts}
    assert said["no failure but honest 503"] is False
    assert said["two cores at least 1.8 times one"] is True


def test_what_was_not_measured_is_open() -> None:
    assert {verdict.met for verdict in judge({"stages": {"skipped": "no model"}})} == {None}


@pytest.mark.parametrize(
    ("tiles", "growth", "met"), [(5000, 0.02, True), (250, 0.02, None), (250, 0.2, False)]
)
def test_memory_is_called_flat_only_after_5000_tiles(
    tiles: int, growth: float, met: bool | None
) -> None:
    figures = {"rest_mib": 200.0, "growth": growth, "warm": (100, 300.0), "end": (tiles, 310.0)}

    *_, rest, flat = judge({"memory": {"figures": figures}})

    assert (rest.measured, rest.met, flat.met) == ("210 MB", True, met)


def test_growth_of_memory_begins_at_a_warm_service() -> None:
    found = growth_of([(0, 100.0), (50, 180.0), (100, 200.0), (1100, 210.0)])

    assert (found["growth"], found["mib_per_1000_tiles"]) == (0.05, 10.0)


def test_the_time_of_a_scan_divides_into_taking_in_screening_and_settling() -> None:
    found = times_of([2.0 + 0.1 * n for n in range(101)], ended_s=13.0)

    assert (found["first_s"], found["screening_s"], found["settling_s"]) == (2.0, 10.0, 1.0)
    assert found["tiles_per_s"] == 10.0
    assert len(found["ms_per_tile_by_part"]) == 10


def test_a_flat_time_per_tile_projects_without_growth() -> None:
    runs = [{"tiles": n, "worker_cpu_ms_per_tile": 20.0} for n in (500, 2000)]

    found = project(runs, {"tiles_per_s": 10.0}, gain=2.0)

    assert (found["exponents"], found["growth"]) == ([1.0], 1.0)
    assert found["hours"] == {"1": 2.78, "2": 1.39, "4": 0.69, "8": 0.35}


def test_growth_beyond_the_largest_scan_goes_on_as_a_power() -> None:
    runs = [
        {"tiles": 500, "worker_cpu_ms_per_tile": 20.0},
        {"tiles": 1000, "worker_cpu_ms_per_tile": 20.0 * math.sqrt(2)},
    ]

    found = project(runs, {"tiles_per_s": 10.0}, gain=None)

    assert exponent_of(*runs) == pytest.approx(1.5)
    assert found["growth"] == 10.0
    assert found["hours"] == {"1": 27.78}


def test_workers_gain_by_what_they_need_not_do_in_turn() -> None:
    assert serial_part(1.6) == pytest.approx(0.25)
    assert speed_up(2, 1.6) == pytest.approx(1.6)
    assert speed_up(1000, 1.6) < 4
