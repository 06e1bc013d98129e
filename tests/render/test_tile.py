"""A rendered tile and its answer must agree: everything else is tested against them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from service.optics.camera import contrast_rgb
from service.render.chip import Scene
from service.render.compose import make_chip
from service.render.paint import paint
from service.render.photograph import Optics
from service.render.scan import Grid, RenderedTile, cut_scan, render_tile, stage_flakes
from service.render.truth import Window
from service.render.variety import random_tile

CLEAN = Scene(
    width_um=320,
    height_um=240,
    families_per_mm2=250,
    flake_um=(15, 50),
    residue_per_mm2=0,
    stains_per_mm2=0,
    dust_per_mm2=0,
    scratches_per_mm2=0,
)
# No blur, halo, noise or shading, and 16 bit: the picture is the optics and nothing else. So dark
# that nothing that is thin saturates.
PERFECT = Optics(
    um_per_px=0.4,
    width_px=800,
    height_px=600,
    bare_level=0.3,
    vignette=0,
    blur_um=0,
    flare=0,
    electrons=np.inf,
    read_noise=0,
    bits=16,
)


def clean_tile(scene: Scene, optics: Optics, seed: int = 1) -> RenderedTile:
    rng = np.random.default_rng(seed)
    return render_tile(make_chip(scene, rng), optics, (0.0, 0.0), rng)


def bare_colour(tile: RenderedTile) -> np.ndarray:
    pixels = tile.pixels.astype(np.float64)
    return np.median(pixels[(tile.layers == 0)], axis=0)


def inside(tile: RenderedTile, number: int) -> np.ndarray:
    mask = (tile.instances == number).astype(np.uint8)
    return cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=2) > 0


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0])
def test_every_flake_has_the_contrast_of_its_layers(oxide_nm: float) -> None:
    tile = clean_tile(replace(CLEAN, oxide_nm=oxide_nm), PERFECT)
    bare = bare_colour(tile)
    seen = set()
    for flake in tile.flakes:
        mask = inside(tile, flake.number)
        if np.count_nonzero(mask) < 30:
            continue
        contrast = tile.pixels[mask].astype(np.float64).mean(axis=0) / bare - 1
        expected = contrast_rgb(flake.layers, oxide_nm, PERFECT.camera)[0]
        np.testing.assert_allclose(contrast, expected, atol=2e-3)
        seen.add(flake.layers)
    assert seen == {1, 2, 3, 4}


def test_a_gamma_changes_the_contrast_as_the_camera_says() -> None:
    optics = replace(PERFECT, camera=replace(PERFECT.camera, gamma=0.5))
    tile = clean_tile(CLEAN, optics)
    flake = max(tile.flakes, key=lambda flake: flake.area_um2)
    mask = inside(tile, flake.number)
    contrast = tile.pixels[mask].astype(np.float64).mean(axis=0) / bare_colour(tile) - 1
    expected = contrast_rgb(flake.layers, 90, optics.camera)[0]
    np.testing.assert_allclose(contrast, expected, atol=2e-3)
    assert bare_colour(tile).mean() / 65535 == pytest.approx(0.3, abs=0.002)


def test_the_same_seed_gives_the_same_tile() -> None:
    one, again, other = (random_tile(np.random.default_rng(s), 320, 240) for s in (7, 7, 8))
    np.testing.assert_array_equal(one.pixels, again.pixels)
    np.testing.assert_array_equal(one.instances, again.instances)
    assert not np.array_equal(one.pixels, other.pixels)


def test_what_a_tile_lists_is_what_its_maps_show() -> None:
    tile = clean_tile(CLEAN, replace(PERFECT, width_px=500))
    assert [flake.number for flake in tile.flakes] == np.unique(tile.instances)[1:].tolist()
    for flake in tile.flakes:
        mask = tile.instances == flake.number
        assert set(np.unique(tile.layers[mask])) == {flake.layers}
        assert flake.area_um2 == pytest.approx(np.count_nonzero(mask) * 0.16)
        cut = bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())
        assert flake.touches_border == cut
    # Thin graphite that is no flake is on the map of layers only.
    assert np.all(tile.instances[tile.layers > 4] == 0)
    assert np.any(tile.layers > 4)


def test_a_flake_measures_the_same_on_every_tile_and_on_the_chip() -> None:
    optics = replace(PERFECT, width_px=420, height_px=320)
    grid = Grid(rows=2, columns=2, overlap=0.4, corner_um=(1000.0, -500.0))
    width, height = grid.size_um(optics)
    rng = np.random.default_rng(4)
    chip = make_chip(replace(CLEAN, width_um=width, height_um=height, flake_um=(8, 30)), rng)
    tiles = list(cut_scan(chip, optics, grid, rng))
    true = {flake.number: flake for flake in stage_flakes(chip, grid)}
    seen_on: dict[int, int] = {}
    for tile in tiles:
        for flake in tile.flakes:
            if flake.touches_border or flake.area_um2 < 20:
                continue
            expected = true[flake.number]
            assert np.hypot(*np.subtract(flake.centre_um, expected.centre_um)) < 0.3
            assert flake.area_um2 == pytest.approx(expected.area_um2, rel=0.08)
            seen_on[flake.number] = seen_on.get(flake.number, 0) + 1
    assert max(seen_on.values()) > 1
    assert [(tile.row, tile.column) for tile in tiles] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert tiles[0].stage_um == pytest.approx((1000 + 84, -500 + 64))
    assert tiles[3].stage_um == pytest.approx((1000 + 84 + 168 * 0.6, -500 + 64 + 128 * 0.6))


def test_dirt_lies_at_the_same_place_on_overlapping_windows() -> None:
    scene = Scene(160, 120, residue_per_mm2=400, stains_per_mm2=400, dust_per_mm2=3000)
    chip = make_chip(scene, np.random.default_rng(2))
    whole = paint(chip, Window(0, 0, 0.4, 400, 300), PERFECT.camera)
    part = paint(chip, Window(40, 20, 0.4, 300, 250), PERFECT.camera)
    overlap = whole.reflectance[50:300, 100:400]
    # A soft film is laid in cells of a few pixels, which begin elsewhere on another window.
    difference = np.abs(overlap / part.reflectance - 1)
    assert np.quantile(difference, 0.999) < 0.02
    np.testing.assert_array_equal(whole.layers[50:300, 100:400], part.layers)


def test_another_material_is_no_graphene() -> None:
    for material in ("hbn", "tmd"):
        tile = clean_tile(replace(CLEAN, foreign=material), PERFECT)
        assert tile.flakes == []
        assert not tile.instances.any()
        contrast = tile.pixels / bare_colour(tile) - 1
        assert np.count_nonzero(np.abs(contrast).max(axis=2) > 0.05) > 1000


def test_random_tiles_leave_light_in_every_channel() -> None:
    for seed in range(12):
        tile = random_tile(np.random.default_rng(seed), 256, 192)
        background = np.median(tile.pixels.reshape(-1, 3), axis=0) / 255
        assert background.min() > 0.05
        assert background.max() < 0.98
        assert {flake.layers for flake in tile.flakes} <= {1, 2, 3, 4}
