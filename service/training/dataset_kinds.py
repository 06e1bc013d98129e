"""Tell what an archive of labelled pictures holds, by its names, categories and annotations."""

import json
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from service.errors import InvalidArchive, InvalidValue

# What a category that is graphene is called: by its layers, or simply so.
_GRAPHENE = re.compile(
    r"(?:graphene|flake)s?"
    r"|(?:graphene)?[ _-]*(?P<layers>[1-4])[ _-]*(?:l|layers?)?|l(?P<number>[1-4])"
    r"|(?P<word>mono|bi|tri|tetra)[ _-]?layer(?:[ _-]graphene)?",
    re.IGNORECASE,
)
# And one that is certainly not.
_OTHER = re.compile(
    r"(?:non|not|no)[ _-]?graphene|other|(?:thick[ _-]?)?graphite|thick|bulk"
    r"|residue|tape|dust|dirt|marks?|scratch(?:es)?",
    re.IGNORECASE,
)
_WORDS = {"mono": 1, "bi": 2, "tri": 3, "tetra": 4}


def layers_of_category(name: str, graphene: Sequence[str] = ()) -> int | None:
    """Layers of a category: 0 is not graphene, None is graphene of unknown layers.

    `graphene` are names of categories that are graphene, where they are called otherwise.

    Raises
    ------
    InvalidValue
        Its name says neither.
    """
    match = _GRAPHENE.fullmatch(name.strip())
    if match and match["word"]:
        return _WORDS[match["word"].lower()]
    if match and (number := match["layers"] or match["number"]):
        return int(number)
    if match or name in graphene:
        return None
    if _OTHER.fullmatch(name.strip()):
        return 0
    raise InvalidValue(
        f"The category {name!r} is neither graphene nor something else by its name; "
        "say which categories are graphene."
    )


PARTS = ("train", "test")
CLASSES = {"graphene": True, "non_graphene": False, "not_graphene": False}
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"}
GROUP_BY = ("none", "folder")
# Annotations of 10,000 tiles with polygons; they are read into memory.
MOST_ANNOTATION_BYTES = 200 * 2**20
# What the folder of the pictures may be called that no other folder holds.
_TOPS = {*PARTS, *CLASSES, "annotations", "images", "train_images", "test_images"}

