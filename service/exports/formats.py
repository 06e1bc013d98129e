"""The one list of export formats: the API, the command and the archive ask it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of a format in the archive of everything: its name, what it is for, its options."""

    name: str
    words: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """What files of a format are called, which options it takes, and how the archive has it."""

    ending: str
    media_type: str
    packed: tuple[Packed, ...]
    options: frozenset[str] = frozenset()


# How each is made is in `service.exports.exporting`, which loads what writes them.
FORMATS: Mapping[str, Format] = {
    "csv": Format(
        "csv",
        "text/csv; charset=utf-8",
        (
            Packed(
                "flakes.csv",
                "table of the flakes, for spreadsheets; stage coordinates x_um, y_um",
            ),
        ),
    ),
    "json": Format(
        "json",
        "application/json",
        (Packed("flakes.json", "the same with outlines, in the fields of the service's API"),),
    ),
    "geojson": Format(
        "geojson",
        "application/geo+json",
        (
            Packed(
                "flakes.geojson",
                "outlines in um of the stage (not degrees), for QGIS or geopandas",
            ),
        ),
    ),
    "coco": Format(
        "coco.json",
        "application/json",
        (
            Packed(
                "coco_rle.json",
                "COCO instances on the tiles' pixels: masks as run lengths, exact",
                {"masks": "rle"},
            ),
            Packed(
                "coco_polygons.json",
                "COCO instances on the tiles' pixels: outer outlines",
                {"masks": "polygons"},
            ),
        ),
        frozenset({"masks"}),
    ),
    "pos": Format(
        "pos",
        "application/json",
        (
            Packed(
                "micro_manager_2.pos",
                "Micro-Manager 2: Multi-D Acquisition, Edit Position List, Load",
                {"version": "2"},
            ),
            Packed("micro_manager_1.4.pos", "the same for Micro-Manager 1.4", {"version": "1.4"}),
        ),
        frozenset({"version", "xy_stage", "z_stage"}),
    ),
    "useq": Format(
        "useq.json",
        "application/json",
        (
            Packed(
                "useq.json",
                "positions for pymmcore-plus: useq.MDASequence.from_file(...)",
                {"encoding": "json"},
            ),
            Packed("useq.yaml", "the same as YAML", {"encoding": "yaml"}),
        ),
        frozenset({"as"}),
    ),
    "nis": Format(
        "xml",
        "application/xml",
        (Packed("nis_points.xml", "points for Nikon NIS-Elements: ND Acquisition, XY, Load"),),
    ),
    "gds": Format(
        "gds",
        "application/octet-stream",
        (
            Packed(
                "flakes.gds",
                "outlines for lithography: layer n = n graphene layers, 0 = unknown",
            ),
        ),
        frozenset({"mark", "mirrored"}),
    ),
    "pdf": Format(
        "pdf",
        "application/pdf",
        (Packed("report.pdf", "chip report: map, table, pictures"),),
    ),
}

# All of them in one file.
ARCHIVE = "zip"
NAMES = (*FORMATS, ARCHIVE)
