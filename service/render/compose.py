"""Compose a chip: throw flakes, graphite, dirt and marks on it until the scene is complete."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from service.render.carbon import Family, crumb, crystal, graphite, make_family, mark
from service.render.chip import (
    MOST_GRAPHENE_LAYERS,
    Chip,
    Film,
    Line,
    Patch,
    Residue,
    Scene,
    Space,
    Speck,
)
from service.render.dirt import Dirt, dust, glue, scratch, stain
from service.render.paint import lay
from service.render.shapes import Polygon
from service.render.truth import TrueFlake, Window, find_flakes

# The truth is measured this fine: a flake of 300 px at 20x is then known to 0.1 %.
TRUTH_UM_PER_PX = 0.1
# A flake whose open part is in pieces has no one place; below this share the pieces are dust.
WHOLE = 0.98
# Foreign flakes come in these numbers of layers: bright hBN is thick, one layer is hard to see.
FOREIGN_LAYERS = {"hbn": (1, 60), "tmd": (1, 4)}


@dataclass(slots=True)
class _Draft:
    """A chip in the making."""

    rng: Generator
    scene: Scene
    space: Space
    patches: list[Patch] = field(default_factory=list)
    dirt: list[Dirt] = field(default_factory=list)
    flakes: list[TrueFlake] = field(default_factory=list)

    def count(self, per_mm2: float) -> int:
        """Random number of things of this density."""
        area_mm2 = self.scene.width_um * self.scene.height_um / 1e6
        return int(self.rng.poisson(per_mm2 * area_mm2))

    def size_um(self, limits: tuple[float, float]) -> float:
        """Random size, small ones the more frequent."""
        low, high = np.log(limits)
        return float(np.exp(low + (high - low) * self.rng.beta(1, 1.6)))


def make_chip(scene: Scene, rng: Generator) -> Chip:
    """Draw a random chip of this kind. The same state of `rng` gives the same chip."""
    draft = _Draft(rng, scene, Space(rng, scene.width_um, scene.height_um))
    _add_marks(draft)
    for _ in range(draft.count(scene.families_per_mm2)):
        _add_family(draft)
    for _ in range(draft.count(scene.crystals_per_mm2)):
        _add_crystal(draft)
    _add_crumbs(draft)
    _add_dirt(draft)
    return Chip(
        width_um=scene.width_um,
        height_um=scene.height_um,
        oxide_nm=scene.oxide_nm,
        patches=draft.patches,
        residues=[part for part in draft.dirt if isinstance(part, Residue)],
        specks=[part for part in draft.dirt if isinstance(part, Speck)],
        lines=[part for part in draft.dirt if isinstance(part, Line)],
        flakes=draft.flakes,
    )


def _add_marks(draft: _Draft) -> None:
    pitch = draft.scene.gold_pitch_um
    if pitch is None:
        return
    start = draft.rng.uniform(0, pitch, 2)
    for x in np.arange(start[0], draft.scene.width_um, pitch):
        for y in np.arange(start[1], draft.scene.height_um, pitch):
            size = min(pitch / 6, 50.0)
            at = np.array([x, y])
            patches = [_move(patch, at) for patch in mark(draft.rng, size)]
            _place(draft, patches)


def _add_family(draft: _Draft) -> None:
    family = make_family(draft.rng, draft.size_um(draft.scene.flake_um))
    family = [(polygon, layers) for polygon, layers in family if len(polygon) > 2]
    at = draft.space.find([polygon for polygon, _ in family])
    if at is None:
        return
    patches = _patches_of(draft, [(polygon + at, layers) for polygon, layers in family])
    flakes = _measure(patches)
    if flakes is not None:
        _place(draft, patches)
        draft.flakes += flakes


def _patches_of(draft: _Draft, family: Family) -> list[Patch]:
    if draft.scene.foreign is not None:
        low, high = FOREIGN_LAYERS[draft.scene.foreign]
        base = int(np.exp(draft.rng.uniform(np.log(low), np.log(high))))
        return [
            Patch(polygon, Film(draft.scene.foreign, base + layers - 1))
            for polygon, layers in family
        ]
    number = len(draft.flakes)
    patches = []
    for polygon, layers in family:
        thin = layers <= MOST_GRAPHENE_LAYERS
        number += thin
        patches.append(Patch(polygon, graphite(layers), number if thin else 0))
    return patches


def _measure(patches: list[Patch]) -> list[TrueFlake] | None:
    """Measure the family's graphene flakes; None where one is hidden or in pieces."""
    corners = np.concatenate([patch.polygon_um for patch in patches])
    low, high = corners.min(axis=0) - 1, corners.max(axis=0) + 1
    width, height = np.ceil((high - low) / TRUTH_UM_PER_PX).astype(int).tolist()
    window = Window(float(low[0]), float(low[1]), TRUTH_UM_PER_PX, width, height)
    laid = lay(patches, window)
    flakes = find_flakes(laid.instances, laid.layers(), window)
    expected = [patch.flake for patch in patches if patch.flake]
    whole = all(_is_whole(laid.instances == number) for number in expected)
    return flakes if whole and [flake.number for flake in flakes] == expected else None


def _is_whole(mask: NDArray[np.bool_]) -> bool:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return len(areas) > 0 and bool(areas.max() >= WHOLE * areas.sum())


def _add_crystal(draft: _Draft) -> None:
    patches, cracks = crystal(draft.rng, draft.size_um(draft.scene.crystal_um))
    at = draft.space.find([patch.polygon_um for patch in patches])
    if at is not None:
        _place(draft, [_move(patch, at) for patch in patches])
        draft.dirt += [Line(c.points_um + at, c.width_um, c.effect) for c in cracks]


def _add_crumbs(draft: _Draft) -> None:
    left = draft.count(draft.scene.fragments_per_mm2)
    while left > 0:
        # A trail: crumbs of one crystal that broke while the tape moved.
        trail = min(left, 1 + draft.rng.poisson(draft.rng.choice([1, 30])))
        left -= trail
        centre, angle = draft.space.anywhere(), draft.rng.uniform(0, 2 * np.pi)
        spread = draft.rng.uniform(5, 40) * np.array([1, draft.rng.uniform(0.2, 1)])
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        for _ in range(trail):
            at = centre + draft.rng.normal(0, spread) @ turn
            length = float(np.exp(draft.rng.normal(np.log(1.6), 0.6)))
            patch = _move(crumb(draft.rng, length, angle + draft.rng.normal(0, 0.4)), at)
            if draft.space.is_free(patch.polygon_um):
                draft.patches.append(patch)


def _add_dirt(draft: _Draft) -> None:
    rng, scene, anywhere = draft.rng, draft.scene, draft.space.anywhere
    draft.dirt += [stain(rng, anywhere()) for _ in range(draft.count(scene.stains_per_mm2))]
    for make, per_mm2 in (
        (glue, scene.residue_per_mm2),
        (scratch, scene.scratches_per_mm2),
        (dust, scene.dust_per_mm2),
    ):
        for _ in range(draft.count(per_mm2)):
            draft.dirt += make(rng, anywhere())


def _place(draft: _Draft, patches: list[Patch]) -> None:
    draft.patches += patches
    for patch in patches:
        draft.space.take(patch.polygon_um)


def _move(patch: Patch, by: Polygon) -> Patch:
    return Patch(patch.polygon_um + by, patch.film, patch.flake)
