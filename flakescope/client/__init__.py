"""Send tiles to a Flakescope service while a microscope scans; needs httpx, and numpy for arrays.

Imports nothing of the service: the folder can be copied to an acquisition computer as it is.
"""

from flakescope.client.client import Client
from flakescope.client.errors import ClientError, Refused, Unreachable, Unsent
from flakescope.client.results import Flake, NextFlake, Revisit, ScanStatus, Tile, TileResult
from flakescope.client.scan import Scan

__all__ = [
    "Client",
    "ClientError",
    "Flake",
    "NextFlake",
    "Refused",
    "Revisit",
    "Scan",
    "ScanStatus",
    "Tile",
    "TileResult",
    "Unreachable",
    "Unsent",
]
