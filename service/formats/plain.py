"""Images without any positions."""

from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing


def read_plain(listing: Listing) -> FolderScan | None:
    """Every image as a tile that is known by its name alone, in natural order."""
    return FolderScan(
        format="images without positions",
        tiles=[FolderTile(path=listing.path(name)) for name in listing.images],
    )
