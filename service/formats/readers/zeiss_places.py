"""Where the images of a CZI file were taken: what they state, and what follows for the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from service.formats.side_file import number

_TAGS = ("StageXPosition", "StageYPosition")
# Stage and pixels of a mosaic run together or against each other, never in between.
_CLEAR = 0.9

Place = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Block:
    """A subblock: one image as the camera took it, with its place in the file's own pixels."""

    number: int
    start: dict[str, int]
    size: dict[str, int]
    tags: dict[str, str]

    @property
    def centre_px(self) -> tuple[float, float]:
        """Its middle, in pixels of the whole mosaic."""
        x, y = (self.start[axis] + self.size[axis] / 2 for axis in "XY")
        return x, y

    @property
    def scene(self) -> int:
        """The number of the scene that it belongs to."""
        return self.start.get("S", 0)


def stage_places(
    blocks: Sequence[Block],
    centres: Mapping[int, tuple[float, float]],
    um_per_px: float | None,
    name: str,
    notes: list[str],
) -> list[Place]:
    """Stage x and y of each block, in um; an axis that is stated stays as it is.

    What is not stated follows, by the pixels of the mosaic, from the nearest image of the scene
    that states it, else from the centre of the scene, else from the mosaic's own corner: then
    the places are right to each other only.
    """
    stated = _stated(blocks, um_per_px, name, notes)
    places = [_axis(blocks, stated[axis], centres, um_per_px, axis) for axis in (0, 1)]
    by = [tuple(sources) for sources in zip(*(axis[1] for axis in places), strict=True)]
    _note(by, name, notes)
    return list(zip(places[0][0], places[1][0], strict=True))


def _stated(
    blocks: Sequence[Block], um_per_px: float | None, name: str, notes: list[str]
) -> list[list[float | None]]:
    """What the blocks state on each axis; a place that was stated before for other pixels is none.

    The stage was not asked between the two.
    """
    pairs = [tuple(number(block.tags.get(tag)) for tag in _TAGS) for block in blocks]
    first: dict[tuple[int, float | None, float | None], tuple[float, float]] = {}
    repeated = 0
    for index, (block, (x_um, y_um)) in enumerate(zip(blocks, pairs, strict=True)):
        if x_um is None or y_um is None or um_per_px is None:
            continue
        if first.setdefault((block.scene, x_um, y_um), block.centre_px) != block.centre_px:
            pairs[index] = (None, None)
            repeated += 1
    if repeated:
        notes.append(
            f"{repeated} images of {name} state the stage position of another image, but lie "
            "beside it in the mosaic: theirs is not believed."
        )
    return [[pair[axis] for pair in pairs] for axis in (0, 1)]


def _axis(
    blocks: Sequence[Block],
    stated: list[float | None],
    centres: Mapping[int, tuple[float, float]],
    um_per_px: float | None,
    axis: int,
) -> tuple[list[float | None], list[str]]:
    """The places on one axis, and what each follows from."""
    if um_per_px is None:
        return stated, ["" for _ in blocks]
    pixels = np.array([block.centre_px for block in blocks], np.float64).reshape(-1, 2)
    known = np.array([value is not None for value in stated], bool)
    scenes = np.array([block.scene for block in blocks], int)
    step = um_per_px * _direction(pixels[known, axis], [one for one in stated if one is not None])
    middles = {scene: _middle(blocks, scene, axis) for scene in set(scenes.tolist())}
    found: list[float | None] = []
    sources = []
    for index, value in enumerate(stated):
        scene = int(scenes[index])
        beside = np.flatnonzero(known & (scenes == scene))
        here = pixels[index, axis]
        if value is not None:
            place, source = value, ""
        elif len(beside):
            near = int(beside[np.argmin(np.abs(pixels[beside] - pixels[index]).max(axis=1))])
            place, source = (stated[near] or 0.0) + (here - pixels[near, axis]) * step, "beside"
        elif scene in centres:
            place, source = centres[scene][axis] + (here - middles[scene]) * step, "scene"
        else:
            place, source = here * step, "pixels"
        found.append(round(float(place), 6))
        sources.append(source)
    # Relative places are none beside others that are on the stage.
    if "pixels" in sources and set(sources) != {"pixels"}:
        found = [
            None if source == "pixels" else one for one, source in zip(found, sources, strict=True)
        ]
    return found, sources


def _direction(pixels: np.ndarray, stated: Sequence[float]) -> float:
    """1, or -1 where stated positions fall as pixels grow."""
    if len(stated) < 2 or np.ptp(pixels) == 0 or np.ptp(stated) == 0:
        return 1.0
    return -1.0 if np.corrcoef(pixels, stated)[0, 1] < -_CLEAR else 1.0


def _middle(blocks: Sequence[Block], scene: int, axis: int) -> float:
    """The middle of all images of a scene, in pixels of the whole mosaic."""
    letter = "XY"[axis]
    ends = [
        (block.start[letter], block.start[letter] + block.size[letter])
        for block in blocks
        if block.scene == scene
    ]
    return (min(start for start, _ in ends) + max(end for _, end in ends)) / 2


_WORDS = {
    "beside": "theirs follows from the image beside them, by the pixels of the mosaic",
    "scene": "theirs follow from the centre of their scene, which was written before the scan and "
    "may be off by some um",
    "pixels": "theirs follow from the pixels of the mosaic: they are right to each other, not on "
    "the stage",
}


def _note(by: Sequence[tuple[str, ...]], name: str, notes: list[str]) -> None:
    for source, words in _WORDS.items():
        count = sum(source in sources for sources in by)
        if count:
            notes.append(f"{count} images of {name} state no stage position: {words}.")
