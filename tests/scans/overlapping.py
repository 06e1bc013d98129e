"""Overlapping tiles of a drawn chip, and the flakes that a scan of them holds."""

from itertools import product

from service.db.queries.flakes import FlakeFilter
from service.flakes.flakes import list_flakes
from service.scans.scans import create_scan
from service.scans.tiles import add_tile

# 3 x 3 tiles of 400 x 300 px that overlap by 60 and 40 px.
CORNERS = list(product((0, 340, 680), (0, 260, 520)))


OBJECTS = (
    (1, "ellipse", (150, 120, 40, 30)),  # whole on one tile
    (3, "ellipse", (370, 130, 20, 25)),  # whole in the overlap of two
    (5, "ellipse", (370, 280, 18, 14)),  # whole in the corner of four
    (7, "ellipse", (420, 400, 60, 30)),  # whole on one, cut on its neighbour
    (9, "ellipse", (540, 660, 260, 40)),  # on three, whole on none
    (11, "ring", (800, 180, 110, 80)),  # a ring around another, cut into pieces
    (2, "ellipse", (800, 180, 60, 40)),
    (4, "box", (690, 420, 20, 30)),  # neighbours 3 px apart, both in the overlap
    (6, "box", (716, 420, 2, 30)),
    (13, "box", (20, 500, 20, 40)),  # goes on beyond the scan
)


def seen(stores, scan_id):
    """What the scan holds, without ids."""
    page = list_flakes(stores.sessions, FlakeFilter(scan_id=scan_id), sort="id", limit=1000)
    free = (flake.model_copy(update={"id": 0, "scan_id": 0, "tile_id": 0}) for flake in page.items)
    return sorted(free, key=lambda flake: flake.p_graphene)


def put(stores, chip, corners):
    scan_id = create_scan(stores.sessions, chip.new_scan()).id
    for corner in corners:
        add_tile(stores, scan_id, chip.tile(*corner), screen=chip.screen)
    return scan_id
