"""Tables: the figures of each section as rows, for both pages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.stages import STAGES

Rows = list[list[Any]]
Figures = Mapping[str, Any]

TITLES = {
    "stages": "One tile by stage",
    "latency": "One client",
    "throughput": "Several clients, one core and two",
    "startup": "Start-up",
    "memory": "Memory of the service",
    "batch": "Whole scans, one worker on SQLite",
    "two_workers": "Two workers on PostgreSQL",
    "networks": "Networks",
    "projection": "A wafer of 100,000 tiles",
}

ABOUT = {
    "stages": "Drawn 1920x1200 JPEG tiles, processor time on one thread. The ratio is to decoding "
    "the same file by the same decoder.",
    "latency": "Calls over one open connection, each in turn with the same tile in this process "
    "and a plain copy of its bytes to another process and back. Ratios are to the median in this "
    "process; those of processor time are the service's process, disturbed least by other work; "
    "on a busy machine, where a call takes long, what the service does by itself adds to them.",
    "throughput": "POST /v1/screen of the sparse tile. In each arm service and clients share the "
    "same cores, and the service screens as many images at once as it has cores. `Cores got` is "
    "the service's processor time by the clock's: where it is far below the cores, other work "
    "had them and the ratio says little. The verdict also names what two processes that share "
    "nothing do of one's work in this process: more these cores cannot give.",
    "startup": "From the command to the first /readyz that says yes; the database exists but for "
    "the first start.",
    "memory": "Resident. Two clients send tiles that are saved.",
    "batch": "Uploaded as a zip. `first` ends with the first screened tile: upload, unpacking and "
    "reading; `settling` comes after the last. Large tiles are 1920x1200; the others 400x300 "
    "with many flakes on two or four tiles.",
    "two_workers": "The drawn scan of small tiles, each worker on a core of its own; best run.",
    "networks": "ms per crop of the shipped network's size at batches of 1, 8 and 64: on the CPU "
    "processor time of one thread, on CUDA wall clock.",
    "projection": "Screening time of the large tiles, times the growth of the small scans' "
    "processor time per tile beyond their largest size, as a power of their number; several "
    "workers by Amdahl's law from the measured gain of two. It is no measurement.",
}


def rows_of(name: str, figures: Figures) -> Rows:
    """A head and the rows below it."""
    return _ROWS[name](figures)


def _stages(figures: Figures) -> Rows:
    head = ["tile", "candidates", *STAGES, "tile ms", "decoding ms", "ratio"]
    return [head] + [
        [name, tile["candidates"], *(f"{tile['ms'][stage]:.1f}" for stage in STAGES)]
        + [tile["tile_ms"], tile["decoding_ms"], f"{tile['ratio']:.1f}"]
        for name, tile in figures["tiles"].items()
    ]


def _latency(figures: Figures) -> Rows:
    head = ["tile", "way", "p50 ms", "p95 ms", "p99 ms", "processor ms"]
    rows: Rows = [head + ["p50 ratio", "processor ratio"]]
    for name, tile in figures["tiles"].items():
        for way in ("copy", "in_process", "screen", "saved"):
            one = tile[way]
            rows.append(
                [name, way.replace("_", " "), *(one[f"p{q}_ms"] for q in (50, 95, 99))]
                + [one["cpu_ms"] or "", one.get("p50_ratio", ""), one.get("cpu_ratio", "")]
            )
        rows.append([name, "screening within screen", tile["timing_ms"], *[""] * 5])
    rows.append(["", "service without calls, part of a core", figures["idle_share"], *[""] * 5])
    return rows


def _throughput(figures: Figures) -> Rows:
    head = ["cores", "clients", "a second", "p50 ms", "p95 ms", "longest ms", "processor ms"]
    rows: Rows = [head + ["cores got", "not 200", "GPU waits"]]
    for arm in ("one_core", "two_cores"):
        for clients, one in figures[arm].items():
            used = [one["cpu_ms_per_request"], one["cores_got"]]
            times = [one[key] for key in ("per_s", "p50_ms", "p95_ms", "longest_ms")]
            waits = f"{one['gpu_waits']:.0%}" if "gpu_waits" in one else "no GPU"
            said = ", ".join(f"{code}: {n}" for code, n in one["refused"].items())
            cores = arm.replace("_", " ")
            rows.append([cores, clients, *times, *used, said, waits])
    return rows


def _startup(figures: Figures) -> Rows:
    return [
        ["first s", "then s", "median s", "median processor s"],
        [figures["first_s"], ", ".join(map(str, figures["ready_s"]))]
        + [figures["median_s"], figures["median_cpu_s"]],
    ]


def _memory(figures: Figures) -> Rows:
    return [
        ["at rest MiB", "its worker MiB", "warm MiB (tile)", "end MiB (tile)", "growth"]
        + ["MiB per 1,000 tiles"],
        [figures["rest_mib"], figures["embedded_worker_mib"]]
        + [f"{mib} ({at:,})" for at, mib in (figures["warm"], figures["end"])]
        + [f"{figures['growth']:+.1%}", figures["mib_per_1000_tiles"]],
    ]


def _batch(figures: Figures) -> Rows:
    head = ["tiles", "flakes", "first s", "screening s", "settling s", "tiles/s"]
    runs = [("large", figures["large"]), *(("small", run) for run in figures["small"])]
    keys = ("flakes", "first_s", "screening_s", "settling_s", "tiles_per_s", "ms_per_tile")
    return [head + ["ms per tile", "worker's processor ms per tile"]] + [
        [f"{run['tiles']:,} {kind}", *(run[key] for key in keys), run["worker_cpu_ms_per_tile"]]
        for kind, run in runs
    ]


def _two_workers(figures: Figures) -> Rows:
    best, memory = figures["best"], figures["memory"]
    grown = ", ".join(f"{name} {one['growth']:+.0%}" for name, one in memory.items())
    return [
        ["tiles", "one worker /s", "two workers /s", "ratio", "memory from tile 200 to the end"],
        [figures["tiles"], best["one_worker"], best["two_workers"], figures["ratio"], grown],
    ]


def _networks(figures: Figures) -> Rows:
    has_gpu = any("cuda" in row for row in figures["rows"].values())
    places = ("cpu", "cuda") if has_gpu else ("cpu",)
    head = ["network", "MB", *(f"{place} {n}" for place in places for n in (1, 8, 64))]
    return [head] + [_network(name, row, places) for name, row in figures["rows"].items()]


def _network(name: str, row: Figures, places: Sequence[str]) -> list[Any]:
    if "refused" in row:
        return [name, row["refused"], *[""] * (3 * len(places))]
    times = [f"{row[place][n]:.3g}" for place in places for n in ("1", "8", "64")]
    return [name, row["megabytes"], *times]


def _projection(figures: Figures) -> Rows:
    rows: Rows = [["workers", "hours"]]
    rows += [[count, hours] for count, hours in figures["hours"].items()]
    rows.append(["time = tiles ** k between sizes, k", ", ".join(map(str, figures["exponents"]))])
    rows.append(["growth of a tile's time up to 100,000", figures["growth"]])
    if figures["serial_part"] is not None:
        rows.append(["part that workers do one after another", figures["serial_part"]])
    return rows


_ROWS: Mapping[str, Callable[[Figures], Rows]] = {
    "stages": _stages,
    "latency": _latency,
    "throughput": _throughput,
    "startup": _startup,
    "memory": _memory,
    "batch": _batch,
    "two_workers": _two_workers,
    "networks": _networks,
    "projection": _projection,
}
