"""What TIFF files say beside their pixels: opened only as far as their directories."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tifffile

from service.errors import InvalidValue
from service.formats.listing import Listing
from service.formats.side_file import parse_json
from service.formats.values import mapping

MICRO_MANAGER_TAG = 51123
_IMAGEJ_TAG = "IJMetadata"


@contextmanager
def open_tiff(listing: Listing, name: str) -> Iterator[tifffile.TiffFile]:
    """A TIFF file of the folder.

    Raises
    ------
    InvalidValue
        It cannot be read, also where that turns out only inside the `with`.
    """
    # It logs what it finds odd in a file; a logger without a handler prints that to stderr.
    logger = logging.getLogger("tifffile")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    try:
        # _multifile: OME metadata may name other files to open, anywhere.
        with tifffile.TiffFile(listing.path(name), _multifile=False) as tiff:
            yield tiff
    except InvalidValue:
        raise
    # The parser meets arbitrary bytes and fails as it happens: struct, index, key, value, type
    # and zero-division errors and failed assertions were all seen.
    except Exception as error:
        words = str(error).replace(str(listing.root), "").strip("/")[:160] or "no reason given"
        raise InvalidValue(
            f"{name} is no readable TIFF file ({type(error).__name__}: {words})."
        ) from error


def tiff_names(listing: Listing) -> list[str]:
    """The TIFF images of the folder."""
    return [name for name in listing.images if name.lower().endswith((".tif", ".tiff"))]


def some_of(names: list[str]) -> list[str]:
    """The first, middle and last: enough to tell what wrote them, though one be an overview."""
    return sorted({names[0], names[len(names) // 2], names[-1]}) if names else []


def micro_manager_metadata(page: tifffile.TiffPage | tifffile.TiffFrame) -> dict[str, Any]:
    """What Micro-Manager wrote about a page: in its own tag, or by way of ImageJ; else empty."""
    if not isinstance(page, tifffile.TiffPage):
        return {}
    tag = page.tags.get(MICRO_MANAGER_TAG)
    if tag is not None:
        return mapping(tag.value)
    info = mapping(getattr(page.tags.get(_IMAGEJ_TAG), "value", None)).get("Info")
    if not isinstance(info, str) or not info.lstrip().startswith("{"):
        return {}
    try:
        return parse_json("The ImageJ info", info)
    except InvalidValue:
        # Plugins write other things there too.
        return {}
