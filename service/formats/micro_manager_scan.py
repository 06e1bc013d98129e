"""A scan from Micro-Manager's entries: one tile a position, orientation from the affine."""

from collections.abc import Sequence

from service.formats.folder_scan import FolderScan
from service.formats.micro_manager_entry import Entry
from service.formats.orientation import orientation_of
from service.formats.planes import one_per_position

# A stage that was sent somewhere arrives within this; more, and list and images do not belong
# together, or the stage was moved by hand.
_ARRIVED_UM = 5.0


def scan_of_entries(
    words: str,
    entries: Sequence[Entry],
    notes: list[str],
    side_files: tuple[str, ...] = (),
    accounted: frozenset[str] = frozenset(),
) -> FolderScan:
    """The scan; what the images say of themselves wins over the acquisition's list."""
    tiles = one_per_position([entry.plane for entry in entries], notes)
    off_um = max((entry.off_um for entry in entries), default=0.0)
    if off_um > _ARRIVED_UM:
        notes.append(
            f"Images lie up to {off_um:.1f} um from where the list of positions sent the stage; "
            "the positions of the images are used."
        )
    scales = {tile.um_per_px for tile in tiles}
    um_per_px = scales.pop() if len(scales) == 1 else None
    orientation = orientation_of((entry.affine for entry in entries), um_per_px, notes)
    return FolderScan(
        format=words,
        tiles=tiles,
        um_per_px=um_per_px if um_per_px is not None else orientation.um_per_px,
        affine=orientation.affine,
        flip_x=orientation.flip_x,
        flip_y=orientation.flip_y,
        swap_xy=orientation.swap_xy,
        orientation_stated=orientation.is_stated,
        notes=notes,
        side_files=side_files,
        accounted=accounted,
    )
