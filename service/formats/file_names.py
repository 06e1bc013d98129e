"""Images whose names state row and column, and nothing else is known."""

from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.grid_names import grids_of
from service.formats.listing import Listing


def read_file_names(listing: Listing) -> FolderScan | None:
    """Tiles with row and column from their names; None where the names follow no pattern."""
    found = grids_of(listing.images)
    if found is None:
        return None
    grids, words = found
    places = [(None, None) if grid is None else grid for grid in grids]
    unknown = grids.count(None)
    return FolderScan(
        format=f"images with row and column in their names ({words})",
        tiles=[
            FolderTile(path=listing.path(name), row=row, col=col)
            for name, (row, col) in zip(listing.images, places, strict=True)
        ],
        notes=[f"{unknown:,} names state no row and column."] if unknown else [],
    )
