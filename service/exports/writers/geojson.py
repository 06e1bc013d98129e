"""GeoJSON (RFC 7946) in micrometres of the stage: for QGIS, geopandas, shapely.

The standard means degrees; a program that reads the plane as it is shows the chip to scale.
"""

from collections.abc import Iterable, Iterator

from service.exports.writers.json import Json, pieces_of, scan_json, um, verdict_json
from service.exports.writers.rows import ExportedFlake, ExportedScan, Points

AXES: Json = {
    "units": "um",
    "axes": ["stage x", "stage y"],
    "note": "Coordinates are micrometres of the microscope's stage, as its controller counts them; "
    "they are neither longitude and latitude nor flipped. Rings turn from +x to +y.",
}


def flakes_geojson(scan: ExportedScan, flakes: Iterable[ExportedFlake]) -> Iterator[bytes]:
    """Write a FeatureCollection; flakes without a position are left out and counted at its end."""
    unplaced: list[int] = []

    def features() -> Iterator[Json]:
        for flake in flakes:
            if flake.polygon_um is None or flake.centre_um is None:
                unplaced.append(flake.id)
                continue
            yield _feature(flake, flake.polygon_um, flake.centre_um)

    return pieces_of(
        {
            "type": "FeatureCollection",
            "coordinate_system": AXES,
            "scan": scan_json(scan),
            "features": features(),
            "left_out": lambda: len(unplaced),
        }
    )


def _feature(flake: ExportedFlake, outline: Points, centre_um: tuple[float, float]) -> Json:
    return {
        "type": "Feature",
        "id": flake.id,
        "geometry": {"type": "Polygon", "coordinates": [_ring(outline)]},
        "properties": {
            "label": flake.label,
            "centre_um": [um(one) for one in centre_um],
            **verdict_json(flake),
        },
    }


def _ring(points: Points) -> Points:
    """Close a ring, counterclockwise in a plane whose y goes up, as RFC 7946 asks for."""
    ring = [[um(x), um(y)] for x, y in points]
    if _twice_area(ring) < 0:
        ring.reverse()
    return [*ring, ring[0]]


def _twice_area(ring: Points) -> float:
    """Compute twice the area (shoelace formula): positive where the ring turns counterclockwise."""
    following = [*ring[1:], ring[0]]
    return sum(
        x * next_y - next_x * y for (x, y), (next_x, next_y) in zip(ring, following, strict=True)
    )
