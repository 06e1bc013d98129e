"""Placement: whether a scan's images lie as its positions and its orientation say."""

import numpy as np

from service.checks import found
from service.db.tables import Scan
from service.placement.neighbours import Looks, Pair, PlacedScan, find_neighbours, placed_scan
from service.placement.orientation import FLIPS, TURNS, Better, Pairs, judge
from service.placement.schemas import BetterPlacement, Placement
from service.scans.tiles import Stores
from service.vision.overlap import find_shift

# Two images are read and compared for each: some 0.2 s, so that a scan's end waits some seconds.
MOST_PAIRS = 40


# Of a scan of which no two tiles can be compared.
_NOTHING = Placement(
    positions="stated",
    verdict="unknown",
    compared=0,
    measured=0,
    share=None,
    offset_um=None,
    offset_px=None,
    better=None,
    warning=None,
)


def scan_placement(stores: Stores, scan_id: int) -> Placement:
    """Compare a sample of a scan's neighbouring images with their positions; raises `NotFound`."""
    with stores.sessions() as session:
        scan = found(session.get(Scan, scan_id), f"scan {scan_id}")
        positions = scan.positions
        placed = placed_scan(session, scan, positions)
        six = scan.affine
    if placed is None:
        return _NOTHING.model_copy(update={"positions": positions})
    pairs = find_neighbours([tile.place_um for tile in placed.tiles], placed.side_um)
    sample = pairs.sample(MOST_PAIRS)
    seen = measure_pairs(stores, placed, sample)
    agreement = judge(seen, placed.affine, len(sample))
    um_per_px = placed.tiles[0].um_per_px
    better = None if agreement.better is None else _better(agreement.better, um_per_px, six)
    offset_um = agreement.offset_um
    warning = None
    if agreement.verdict == "contradict" and offset_um is not None:
        warning = _warning(offset_um, um_per_px, better)
    return Placement(
        positions="corrected" if positions == "corrected" else "stated",
        verdict=agreement.verdict,
        compared=len(sample),
        measured=agreement.measured,
        share=agreement.share,
        offset_um=offset_um,
        offset_px=None if offset_um is None else offset_um / um_per_px,
        better=better,
        warning=warning,
    )


def measure_pairs(stores: Stores, placed: PlacedScan, pairs: list[Pair]) -> Pairs:
    """Ways by position and shifts by image, of those pairs whose images show their place."""
    looks = Looks(stores.blobs)
    ways, shifts = [], []
    for first, second in pairs:
        one, other = placed.tiles[first], placed.tiles[second]
        look, others = looks.of(one), looks.of(other)
        shift = None if look is None or others is None else find_shift(look, others)
        if shift is not None:
            ways.append(np.subtract(other.place_um, one.place_um))
            shifts.append((shift.x_px, shift.y_px))
    return Pairs(np.array(ways).reshape(-1, 2), np.array(shifts, np.float64).reshape(-1, 2))


def _better(better: Better, um_per_px: float, six: list[float] | None) -> BetterPlacement:
    scaled = um_per_px * better.scale
    if six is not None:
        (m00, m01), (m10, m11) = better.affine.tolist()
        affine = (m00, m01, six[2], m10, m11, six[5])
        return BetterPlacement(
            flip_x=False,
            flip_y=False,
            swap_xy=False,
            um_per_px=scaled,
            affine=affine,
            share=better.share,
        )
    unit = np.rint(better.affine / scaled)
    (flip_x, flip_y, swap_xy), _ = next(
        one for one in zip(FLIPS, TURNS, strict=True) if (one[1] == unit).all()
    )
    return BetterPlacement(
        flip_x=flip_x,
        flip_y=flip_y,
        swap_xy=swap_xy,
        um_per_px=scaled,
        affine=None,
        share=better.share,
    )


def _warning(offset_um: float, um_per_px: float, better: BetterPlacement | None) -> str:
    said = (
        "The images contradict the positions: neighbours lie "
        f"{offset_um:.1f} um ({offset_um / um_per_px:.0f} px) off in the median"
    )
    if better is None:
        return f"{said}, and no orientation or scale makes them agree."
    if better.affine is not None:
        way = "affine " + ", ".join(f"{number:.5g}" for number in better.affine)
    else:
        turns = (
            ("x mirrored", better.flip_x),
            ("y mirrored", better.flip_y),
            ("x and y swapped", better.swap_xy),
        )
        way = " and ".join(words for words, on in turns if on) or "nothing mirrored"
    if abs(better.um_per_px / um_per_px - 1) > 1e-6:
        way += f", um_per_px={better.um_per_px:.4g}"
    return f"{said}; with {way} {better.share:.0%} of them would agree."
