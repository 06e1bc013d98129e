"""The formats that are read: one ordered table that listing, errors and the documents ask."""

from collections.abc import Callable
from dataclasses import dataclass

from service.formats.folder_scan import FolderScan, FolderTile
from service.formats.listing import Listing
from service.formats.readers.file_names import read_file_names, read_plain
from service.formats.readers.keyence import read_keyence
from service.formats.readers.leica import read_leica
from service.formats.readers.leica_lif import read_leica_lif, read_lif_frame
from service.formats.readers.metamorph import read_metamorph
from service.formats.readers.micro_manager import read_micro_manager, read_micro_manager_tiff
from service.formats.readers.motor_positions import read_motor_positions
from service.formats.readers.nikon import read_nikon, read_nikon_frame
from service.formats.readers.ome_tiff import read_ome_tiff
from service.formats.readers.ome_zarr import read_ome_zarr, read_zarr_image
from service.formats.readers.position_table import read_position_table
from service.formats.readers.sharpelab import read_sharpelab
from service.formats.readers.tile_configuration import read_tile_configuration
from service.formats.readers.useq import read_useq
from service.formats.readers.zeiss import read_zeiss, read_zeiss_block
from service.formats.tiff import Pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A format of scans.

    Attributes
    ----------
    name : str
        As it is shown to people.
    recognised_by : tuple of str
        Endings of the names of the files that describe the scan; "" where images do themselves.
    read : callable
        Describes a folder's tiles; None where the folder is of another format.
    reads : str
        What is taken from it, in words.
    library : str
        What it is read with; "" where nothing beyond the service's own code and tifffile is needed.
    container : str
        The suffix of files that hold several tiles; "" where every tile is an image file.
    pixels : callable or None
        Pixels of a tile of such a file, and how many there may be at most.
    """

    name: str
    recognised_by: tuple[str, ...]
    read: Callable[[Listing], FolderScan | None]
    reads: str
    library: str = ""
    container: str = ""
    pixels: Callable[[FolderTile, int], Pixels] | None = None


# Files beside the images come first: they are read without opening a single image.
READERS: tuple[Reader, ...] = (
    Reader(
        name="Micro-Manager 1.4 and 2, an image a file",
        recognised_by=("metadata.txt",),
        read=read_micro_manager,
        reads="positions, labels, grid, scale, affine, channels",
    ),
    Reader(
        name="pymmcore-plus image sequence",
        recognised_by=("_frame_metadata.json",),
        read=read_useq,
        reads="positions, grid plan, scale, channels",
    ),
    Reader(
        name="Leica LAS X: exported images",
        recognised_by=(".xlif", "_properties.xml"),
        read=read_leica,
        reads="positions, fields, scale, flips, channel numbers",
    ),
    Reader(
        name="fast scan of the Sharpe lab",
        recognised_by=("scan_meta.json",),
        read=read_sharpelab,
        reads="positions, scale",
    ),
    Reader(
        name="2DMatGMM",
        recognised_by=("meta/*.json",),
        read=read_motor_positions,
        reads="positions (motor_pos in mm), the magnification that is the scan",
    ),
    Reader(
        name="table of positions",
        recognised_by=(".csv", ".tsv", ".txt"),
        read=read_position_table,
        reads="positions, grid, scale; units from headings or a row of units",
    ),
    Reader(
        name="Fiji and MIST tile configurations",
        recognised_by=("tileconfiguration.txt", ".registered.txt", "global-positions-0.txt"),
        read=read_tile_configuration,
        reads="places in pixels, grid; um where the images state a scale",
    ),
    Reader(
        name="Nikon ND2",
        recognised_by=(".nd2",),
        read=read_nikon,
        reads="positions, scale, camera matrix, channel names",
        library="nd2",
        container=".nd2",
        pixels=read_nikon_frame,
    ),
    Reader(
        name="Zeiss CZI",
        recognised_by=(".czi",),
        read=read_zeiss,
        reads="positions of subblocks or their pixel starts, scale, channel names",
        library="czifile",
        container=".czi",
        pixels=read_zeiss_block,
    ),
    Reader(
        name="Leica LIF",
        recognised_by=(".lif",),
        read=read_leica_lif,
        reads="positions of tile scans, scale, flips",
        library="liffile",
        container=".lif",
        pixels=read_lif_frame,
    ),
    Reader(
        name="OME-Zarr 0.4 and 0.5",
        recognised_by=(".zarr",),
        read=read_ome_zarr,
        reads="scale, translation as position, channel names; the largest level",
        library="imagecodecs",
        container=".zarr",
        pixels=read_zarr_image,
    ),
    Reader(
        name="NDTiff and Micro-Manager TIFF files",
        recognised_by=("",),
        read=read_micro_manager_tiff,
        reads="positions, axes, grid, scale, affine, channels",
    ),
    Reader(
        name="OME-TIFF",
        recognised_by=("", ".companion.ome"),
        read=read_ome_tiff,
        reads="positions, scale, channel names, several images a file",
    ),
    Reader(
        name="Keyence BZ-X",
        recognised_by=("",),
        read=read_keyence,
        reads="positions, scale",
    ),
    Reader(
        name="MetaMorph TIFF (PlaneInfo)",
        recognised_by=("",),
        read=read_metamorph,
        reads="positions, stage label, scale",
    ),
    Reader(
        name="rows and columns in names",
        recognised_by=("",),
        read=read_file_names,
        reads="rows and columns",
    ),
    Reader(
        name="images without positions",
        recognised_by=("",),
        read=read_plain,
        reads="nothing but the images",
    ),
)

CONTAINERS = frozenset(reader.container for reader in READERS if reader.container)


def pixels_of(suffix: str) -> Callable[[FolderTile, int], Pixels] | None:
    """What reads a tile's pixels out of a container with this suffix; None for an image."""
    readers = (reader.pixels for reader in READERS if reader.container == suffix and suffix)
    return next(readers, None)


def side_file_endings() -> tuple[str, ...]:
    """Endings of files that hold positions, for a word about those that were not read."""
    endings = (ending for reader in READERS for ending in reader.recognised_by)
    # Texts may hold anything, and JSON of 2DMatGMM is named by its folder.
    return tuple(one for one in endings if one and one not in (".txt", ".tsv", "meta/*.json"))
