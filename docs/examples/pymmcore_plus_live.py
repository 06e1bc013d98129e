"""pymmcore-plus: every frame of an acquisition goes to Flakescope while the microscope scans.

    python pymmcore_plus_live.py MMConfig.cfg

Needs `pip install pymmcore-plus flakescope`. Set the grid, the channel and the pixel size below.
"""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import useq

from flakescope.client import Client, Scan, TileResult


class SendTiles:
    """A data handler: `mmc.run_mda(sequence, output=SendTiles(scan))`.

    Or on the acquisition's own thread: `mmc.mda.events.frameReady.connect(handler.frameReady)`;
    the signal does not keep the handler alive, so hold it in a variable.
    """

    def __init__(self, scan: Scan) -> None:
        self._scan = scan

    def frameReady(  # noqa: N802 - pymmcore-plus calls it so
        self, image: np.ndarray, event: useq.MDAEvent, meta: Mapping[str, Any]
    ) -> None:
        """Send one frame; takes about a millisecond."""
        # Where the stage says it is; where it was not asked, where it was sent.
        position = meta.get("position") or {}
        x_um, y_um = position.get("x", event.x_pos), position.get("y", event.y_pos)
        z_um = position.get("z", event.z_pos)
        number = event.index.get("g", event.index.get("p", 0))
        self._scan.send(image, x_um=x_um, y_um=y_um, z_um=z_um, name=f"tile {number}")


def acquire(mmc: Any, sequence: useq.MDASequence, scan: Scan) -> list[TileResult]:
    """Run an acquisition and give what was found on each frame."""
    mmc.mda.run(sequence, output=SendTiles(scan))
    return list(scan.results())


def main(configuration: str) -> None:
    """Scan 10 x 10 fields around where the stage stands."""
    from pymmcore_plus import CMMCorePlus  # noqa: PLC0415 - the classes above need no microscope

    mmc = CMMCorePlus.instance()
    mmc.loadSystemConfiguration(configuration)
    um_per_px = mmc.getPixelSizeUm()
    sequence = useq.MDASequence(
        stage_positions=[mmc.getXYPosition()],
        grid_plan=useq.GridRowsColumns(
            rows=10,
            columns=10,
            overlap=10,
            fov_width=mmc.getImageWidth() * um_per_px,
            fov_height=mmc.getImageHeight() * um_per_px,
        ),
        channels=["Brightfield"],
    )
    with Client() as client, client.scan("chip 12", um_per_px=um_per_px, oxide_nm=90) as scan:
        for result in acquire(mmc, sequence, scan):
            print(result.name, result.error or f"{len(result.flakes)} candidates")
        for flake in scan.flakes(graphene=True, limit=20):
            print(flake.id, flake.layers, flake.area_um2, flake.centre_um)


if __name__ == "__main__":
    main(sys.argv[1])