KINDS = (
    "Known are train|test/graphene and train|test/non_graphene (or these two alone); pictures of "
    "which those named *f.jpg are graphene; COCO as annotations/train*.json with train_images, or "
    "one .json with images."
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Count of labels of each kind and of their groups; `exhaustive` as the archive says."""

    kind: str
    graphene: int
    other: int
    groups: int
    exhaustive: bool | None = None


def top_folder(names: Collection[str]) -> str:
    """Find the one folder that holds everything, if there is such a folder; else the empty text."""
    tops = {PurePosixPath(name).parts[0] for name in names if not _is_hidden(name)}
    if len(tops) != 1 or tops & _TOPS or all("/" not in name for name in names):
        return ""
    return tops.pop()


def count(archive: zipfile.ZipFile, group_by: str) -> Counted:
    """Count the labels that an archive holds; raises `InvalidValue`."""
    files = [one.filename.replace("\\", "/") for one in archive.infolist() if not one.is_dir()]
    files = [name for name in files if not _is_hidden(name)]
    top = top_folder(files)
    names = {PurePosixPath(name).relative_to(top).as_posix(): name for name in files}
    for look in (_classes, _coco, _flat):
        counted = look(archive, names, group_by)
        if counted is not None:
            return counted
    raise InvalidValue(f"The archive is of no known kind. {KINDS}")


def _is_hidden(name: str) -> bool:
    """Tell whether a name is hidden, as what macOS puts beside what was packed."""
    return any(part == "__MACOSX" or part.startswith(".") for part in PurePosixPath(name).parts)


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _classes(_: zipfile.ZipFile, names: Mapping[str, str], group_by: str) -> Counted | None:
    labels: dict[str, list[str]] = {}
    for name in filter(_is_picture, names):
        parts = PurePosixPath(name).parts
        inner = parts[1:] if parts[0] in PARTS else parts
        if len(inner) > 1:
            labels.setdefault(inner[0], []).append("/".join(inner[1:]))
    if not set(labels) & set(CLASSES):
        return None
    if unknown := sorted(set(labels) - set(CLASSES)):
        raise InvalidValue(
            f"The folder {unknown[0]!r} is no class: {', '.join(CLASSES)} are, by their names."
        )
    numbers = {name: len(files) for name, files in labels.items()}
    graphene = numbers.get("graphene", 0)
    return _checked(
        Counted(
            kind="classes",
            graphene=graphene,
            other=sum(numbers.values()) - graphene,
            groups=_groups([name for files in labels.values() for name in files], group_by),
        )
    )


def _flat(_: zipfile.ZipFile, names: Mapping[str, str], group_by: str) -> Counted | None:
    pictures = [name for name in names if "/" not in name and _is_picture(name)]
    flakes = [name for name in pictures if _is_flake(PurePosixPath(name))]
    if not flakes:
        return None
    return _checked(
        Counted("flat", len(flakes), len(pictures) - len(flakes), _groups(pictures, group_by))
    )


def _is_flake(path: PurePosixPath) -> bool:
    return path.suffix.lower() in {".jpg", ".jpeg"} and path.stem.endswith("f")


def _coco(archive: zipfile.ZipFile, names: Mapping[str, str], group_by: str) -> Counted | None:
    chosen = _annotations(list(names))
    if not chosen:
        return None
    graphene, other, images, exhaustive = 0, 0, list[str](), None
    for part, path in chosen.items():
        content = _content(archive, names[path], path)
        layers = _layers(content)
        marked = [_layer_of(mark, layers, path) for mark in content["annotations"]]
        graphene += sum(one != 0 for one in marked)
        other += sum(one == 0 for one in marked)
        files = [str(image.get("file_name")) for image in content["images"]]
        _check_images(files, names, part)
        images += files
        stated = content.get("info")
        if isinstance(stated, dict) and isinstance(stated.get("exhaustive"), bool):
            exhaustive = stated["exhaustive"]
    return _checked(Counted("coco", graphene, other, _groups(images, group_by), exhaustive))


def _annotations(names: Collection[str]) -> dict[str, str]:
    """Annotation files by part, chosen as `models.examples.sources` chooses them."""
    found = {}
    roots = sorted(name for name in names if "/" not in name and name.endswith(".json"))
    for part in PARTS:
        inner = f"annotations/{part}"
        files = sorted(n for n in names if n.startswith(inner) and n.endswith(".json"))
        files += [name for name in roots if name.startswith(part)]
        if files:
            chosen = (path for path in files if PurePosixPath(path).stem.endswith("300"))
            found[part] = next(chosen, files[0])
    return found or ({"train": roots[0]} if len(roots) == 1 else {})


def _content(archive: zipfile.ZipFile, member: str, shown: str) -> dict[str, Any]:
    size = archive.getinfo(member).file_size
    if size > MOST_ANNOTATION_BYTES:
        raise InvalidValue(f"{shown} has {size} bytes; {MOST_ANNOTATION_BYTES} are allowed.")
    try:
        content = json.loads(archive.read(member), object_pairs_hook=_kept)
    except (ValueError, RecursionError) as error:
        raise InvalidArchive(f"{shown} cannot be read as JSON: {error}.") from error
    lists = ("images", "annotations", "categories")
    if not isinstance(content, dict) or not all(
        isinstance(content.get(name), list) and all(isinstance(one, dict) for one in content[name])
        for name in lists
    ):
        raise InvalidValue(f"{shown} is no COCO file: it has to hold lists {', '.join(lists)}.")
    return content


# All that is counted here: outlines are most of such a file.
_COUNTED = frozenset(
    {"images", "annotations", "categories", "info", "exhaustive", "id", "name", "file_name"}
    | {"category_id"}
)


def _kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in pairs if key in _COUNTED}


def _layers(content: Mapping[str, Any]) -> dict[Any, int | None]:
    return {
        one.get("id"): layers_of_category(str(one.get("name"))) for one in content["categories"]
    }


def _layer_of(mark: Mapping[str, Any], layers: Mapping[Any, int | None], shown: str) -> int | None:
    if mark.get("category_id") not in layers:
        raise InvalidValue(f"{shown}: category {mark.get('category_id')!r} is not described.")
    return layers[mark["category_id"]]


def _check_images(files: Collection[str], names: Collection[str], part: str) -> None:
    folders = [f"{part}_images/", "images/"]
    prefix = next((f for f in folders if any(n.startswith(f) for n in names)), "")
    if missing := [name for name in files if prefix + name not in names]:
        raise InvalidValue(
            f"{len(missing)} of {len(files)} annotated images are not in the archive, as "
            f"{prefix + missing[0]!r}."
        )


def _groups(names: Collection[str], group_by: str) -> int:
    if group_by == "none":
        return len(set(names))
    if alone := [name for name in names if "/" not in name]:
        raise InvalidValue(
            f"group_by is 'folder', but {alone[0]!r} lies in no folder: pictures of one chip or "
            "scan have to share one."
        )
    return len({name.partition("/")[0] for name in names})


def _checked(counted: Counted) -> Counted:
    if counted.graphene + counted.other == 0:
        raise InvalidValue("The archive holds no labelled flake: there is nothing to learn from.")
    return counted
