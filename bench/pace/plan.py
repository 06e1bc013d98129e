"""Plan: how much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """So much of everything.

    Attributes
    ----------
    repeats : int
        Of each stage on each tile.
    rounds : int
        Of single calls, each beside the same work in this process.
    phase_s : float
        How long so many clients send.
    starts : int
        Of the service, after its first.
    memory_tiles : int
        After which memory is compared with that of a warm service.
    large_tiles : int
        Of 1920x1200 pixels in one scan.
    scans : tiles of each
        Of small tiles, to see what grows faster than their number.
    """

    name: str
    repeats: int
    rounds: int
    phase_s: float
    starts: int
    memory_tiles: int
    large_tiles: int
    scans: tuple[int, ...]


SHORT = Plan("short", 15, 25, 3.0, 5, 250, 50, (500, 2000))
FULL = Plan("full", 51, 200, 12.0, 5, 5000, 300, (500, 2000, 10_000))
