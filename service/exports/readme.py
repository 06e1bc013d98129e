"""README.txt of the archive that holds every format."""

from collections.abc import Sequence

from service.exports.rows import ExportedScan

_WHAT = (
    ("flakes.csv", "table of the flakes, for spreadsheets; stage coordinates x_um, y_um"),
    ("flakes.json", "the same with outlines, in the fields of the service's API"),
    ("flakes.geojson", "outlines in um of the stage (not degrees), for QGIS or geopandas"),
    ("coco_rle.json", "COCO instances on the tiles' pixels: masks as run lengths, exact"),
    ("coco_polygons.json", "COCO instances on the tiles' pixels: outer outlines"),
    ("micro_manager_2.pos", "Micro-Manager 2: Multi-D Acquisition, Edit Position List, Load"),
    ("micro_manager_1.4.pos", "the same for Micro-Manager 1.4"),
    ("useq.json", "positions for pymmcore-plus: useq.MDASequence.from_file(...)"),
    ("useq.yaml", "the same as YAML"),
    ("nis_points.xml", "points for Nikon NIS-Elements: ND Acquisition, XY, Load"),
    ("flakes.gds", "outlines for lithography: layer n = n graphene layers, 0 = unknown"),
    ("report.pdf", "chip report: map, table, pictures"),
    ("tiles.csv", "where each tile was taken"),
    ("crops/", "a picture of each flake, named by its label"),
)


def readme(scan: ExportedScan, missing: Sequence[tuple[str, str]], notes: Sequence[str]) -> bytes:
    """What the archive holds, and why some files are not in it.

    Parameters
    ----------
    missing : sequence of (file, reason)
    """
    absent = {name for name, _ in missing}
    lines = [
        f"Scan {scan.id}: {scan.name}",
        f"Exported {scan.exported_at:%Y-%m-%d %H:%M} UTC by Flakescope.",
        f"Flakes: {scan.criteria}",
        "",
        "Every file calls a flake by the same label, flake- and its number in the service.",
        "um are micrometres of the microscope's stage as its controller counts them; px are",
        "pixels of the tile, origin top left, x right, y down.",
        "",
        *(f"{name:<24}{what}" for name, what in _WHAT if name not in absent),
    ]
    if missing:
        lines += ["", "Not in here:"]
        lines += [f"{name:<24}{reason}" for name, reason in missing]
    if notes:
        lines += ["", *notes]
    # Windows' editor shows lines by both characters.
    return "\r\n".join([*lines, ""]).encode()
