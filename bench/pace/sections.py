"""Sections: what is measured, in which order, and on which service."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.pace import batch, latency, memory, stages, startup, throughput, two_workers
from bench.pace.drawn import draw_tiles
from bench.pace.plan import Plan
from bench.pace.projection import project


class NotHere(Exception):
    """Something cannot be measured on this machine, or was not asked for; the message says why."""


@dataclass(eq=False)
class Bench:
    """What every section needs.

    Attributes
    ----------
    done : sections by name
        Those that were measured so far.
    """

    plan: Plan
    folder: Path
    out: Path
    postgres: str
    done: Mapping[str, Mapping[str, Any]]

    @cached_property
    def tiles(self) -> dict[str, bytes]:
        """The drawn tiles by name."""
        return draw_tiles()

    def sections(self) -> dict[str, Callable[[], Any]]:
        """What measures each section, in the order of the page."""
        return {
            "stages": lambda: stages.measure(self.tiles, self.plan.repeats),
            "latency": self._latency,
            "throughput": lambda: throughput.measure(
                self.folder / "throughput", self.tiles["sparse"], self.plan.phase_s
            ),
            "startup": lambda: startup.measure(self.folder / "startup", self.plan.starts),
            "memory": self._memory,
            "batch": self._batch,
            "two_workers": self._two_workers,
            "networks": self._networks,
            "projection": self._projection,
        }

    def _latency(self) -> Any:
        with throughput.serving_on(self.folder / "latency", os.sched_getaffinity(0)) as service:
            return latency.measure(service, self.tiles, self.plan.rounds)

    def _memory(self) -> Any:
        with throughput.serving_on(self.folder / "memory", os.sched_getaffinity(0)) as service:
            return memory.measure(service, self.tiles, self.plan.memory_tiles)

    def _batch(self) -> Any:
        with throughput.serving_on(self.folder / "batch", os.sched_getaffinity(0)) as service:
            batch.wait_for_worker(service)
            large = batch.measure_large(service, self.folder, self.tiles, self.plan.large_tiles)
            return {
                "large": large,
                "small": batch.measure_growth(service, self.folder, self.plan.scans),
            }

    def _two_workers(self) -> Any:
        if not self.postgres:
            raise NotHere("Two workers need PostgreSQL: --postgres ADDRESS, of an empty database.")
        return two_workers.measure(self.postgres, self.folder)

    def _networks(self) -> Any:
        if importlib.util.find_spec("torch") is None:
            raise NotHere("PyTorch is not installed, which writes the study's networks.")
        kept = self.out / "networks"
        subprocess.run([sys.executable, "-m", "bench.pace.networks", str(kept)], check=True)
        return json.loads((kept / "networks.json").read_text(encoding="utf-8"))

    def _projection(self) -> Any:
        scans = self.done.get("batch", {}).get("figures")
        if scans is None:
            raise NotHere("It rests on the scans of the section batch.")
        gain = self.done.get("two_workers", {}).get("figures", {}).get("ratio")
        return project(scans["small"], scans["large"], gain)
