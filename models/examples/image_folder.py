"""Image folders: `train|test/{graphene,non_graphene}`, or without train and test."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.examples.groups import Grouping
from models.examples.tight import TightCrop
from service.errors import InvalidValue

PARTS = ("train", "test")
# By name, never by their order in the alphabet: True is graphene.
CLASSES = {"graphene": True, "non_graphene": False, "not_graphene": False}
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}


@dataclass(frozen=True, slots=True)
class Pictures:
    """Tight crops to learn from, and those that their owner kept apart."""

    train: tuple[TightCrop, ...]
    test: tuple[TightCrop, ...] = ()


def is_image_folder(folder: Path) -> bool:
    """Tell whether this looks like class folders, with or without train and test."""
    return any((folder / name).is_dir() for name in (*CLASSES, *(f"train/{c}" for c in CLASSES)))


def read_image_folder(folder: Path, group_of: Grouping) -> Pictures:
    """Pictures of class folders, labelled by the folders' names.

    Raises
    ------
    InvalidValue
        A folder has an unknown name, or there is no picture.
    """
    if not any((folder / part).is_dir() for part in PARTS):
        return Pictures(tuple(_of_classes(folder, group_of)))
    train, test = (
        tuple(_of_classes(folder / part, group_of)) if (folder / part).is_dir() else ()
        for part in PARTS
    )
    return Pictures(train, test)


def picture_files(folder: Path) -> list[Path]:
    """List every picture below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def _of_classes(folder: Path, group_of: Grouping) -> Iterator[TightCrop]:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    unknown = [name for name in names if name not in CLASSES]
    if unknown:
        raise InvalidValue(
            f"{folder.name} holds the folders {', '.join(names)}; class folders have to be called "
            f"{', '.join(CLASSES)}, so that nothing depends on the alphabet."
        )
    for name in names:
        for path in picture_files(folder / name):
            below = path.relative_to(folder / name).as_posix()
            yield TightCrop(path, None if CLASSES[name] else 0, group_of(below))
