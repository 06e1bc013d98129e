"""Results of screening files: a table to read, JSON and CSV to go on with."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from service.cli.screen_files import ScreenedFile
from service.processes.setup import Unusable
from service.scans.tile_schemas import Flake

COLUMNS = (
    "is_graphene",
    "p_graphene",
    "layers",
    "layers_source",
    "area_px",
    "area_um2",
    "touches_border",
    "model_version",
)


def table_of(screened: Iterable[ScreenedFile]) -> Table:
    """Build a table of the graphene flakes, one a row."""
    table = Table("file", "flake", "layers", "p", "area", "centre px")
    for file in screened:
        for number, flake in enumerate(file.flakes, 1):
            if flake.is_graphene:
                table.add_row(escape(str(file.relative)), str(number), *_cells(flake))
    return table


def _cells(flake: Flake) -> tuple[str, str, str, str]:
    x, y = flake.centre_px
    area = f"{flake.area_px} px" if flake.area_um2 is None else f"{flake.area_um2:.1f} um2"
    layers = "?" if flake.layers is None else str(flake.layers)
    return layers, f"{flake.p_graphene:.3f}", area, f"{x:.1f}, {y:.1f}"


@dataclass(frozen=True, slots=True)
class Reports:
    """Files that are asked for; None = not asked for."""

    json: Path | None
    csv: Path | None

    def make_folders(self) -> None:
        """Make the folders of the files; raises `Unusable` where that fails."""
        for path in (self.json, self.csv):
            if path is not None:
                _make_folder(path.parent)

    def write(self, screened: Sequence[ScreenedFile], model_version: str) -> None:
        """Write the files that are asked for."""
        if self.json is not None:
            write_json(screened, model_version, self.json)
        if self.csv is not None:
            write_csv(screened, self.csv)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(f"The folder {folder} cannot be made: {error.strerror}.") from error


def write_json(screened: Sequence[ScreenedFile], model_version: str, path: Path) -> None:
    """Write one JSON object a file: its size, every flake as the API gives it, or its error."""
    content = [
        {
            "file": str(file.path),
            "width_px": file.width_px,
            "height_px": file.height_px,
            "model_version": model_version,
            "flakes": [flake.model_dump(mode="json") for flake in file.flakes],
            "candidates": len(file.flakes),
            "light": None if file.light is None else asdict(file.light),
        }
        | ({"error": file.error} if file.error else {})
        for file in screened
    ]
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def write_csv(screened: Sequence[ScreenedFile], path: Path) -> None:
    """Write one CSV row a flake, graphene or not; unknown is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "flake", *COLUMNS, "centre_x_px", "centre_y_px"])
        for one in screened:
            for number, flake in enumerate(one.flakes, 1):
                cells = [getattr(flake, column) for column in COLUMNS]
                rows.writerow([one.path, number, *cells, *flake.centre_px])
