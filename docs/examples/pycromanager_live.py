"""pycromanager: an image hook that sends every image of an acquisition to Flakescope.

    python pycromanager_live.py

Needs Micro-Manager running with its server switched on, and `pip install pycromanager flakescope`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flakescope.client import Client, Scan

Image = Any
Hook = Callable[[Image, Mapping[str, Any]], tuple[Image, Mapping[str, Any]]]


def hook_for(scan: Scan) -> Hook:
    """What `Acquisition(image_process_fn=...)` takes: sends an image and hands it on."""

    def send(image: Image, metadata: Mapping[str, Any]) -> tuple[Image, Mapping[str, Any]]:
        # Where the stage was; where it was not read, where it was sent.
        x_um = metadata.get("XPositionUm", metadata.get("XPosition_um_Intended"))
        y_um = metadata.get("YPositionUm", metadata.get("YPosition_um_Intended"))
        axes = metadata.get("Axes", {})
        name = ", ".join(f"{axis} {value}" for axis, value in axes.items()) or None
        scan.send(image, x_um=x_um, y_um=y_um, name=name)
        return image, metadata

    return send


def main() -> None:
    """Scan a square of 5 x 5 fields of 200 um."""
    from pycromanager import (  # noqa: PLC0415 - the hook itself needs no Micro-Manager
        Acquisition,
        multi_d_acquisition_events,
    )

    places = [[200.0 * col, 200.0 * row] for row in range(5) for col in range(5)]
    with Client() as client, client.scan("chip 12", um_per_px=0.3844, oxide_nm=90) as scan:
        with Acquisition(directory=None, name="chip 12", image_process_fn=hook_for(scan)) as run:
            run.acquire(multi_d_acquisition_events(xy_positions=places))
        for result in scan.results():
            print(result.name, result.error or f"{len(result.flakes)} candidates")


if __name__ == "__main__":
    main()
