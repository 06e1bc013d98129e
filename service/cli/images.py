"""Which files of the given paths are images to screen."""

from collections.abc import Sequence
from pathlib import Path

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})
# Annotations, and what `--overlay` wrote earlier.
SKIPPED = (".mask", ".overlay")


def find_images(paths: Sequence[Path]) -> dict[Path, Path]:
    """Every image once: its path, and the same relative to the folder that was given.

    A folder is searched with all below it; a file that is named itself is taken whatever its name.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            for image in sorted(one for one in path.rglob("*") if _is_image(one)):
                found.setdefault(image, image.relative_to(path))
        else:
            found.setdefault(path, Path(path.name))
    return found


def _is_image(path: Path) -> bool:
    return (
        path.suffix.lower() in SUFFIXES
        and not path.stem.endswith(SKIPPED)
        # macOS leaves "._name.png" beside each file on foreign disks.
        and not path.name.startswith(".")
        and path.is_file()
    )
