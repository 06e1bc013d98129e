"""Labelled crops, whatever they were made from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GRAPHENE, NOT_GRAPHENE = 1, 0
UNKNOWN_LAYERS = 0
# The group of everything that was rendered: never a test of anything but the renderer.
SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Crops with their answers; row n of every array belongs to crop n.

    Attributes
    ----------
    crops : (n, size, size, 4) float16
        As `service.vision.crop` gives them: half the memory, and contrast to 0.0005.
    label : (n,) int8
        1 graphene, 0 not graphene, whatever folders were called.
    layers : (n,) int8
        0 where unknown or not graphene.
    group : (n,) str
        Acquisition group: crops of one group share substrate, light and camera.
    source : (n,) str
        What made the crop: frame and rendered are the pipeline's own candidates, as serving sees
        them; outline, rendered outline and tight are made to train on.
    """

    crops: NDArray[np.float16]
    label: NDArray[np.int8]
    layers: NDArray[np.int8]
    group: NDArray[np.str_]
    source: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.label)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Examples":
        """Select the examples that a mask or an index chooses."""
        return Examples(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def of_group(self, group: str) -> "Examples":
        """Regroup the examples: the same ones, all of this group."""
        return replace(self, group=np.full(len(self), group))


def examples_of(
    crops: NDArray[np.float32],
    layers: Sequence[int],
    *,
    positive: Sequence[bool],
    source: str,
) -> Examples:
    """Examples of one source, of a group yet to be named."""
    return Examples(
        crops=crops.astype(np.float16),
        label=np.array(positive, np.int8),
        layers=np.array(layers, np.int8),
        group=np.full(len(crops), SYNTHETIC),
        source=np.full(len(crops), source),
    )


def no_examples(size: int) -> Examples:
    """Make an empty set of examples, of crops of this side."""
    return examples_of(np.zeros((0, size, size, 4), np.float32), [], positive=[], source="")


def join(parts: Sequence[Examples]) -> Examples:
    """Join all examples of several parts, in order; at least one part."""
    columns = (np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Examples))
    return Examples(*columns)


def digest(examples: Examples) -> str:
    """Hash everything that training sees, as `sha256:...`."""
    content = hashlib.sha256()
    for field in fields(examples):
        content.update(np.ascontiguousarray(getattr(examples, field.name)).tobytes())
    return f"sha256:{content.hexdigest()}"


def save(examples: Examples, path: Path) -> None:
    """Write examples to an .npz file."""
    np.savez(path, **{field.name: getattr(examples, field.name) for field in fields(examples)})


def load(path: Path) -> Examples:
    """Examples from a file of `save`; pickled arrays are refused."""
    with np.load(path, allow_pickle=False) as file:
        return Examples(*(file[field.name] for field in fields(Examples)))
