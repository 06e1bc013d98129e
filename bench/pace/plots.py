"""Plots of the figures, as SVG that stands in the page."""

import io
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.stages import STAGES

# Okabe and Ito's colours, which colour-blind people tell apart.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
_GREY = "#8a8a8a"
_STYLE: Any = {
    "svg.fonttype": "none",
    # The same figures give the same file.
    "svg.hashsalt": "pace",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _GREY,
    "legend.frameon": False,
}


def plots_of(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """An SVG by section, of those that have figures and a picture."""
    drawn = {}
    with mpl.rc_context(_STYLE):
        for name, (draw, height) in _DRAW.items():
            figures = sections.get(name, {}).get("figures")
            if figures:
                figure = Figure((7.6, height), layout="constrained")
                draw(figure.add_subplot(), figures)
                drawn[name] = _svg(figure)
    return drawn


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
    text = file.getvalue()
    return text[text.index("<svg") :]


def _stages(axes: Axes, figures: Mapping[str, Any]) -> None:
    tiles = figures["tiles"]
    left = dict.fromkeys(tiles, 0.0)
    for stage, colour in zip(STAGES, COLOURS, strict=True):
        ms = [tile["ms"][stage] for tile in tiles.values()]
        axes.barh(list(tiles), ms, left=list(left.values()), color=colour, label=stage, height=0.5)
        left = {name: at + one for (name, at), one in zip(left.items(), ms, strict=True)}
    for row, tile in enumerate(tiles.values()):
        axes.plot([3 * tile["decoding_ms"]] * 2, [row - 0.36, row + 0.36], color="black", lw=2)
    axes.plot([], [], color="black", lw=2, label="3 x decoding")
    axes.set_xlabel("ms of processor time, one thread")
    axes.figure.legend(ncols=4, loc="outside upper center")


def _latency(axes: Axes, figures: Mapping[str, Any]) -> None:
    ways = ("copy", "in_process", "screen", "saved")
    places = [(name, way) for name in figures["tiles"] for way in ways]
    for shift, (q, colour) in enumerate(zip((50, 95, 99), COLOURS, strict=False)):
        ms = [figures["tiles"][name][way][f"p{q}_ms"] for name, way in places]
        at = [row + 0.26 * (shift - 1) for row in range(len(places))]
        axes.barh(at, ms, height=0.24, color=colour, label=f"{q}th percentile")
    labels = [f"{name}, {way.replace('_', ' ')}" for name, way in places]
    axes.set_yticks(range(len(places)), labels)
    axes.invert_yaxis()
    axes.set_xlabel("ms")
    axes.legend()


def _throughput(axes: Axes, figures: Mapping[str, Any]) -> None:
    for name, colour in zip(("one_core", "two_cores"), COLOURS, strict=False):
        clients = [int(count) for count in figures[name]]
        rates = [one["per_s"] for one in figures[name].values()]
        axes.plot(clients, rates, "o-", color=colour, label=name.replace("_", " "))
    axes.set_xticks([1, 2, 4, 8])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("clients")
    axes.set_ylabel("requests a second")
    axes.legend()


def _memory(axes: Axes, figures: Mapping[str, Any]) -> None:
    tiles, mib = zip(*figures["samples"], strict=True)
    axes.plot(tiles, mib, "o-", color=COLOURS[0], ms=3)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("saved tiles")
    axes.set_ylabel("MiB, service process")


def _batch(axes: Axes, figures: Mapping[str, Any]) -> None:
    for run, colour in zip(figures["small"], COLOURS, strict=False):
        parts = run["ms_per_tile_by_part"]
        at = [run["tiles"] * (part + 0.5) / len(parts) for part in range(len(parts))]
        axes.plot(at, parts, "o-", color=colour, label=f"{run['tiles']:,} tiles", ms=4)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("tiles screened of a scan of small tiles")
    axes.set_ylabel("ms per tile")
    axes.legend()


def _networks(axes: Axes, figures: Mapping[str, Any]) -> None:
    rows = {name: row for name, row in figures["rows"].items() if "cpu" in row}
    names = sorted(rows, key=lambda name: float(rows[name]["cpu"]["64"]))
    for shift, (batch, colour) in enumerate(zip(("1", "8", "64"), COLOURS, strict=False)):
        at = [row + 0.26 * (shift - 1) for row in range(len(names))]
        ms = [rows[name]["cpu"][batch] for name in names]
        axes.barh(at, ms, height=0.24, color=colour, label=f"batch {batch}")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("ms per crop, CPU, one thread")
    axes.legend()


_DRAW = {
    "stages": (_stages, 2.4),
    "latency": (_latency, 4.2),
    "throughput": (_throughput, 2.8),
    "memory": (_memory, 2.4),
    "batch": (_batch, 3.0),
    "networks": (_networks, 5.2),
}
