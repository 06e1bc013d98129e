"""Find pairs of neighbouring tiles by their positions, and what their images show of it."""

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor, hypot

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db.blobs import BlobStore
from service.db.tables import Scan, Tile
from service.errors import FlakescopeError
from service.scans.positions import stage_map_of, standing_um
from service.vision.decode import decode
from service.vision.overlap import Look, look_at
from service.vision.stage import Float

# So far apart, in sides of a tile, a neighbour may stand: farther than where tiles abut, as the
# scale may be wrong too.
FARTHEST = 1.6
# Closer ones are the same place taken twice: they tell nothing of directions.
NEAREST = 0.1

Point = tuple[float, float]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Pairs of places, as indices: beside each other along x, and along y."""

    along_x: list[Pair]
    along_y: list[Pair]

    def sample(self, most: int) -> list[Pair]:
        """Sample at most so many pairs, evenly spread, as many of each kind as there are."""
        half = most // 2
        return [
            *_spread(self.along_x, max(half, most - len(self.along_y))),
            *_spread(self.along_y, max(half, most - len(self.along_x))),
        ]


def find_neighbours(places: Sequence[Point], side_um: float) -> Neighbours:
    """Find for each place the nearest one to its right and the nearest above, where there is one.

    Parameters
    ----------
    side_um : float
        The longer side of a tile.
    """
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, (x, y) in enumerate(places):
        cells[floor(x / side_um), floor(y / side_um)].append(index)
    found = Neighbours([], [])
    for index, (x, y) in enumerate(places):
        around = [(other, places[other]) for other in _around(cells, (x, y), side_um)]
        ways = [(other, other_x - x, other_y - y) for other, (other_x, other_y) in around]
        right = _nearest([(along, across, other) for other, along, across in ways], side_um)
        above = _nearest([(along, across, other) for other, across, along in ways], side_um)
        if right is not None:
            found.along_x.append((index, right))
        if above is not None:
            found.along_y.append((index, above))
    return found


def _nearest(ways: list[tuple[float, float, int]], side_um: float) -> int | None:
    """Find the nearest that stands more along than across."""
    near = [
        (hypot(along, across), other)
        for along, across, other in ways
        if NEAREST * side_um <= along <= FARTHEST * side_um and abs(across) <= along
    ]
    return min(near)[1] if near else None


def _around(cells: dict[tuple[int, int], list[int]], place: Point, side_um: float) -> list[int]:
    column, row = floor(place[0] / side_um), floor(place[1] / side_um)
    # The right and the upper neighbour, up to 1.6 sides away.
    return [
        index
        for x in range(column - 1, column + 3)
        for y in range(row - 1, row + 3)
        for index in cells.get((x, y), ())
    ]


def _spread(pairs: list[Pair], most: int) -> list[Pair]:
    if len(pairs) <= most:
        return pairs
    return [pairs[index * len(pairs) // most] for index in range(most)]


# Two rows of a scan of a few hundred tiles: each is read about once. 6 MB each at 1920x1200.
MOST_LOOKS = 32


@dataclass(frozen=True, slots=True)
class PlacedTile:
    """A tile with a position, a scale and a size."""

    tile_id: int
    sha256: str
    place_um: tuple[float, float]
    size_px: tuple[int, int]
    um_per_px: float


@dataclass(frozen=True, slots=True, eq=False)
class PlacedScan:
    """The placed tiles of a scan that are as large as most of them, whatever order they came in.

    Attributes
    ----------
    affine : (2, 2) float64
        From a way in pixels to one in um.
    """

    tiles: list[PlacedTile]
    affine: Float

    @property
    def side_um(self) -> float:
        """The longer side of a tile."""
        first = self.tiles[0]
        return max(first.size_px) * first.um_per_px


def placed_scan(session: Session, scan: Scan, positions: str) -> PlacedScan | None:
    """Read a scan's placed tiles at their 'stated' or 'corrected' positions; None without any."""
    query = select(Tile).where(
        Tile.scan_id == scan.id,
        Tile.stage_x_um.is_not(None),
        Tile.um_per_px.is_not(None),
        Tile.width_px.is_not(None),
        Tile.sha256 != "",
    )
    tiles = list(session.scalars(query.order_by(Tile.position_key)))
    kinds: dict[tuple[int | None, int | None, float | None], list[Tile]] = {}
    for tile in tiles:
        kinds.setdefault((tile.width_px, tile.height_px, tile.um_per_px), []).append(tile)
    if not kinds:
        return None
    alike = max(kinds.values(), key=len)
    stage = stage_map_of(scan, alike[0])
    if stage is None:
        return None
    return PlacedScan([_placed(tile, positions) for tile in alike], stage.affine[:, :2])


def _placed(tile: Tile, positions: str) -> PlacedTile:
    return PlacedTile(
        tile_id=tile.id,
        sha256=tile.sha256,
        place_um=standing_um(tile, positions) or (0.0, 0.0),
        size_px=(tile.width_px or 0, tile.height_px or 0),
        um_per_px=tile.um_per_px or 1.0,
    )


@dataclass(frozen=True, slots=True)
class Looks:
    """Cache of what tiles show of their places; the last ones are kept."""

    blobs: BlobStore
    _kept: OrderedDict[str, Look | None] = field(default_factory=OrderedDict)

    def of(self, tile: PlacedTile) -> Look | None:
        """Read what a tile shows, from the cache if kept; None where its image cannot be read."""
        if tile.sha256 not in self._kept:
            if len(self._kept) >= MOST_LOOKS:
                self._kept.popitem(last=False)
            self._kept[tile.sha256] = self._look(tile.sha256)
        self._kept.move_to_end(tile.sha256)
        return self._kept[tile.sha256]

    def _look(self, sha256: str) -> Look | None:
        try:
            return look_at(decode(self.blobs.get(sha256)).pixels)
        except FlakescopeError:
            # Its own state tells why.
            return None
