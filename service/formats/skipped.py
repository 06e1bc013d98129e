"""Which files of a folder are no tiles: masks, thumbnails, hidden files, pictures of results."""

import re

from service.formats.relative_names import stem_of, suffix_of

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})
# Files that may hold several tiles of their own.
CONTAINER_SUFFIXES = frozenset({".nd2", ".czi"})

# What operating systems and storage boxes leave in folders, beside names that begin with a dot;
# and truth.json, which states the answer where a scan is a test.
_SYSTEM = frozenset(
    {
        "__macosx",
        "@eadir",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "thumbs.db",
        "desktop.ini",
        "truth.json",
    }
)
_OTHER_FOLDERS = frozenset({"masks", "mask", "thumbnails", "thumbs", "overlays"})
# Only as a whole word at the end, and thumbnails also at the beginning: "mask_aligner_3.jpg" is
# an image of somebody's mask aligner.
_NO_TILE = re.compile(
    r"(?:^|[._ -])(?:masks?|thumbs?|thumbnails?|overlays?)$|^(?:thumbs?|thumbnails?)[._ -]",
    re.IGNORECASE,
)


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name, without its path, is none of ours to look at."""
    return name.startswith(".") or name.lower() in _SYSTEM


def is_folder_of_no_tiles(name: str) -> bool:
    """Whether a folder with this name holds masks, thumbnails or pictures of results."""
    return name.lower() in _OTHER_FOLDERS


def is_image(name: str) -> bool:
    """Whether the name is that of an image, a mask and a thumbnail included."""
    return suffix_of(name) in IMAGE_SUFFIXES


def is_container(name: str) -> bool:
    """Whether the name is that of a file which may hold several tiles."""
    return suffix_of(name) in CONTAINER_SUFFIXES


def is_no_tile(name: str) -> bool:
    """Whether an image's name says that it is a mask, a thumbnail or an overlay."""
    return _NO_TILE.search(stem_of(name)) is not None
