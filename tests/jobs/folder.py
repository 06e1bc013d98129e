"""A folder of tiles of a drawn chip, read without a single file."""

from dataclasses import dataclass, field
from pathlib import Path

from service.errors import FlakescopeError
from service.formats.folder_scan import FolderScan, FolderTile
from tests.scans.chip import UM_PER_PX, Chip


@dataclass(frozen=True)
class ChipFolder:
    """Tiles at some corners of a chip; `broken` ones cannot be read."""

    chip: Chip
    corners: list[tuple[int, int]]
    size: tuple[int, int] = (400, 300)
    broken: dict[str, Exception] = field(default_factory=dict)

    def read_folder(self, folder: Path) -> FolderScan:
        tiles = []
        for x, y in self.corners:
            tile = self.chip.tile(x, y, self.size)
            place = {"row": tile.row, "col": tile.col}
            place |= {"stage_x_um": tile.stage_x_um, "stage_y_um": tile.stage_y_um}
            tiles.append(FolderTile(path=folder / f"{x}_{y}.png", name=f"{x}_{y}.png", **place))
        return FolderScan(
            format="a drawn chip", tiles=tiles, um_per_px=UM_PER_PX, notes=["drawn, not taken"]
        )

    def tile_bytes(self, tile: FolderTile) -> bytes:
        if tile.name in self.broken:
            raise self.broken[tile.name]
        x, y = (int(part) for part in tile.path.stem.split("_"))
        return self.chip.tile(x, y, self.size).image


class Damaged(FlakescopeError):
    """A file that cannot be read."""
