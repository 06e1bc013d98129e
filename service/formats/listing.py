"""List the files of a scan folder, and say which are skipped and why."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from service.errors import InvalidValue, NotFound, TooLarge
from service.formats.names import base_of, folder_of, natural_key, stem_of, suffix_of

IMAGE_SUFFIXES = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".jp2", ".j2k", ".jpf", ".webp"),
        # Camera raw that is a TIFF file: decoded only far enough to be refused by its name.
        *(".dng", ".btf", ".tf8"),
    }
)

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
# Steps of NDTiff's pyramid (Magellan, pycro-manager), beside "Full resolution".
_REDUCED_FOLDER = re.compile(r"downsampled_x[0-9]+", re.IGNORECASE)
# Only as a whole word at the end, and thumbnails also at the beginning: "mask_aligner_3.jpg" is
# an image of somebody's mask aligner.
_NO_TILE = re.compile(
    r"(?:^|[._ -])(?:masks?|thumbs?|thumbnails?|overlays?)$|^(?:thumbs?|thumbnails?)[._ -]",
    re.IGNORECASE,
)


def is_hidden(name: str) -> bool:
    """Tell whether to skip a file or folder by its name, without its path: it is none of ours."""
    return name.startswith(".") or name.lower() in _SYSTEM


def is_folder_of_no_tiles(name: str) -> bool:
    """Whether a folder with this name holds masks, thumbnails, results or reduced copies."""
    return name.lower() in _OTHER_FOLDERS or _REDUCED_FOLDER.fullmatch(name) is not None


def is_image(name: str) -> bool:
    """Tell whether the name is that of an image, a mask and a thumbnail included."""
    return suffix_of(name) in IMAGE_SUFFIXES


def is_no_tile(name: str) -> bool:
    """Tell whether an image's name says that it is a mask, a thumbnail or an overlay."""
    return _NO_TILE.search(stem_of(name)) is not None


# Ten times the largest scan: more is a whole disk, given by mistake.
DEFAULT_MAX_FILES = 1_000_000
_ALIKE = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """Names relative to the folder, with "/" on every system, in natural order.

    Attributes
    ----------
    images : tuple of str
        Images that may be tiles.
    containers : tuple of str
        Files, and folders that stand for one, which may hold several tiles of their own.
    others : tuple of str
        All other files: among them may be positions.
    left_out : int
        Images whose names say that they are masks, thumbnails or overlays.
    links : int
        Symbolic links, which are not followed.
    skipped : tuple of str
        Folders of masks, thumbnails, results or reduced copies, which are not looked into.
    """

    root: Path
    images: tuple[str, ...]
    containers: tuple[str, ...]
    others: tuple[str, ...]
    left_out: int = 0
    links: int = 0
    skipped: tuple[str, ...] = ()
    _paths: dict[str, Path] = field(default_factory=dict, repr=False)
    _by_key: dict[str, str] = field(default_factory=dict, repr=False)
    _by_base: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in self.images:
            key = _key(name)
            self._by_key[name] = name
            self._by_key.setdefault(key, name)
            # Tables often leave the suffix out.
            for base in (base_of(key), stem_of(key)):
                self._by_base.setdefault(base, []).append(name)

    def path(self, name: str) -> Path:
        """Return the file that a name of this listing stands for: the same object every time."""
        path = self._paths.get(name)
        if path is None:
            path = self._paths[name] = self.root / name
        return path

    def find_image(self, written: str, *folders: str) -> str | None:
        """Find the image that a side file means by `written`; None where there is none.

        It is sought in each of `folders`, and below it if only one image there has the name: paths
        of other computers are matched by their last part. Only files that the walk found are ever
        returned, whatever is written.
        """
        plain = written.strip().replace("\\", "/")
        alike = self._by_base.get(base_of(_key(plain)), [])
        for folder in folders or ("",):
            name = _join(folder, plain)
            found = self._by_key.get(name) or self._by_key.get(_key(name))
            if found is not None:
                return found
            # Many alike are no choice, and looking at all of them for each name takes minutes.
            below = [one for one in alike[:_ALIKE] if _is_below(one, folder)]
            if len(below) == 1 and len(alike) <= _ALIKE:
                return below[0]
        return None

    def others_named(self, *endings: str) -> list[str]:
        """Side files whose names end so, whatever their case."""
        return [name for name in self.others if name.lower().endswith(endings)]


def list_folder(
    folder: Path,
    *,
    containers: frozenset[str] = frozenset(),
    max_files: int = DEFAULT_MAX_FILES,
) -> Listing:
    """Every file of a folder that may matter; `containers` are the suffixes of such files.

    Raises
    ------
    NotFound
        There is no such folder.
    InvalidValue
        A folder cannot be read.
    TooLarge
        There are more than `max_files` files.
    """
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder.name!r}.")
    sorts: dict[str, list[str]] = {
        sort: [] for sort in ("image", "container", "other", "no", "link", "skipped")
    }
    for count, (name, sort) in enumerate(_walk(folder, containers), 1):
        if count > max_files:
            raise TooLarge(f"The folder {folder.name!r} has over {max_files:,} files, the limit.")
        sorts[sort].append(name)
    for names in sorts.values():
        names.sort(key=natural_key)
    return Listing(
        folder,
        tuple(sorts["image"]),
        tuple(sorts["container"]),
        tuple(sorts["other"]),
        len(sorts["no"]),
        len(sorts["link"]),
        tuple(sorts["skipped"]),
    )


def folders_around(side_file: str) -> tuple[str, ...]:
    """List the folders of images that a side file names: beside it, or one folder up."""
    folder = folder_of(side_file)
    return (folder, folder_of(folder)) if folder else ("",)


def _walk(folder: Path, containers: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Relative names of files, links and folders that are not entered, with their sort."""
    # Folders still to visit, not recursion: depth is then bounded by nothing but the disk.
    pending = [""]
    while pending:
        prefix = pending.pop()
        for entry in _entries(folder, prefix):
            name = f"{prefix}/{entry.name}" if prefix else entry.name
            if _is_link(entry):
                yield name, "link"
            elif suffix_of(name) in containers:
                # A folder too: OME-Zarr is one, of many thousand files that are no images.
                yield name, "container"
            elif entry.is_dir(follow_symlinks=False):
                if is_folder_of_no_tiles(entry.name):
                    yield name, "skipped"
                else:
                    pending.append(name)
            elif entry.is_file(follow_symlinks=False):
                yield name, _sort_of(name)


def _entries(folder: Path, prefix: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder / prefix) as entries:
            return [entry for entry in entries if not is_hidden(entry.name)]
    except OSError as error:
        raise InvalidValue(
            f"The folder {prefix or folder.name!r} cannot be read: {error.strerror or 'error'}."
        ) from error


def _is_link(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink():
        return True
    # A Windows junction leads to another folder, but is no symbolic link. The tag costs nothing
    # there, for the walk itself brings it; elsewhere there are no junctions.
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    if os.name != "nt" or junction is None:
        return False
    return bool(getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) == junction)


def _sort_of(name: str) -> str:
    if not is_image(name):
        return "other"
    return "no" if is_no_tile(name) else "image"


def _key(name: str) -> str:
    # A Mac writes accents as separate letters, and Windows does not tell cases apart.
    return unicodedata.normalize("NFC", name).casefold()


def _is_below(name: str, folder: str) -> bool:
    return not folder or name.startswith(f"{folder}/")


def _join(*parts: str) -> str:
    return "/".join(part for part in "/".join(parts).split("/") if part not in ("", "."))
