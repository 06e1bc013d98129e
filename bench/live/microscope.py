"""A microscope of pymmcore-plus without hardware: Python devices, its real core, engine and runner.

The demo configuration needs an installation of Micro-Manager; `UniMMCore` runs the same
acquisitions with devices written in Python.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import useq
from numpy.typing import DTypeLike, NDArray
from pymmcore_plus.experimental.unicore import SimpleCameraDevice, UniMMCore, XYStageDevice

UM_PER_PX = 0.5
# Bare 90 nm oxide, and what a layer of graphene makes of it (R, G, B).
_SUBSTRATE_RGB = (120.0, 105.0, 112.0)
_MONOLAYER_RGB = (-0.137, -0.140, -0.071)


class Stage(XYStageDevice):
    """A stage that is at once where it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.place_um = (0.0, 0.0)

    def set_position_um(self, x: float, y: float) -> None:
        """Go there."""
        self.place_um = (x, y)

    def get_position_um(self) -> tuple[float, float]:
        """Where it is."""
        return self.place_um

    def set_origin_x(self) -> None:
        """Only where it is sent counts here."""

    def set_origin_y(self) -> None:
        """Only where it is sent counts here."""

    def home(self) -> None:
        """Go to the origin."""
        self.place_um = (0.0, 0.0)

    def stop(self) -> None:
        """It never moves for long."""


class Camera(SimpleCameraDevice):
    """Photographs a chip with one monolayer on every field; no two fields are alike."""

    def __init__(self, stage: Stage, size_px: tuple[int, int] = (400, 300)) -> None:
        super().__init__()
        self._stage = stage
        self._size_px = size_px
        self._exposure_ms = 10.0
        self._noise = np.random.default_rng(1).normal(0, 1.2, (*size_px[::-1], 3))

    def get_exposure(self) -> float:
        """In ms."""
        return self._exposure_ms

    def set_exposure(self, exposure: float) -> None:
        """In ms."""
        self._exposure_ms = exposure

    def sensor_shape(self) -> tuple[int, int, int]:
        """Height, width, colours."""
        width, height = self._size_px
        return (height, width, 3)

    def dtype(self) -> DTypeLike:
        """8 bit."""
        return np.uint8

    def snap(self, buffer: NDArray[Any]) -> Mapping[str, Any]:
        """Take a frame."""
        buffer[:] = self._photograph()
        return {}

    def _photograph(self) -> NDArray[np.uint8]:
        x_um, y_um = self._stage.place_um
        # The place decides where the noise begins: fields differ, and the same field is the same.
        shift = int(abs(x_um) + 7 * abs(y_um)) % self._size_px[1]
        picture = np.roll(self._noise, shift, axis=0) + _SUBSTRATE_RGB
        left, top = 40 + shift % 100, 60 + shift % 50
        picture[top : top + 50, left : left + 60] *= 1 + np.array(_MONOLAYER_RGB)
        return np.clip(picture, 0, 255).astype(np.uint8)


def build_microscope(size_px: tuple[int, int] = (400, 300)) -> UniMMCore:
    """A core with a camera and a stage."""
    core = UniMMCore()
    stage = Stage()
    core.loadPyDevice("Stage", stage)
    core.loadPyDevice("Camera", Camera(stage, size_px))
    core.initializeDevice("Stage")
    core.initializeDevice("Camera")
    core.setXYStageDevice("Stage")
    core.setCameraDevice("Camera")
    core.setAutoShutter(False)  # there is none
    return core


def fields(count: int, columns: int = 20, interval_s: float = 0.0) -> list[useq.MDAEvent]:
    """Events of a scan, row by row, one every `interval_s`."""
    return [
        useq.MDAEvent.model_validate(
            {
                "index": {"g": number},
                "x_pos": 1000.0 + 180.0 * (number % columns),
                "y_pos": -50.0 - 130.0 * (number // columns),
                "min_start_time": number * interval_s,
            }
        )
        for number in range(count)
    ]
