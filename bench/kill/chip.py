"""A scan of any number of small overlapping tiles, as a zip with a table of positions."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

UM_PER_PX = 0.5
WIDTH_PX, HEIGHT_PX = 400, 300
STEP_X_PX, STEP_Y_PX = 340, 260

# Bare 90 nm oxide, and how layers of graphene change it (R, G, B; measured for the first).
SUBSTRATE_RGB = np.array((120, 105, 112))
LAYER_RGB = np.array((-0.137, -0.140, -0.071))

# A flake in each cell of this size, so that many lie on two tiles or on four.
CELL_PX = 190


@dataclass(frozen=True, slots=True)
class DrawnScan:
    """So many tiles, row by row, as near to a square as they go."""

    tiles: int
    seed: int = 1

    def write(self, path: Path) -> None:
        """Write the zip; the same one each time."""
        table = io.StringIO()
        rows = csv.writer(table)
        rows.writerow(["file", "row", "col", "stage_x_um", "stage_y_um"])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for row, column in self._places():
                name = f"r{row:03}_c{column:03}.png"
                x_px, y_px = column * STEP_X_PX, row * STEP_Y_PX
                centre_px = x_px + WIDTH_PX / 2, y_px + HEIGHT_PX / 2
                rows.writerow([name, row, column, *(UM_PER_PX * px for px in centre_px)])
                picture = self.draw(x_px, y_px)
                archive.writestr(name, cv2.imencode(".png", picture[..., ::-1])[1].tobytes())
            archive.writestr("positions.csv", table.getvalue())

    def draw(self, x_px: int, y_px: int) -> NDArray[np.uint8]:
        """(300, 400, 3) uint8 RGB: what the camera sees at a place of the chip, in pixels."""
        picture = np.ones((HEIGHT_PX, WIDTH_PX, 3)) * SUBSTRATE_RGB
        for cell_y in range(y_px // CELL_PX - 1, (y_px + HEIGHT_PX) // CELL_PX + 2):
            for cell_x in range(x_px // CELL_PX - 1, (x_px + WIDTH_PX) // CELL_PX + 2):
                self._draw_flake(picture, (cell_x, cell_y), (x_px, y_px))
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.float64)
        noise = np.random.default_rng((self.seed, x_px, y_px)).normal(0, 1.2, picture.shape)
        return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)

    def _draw_flake(
        self, picture: NDArray[np.float64], cell: tuple[int, int], corner_px: tuple[int, int]
    ) -> None:
        rng = np.random.default_rng((self.seed, cell[0] + 2, cell[1] + 2, 7))
        layers = int(rng.integers(1, 6))
        at = (np.array(cell) + rng.uniform(0.2, 0.8, 2)) * CELL_PX - corner_px
        axes = rng.uniform(12, 45, 2)
        mask = np.zeros(picture.shape[:2], np.uint8)
        centre = (round(float(at[0])), round(float(at[1])))
        size = (round(float(axes[0])), round(float(axes[1])))
        cv2.ellipse(mask, centre, size, float(rng.uniform(0, 180)), 0, 360, 1, -1)
        picture[mask > 0] = SUBSTRATE_RGB * (1 + LAYER_RGB * layers)

    def _places(self) -> Iterator[tuple[int, int]]:
        columns = max(1, round(self.tiles**0.5))
        return (divmod(number, columns) for number in range(self.tiles))
