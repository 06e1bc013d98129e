"""The bytes of a tile: a file as it is, or the part of a file that is the tile."""

from service.errors import InvalidImage
from service.formats.folder_scan import FolderTile
from service.formats.nikon import read_nikon_frame
from service.formats.pixel_file import tiff_of_pixels
from service.formats.tiff_pages import tiff_of_pages
from service.formats.zeiss_pixels import read_zeiss_block
from service.vision.image_header import DEFAULT_MAX_PIXELS

_PIXELS_OF = {".nd2": read_nikon_frame, ".czi": read_zeiss_block}


def tile_bytes(tile: FolderTile, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> bytes:
    """What the decoder gets: the file itself where it is one image, else a TIFF file without loss.

    The same tile gives the same bytes every time.

    Raises
    ------
    InvalidImage
        The file is gone or cannot be read.
    InvalidValue
        It is an ND2 or CZI file that cannot be read, or for which the library is missing.
    TooLarge
        The image has over `max_pixels`, where that is known before the decoder.
    """
    try:
        if tile.path.is_symlink():
            # It was none when the folder was listed: a link may lead anywhere.
            raise InvalidImage(f"{tile.path.name} became a symbolic link, which is not followed.")
        if not tile.pages:
            return tile.path.read_bytes()
        read = _PIXELS_OF.get(tile.path.suffix.lower())
        if read is None:
            return tiff_of_pages(tile.path, tile.pages)
        return tiff_of_pixels(read(tile.path, tile.pages[0], max_pixels))
    except OSError as error:
        raise InvalidImage(
            f"{tile.path.name} cannot be read: {error.strerror or 'error'}."
        ) from error
