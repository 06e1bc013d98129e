"""Cut a chip into the overlapping tiles that a motorised stage would bring."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.render.chip import Chip
from service.render.paint import paint
from service.render.photograph import Optics, Pixels, photograph
from service.render.truth import TrueFlake, Window, find_flakes


@dataclass(frozen=True, slots=True)
class Grid:
    """Grid of a scan's tiles on the stage.

    Attributes
    ----------
    overlap : float
        Part of a tile that the next one shows again.
    corner_um : (x, y)
        Stage position of the chip's corner (0, 0). x grows right and y down, as on the image.
    """

    rows: int = 3
    columns: int = 3
    overlap: float = 0.1
    corner_um: tuple[float, float] = (0.0, 0.0)

    def size_um(self, optics: Optics) -> tuple[float, float]:
        """Width and height of a chip that the grid covers exactly."""
        width, height = optics.width_px * optics.um_per_px, optics.height_px * optics.um_per_px
        step = 1 - self.overlap
        return width * (1 + (self.columns - 1) * step), height * (1 + (self.rows - 1) * step)


@dataclass(frozen=True, slots=True, eq=False)
class RenderedTile:
    """A tile with its known answer.

    Attributes
    ----------
    stage_um : (x, y)
        Stage position of the tile's centre.
    pixels : (height, width, 3) uint8 or uint16
        R, G, B.
    instances, layers : (height, width) uint16
        Number of the graphene flake, and layers of carbon of whatever it is, at each pixel.
    flakes : list of TrueFlake
        What of the flakes lies on this tile, in stage coordinates.
    """

    row: int
    column: int
    stage_um: tuple[float, float]
    um_per_px: float
    pixels: Pixels
    instances: NDArray[np.uint16]
    layers: NDArray[np.uint16]
    flakes: list[TrueFlake]

    @property
    def name(self) -> str:
        """File name."""
        return f"tile_r{self.row:03d}_c{self.column:03d}.png"


def cut_scan(chip: Chip, optics: Optics, grid: Grid, rng: Generator) -> Iterator[RenderedTile]:
    """Tiles of a scan, row by row, each under the same light field."""
    width, height = optics.width_px * optics.um_per_px, optics.height_px * optics.um_per_px
    step = 1 - grid.overlap
    for row in range(grid.rows):
        for column in range(grid.columns):
            corner = (column * width * step, row * height * step)
            yield replace(
                render_tile(chip, optics, corner, rng, grid.corner_um), row=row, column=column
            )


def render_tile(
    chip: Chip,
    optics: Optics,
    corner_um: tuple[float, float],
    rng: Generator,
    stage_um: tuple[float, float] = (0.0, 0.0),
) -> RenderedTile:
    """Render a tile with its top left corner at `corner_um` of a chip that lies at `stage_um`."""
    size = optics.width_px, optics.height_px
    window = Window(*corner_um, optics.um_per_px, *size)
    painting = paint(chip, window, optics.camera)
    on_stage = replace(
        window, left_um=window.left_um + stage_um[0], top_um=window.top_um + stage_um[1]
    )
    x, y = on_stage.to_um(np.array([[size[0] / 2, size[1] / 2]]))[0].tolist()
    return RenderedTile(
        row=0,
        column=0,
        stage_um=(x, y),
        um_per_px=optics.um_per_px,
        pixels=photograph(painting.reflectance, painting.bare_rgb, optics, rng),
        instances=painting.instances,
        layers=painting.layers,
        flakes=find_flakes(painting.instances, painting.layers, on_stage),
    )


def stage_flakes(chip: Chip, grid: Grid) -> list[TrueFlake]:
    """Convert the chip's flakes to stage coordinates."""
    x, y = grid.corner_um
    return [
        replace(
            flake,
            centre_um=(flake.centre_um[0] + x, flake.centre_um[1] + y),
            polygon_um=flake.polygon_um + (x, y),
        )
        for flake in chip.flakes
    ]
