"""The flat folder of the 2024 study: what is named `*f.jpg` is graphene, the rest is not."""

from pathlib import Path

from models.examples.groups import Grouping
from models.examples.image_folder import SUFFIXES, Pictures
from models.examples.tight import TightCrop


def is_flat_folder(folder: Path) -> bool:
    """Tell whether pictures lie in the folder itself, some of them marked as flakes."""
    return any(_is_flake(path) for path in folder.iterdir())


def read_flat_folder(folder: Path, group_of: Grouping) -> Pictures:
    """Read every picture of the folder, labelled by its name."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return Pictures(
        tuple(
            TightCrop(path, None if _is_flake(path) else 0, group_of(path.name)) for path in paths
        )
    )


def _is_flake(path: Path) -> bool:
    return path.suffix.lower() in {".jpg", ".jpeg"} and path.stem.endswith("f")
