"""Numbers of layers: what the model makes it must read, and what it did not make it must refuse."""

from dataclasses import replace

import numpy as np
import pytest

from service.errors import InvalidValue
from service.optics.camera import Camera, contrast_rgb
from service.optics.layers import LayerEstimate, estimate_layers
from service.optics.references import parse_references
from service.optics.substrate import Substrate

CAMERAS = {
    "default": Camera(),
    "halogen": Camera(lamp="halogen", numerical_aperture=0.6, glare=0.05),
    "vivid": Camera(lamp="halogen", white_balance=(1.1, 1, 0.6), colour_correction=0.8),
}
NOTHING = LayerEstimate(None, None, None, explained=False)
# One laboratory's means on 90 nm, published with 2DMatGMM.
MEASURED_90_NM = [
    (-0.137, -0.140, -0.071),
    (-0.248, -0.264, -0.152),
    (-0.347, -0.368, -0.216),
    (-0.436, -0.465, -0.272),
]
# The same for another one on 285 nm: vivid colours, blue brighter than the substrate.
MEASURED_285_NM = [(-0.05, -0.141, 0.07), (-0.083, -0.263, 0.097)]
# Gold, dust, tape residue, a hole in the oxide, a scratch, hexagonal boron nitride.
NO_GRAPHITE = [
    (2.1, 2.4, 0.9),
    (-0.5, 0.1, 0.4),
    (0.02, -0.01, 0.03),
    (9.5, 10.0, 10.0),
    (-1.0, -1.0, 1.5),
    (0.2, 0.52, 1.07),
]


def numbers(contrasts, **options) -> list[int | None]:
    return [estimate.layers for estimate in estimate_layers(contrasts, **options)]


@pytest.mark.parametrize("camera", CAMERAS.values(), ids=CAMERAS.keys())
@pytest.mark.parametrize("oxide_nm", [90.0, 285.0, 300.0])
def test_noisy_flakes_of_a_tile_are_read_back(oxide_nm: float, camera: Camera) -> None:
    random = np.random.default_rng(1)
    layers = np.tile([1, 2, 3, 4], 5)
    exact = contrast_rgb(layers, oxide_nm, camera)
    noisy = exact + random.normal(0, (0.006, 0.006, 0.012), exact.shape)
    assert numbers(noisy.tolist(), oxide_nm=oxide_nm) == layers.tolist()


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0])
def test_a_flake_is_surely_thin_from_1_to_3_layers_and_surely_not_from_6(oxide_nm: float) -> None:
    layers = np.array([1, 2, 3, 6, 7, 8])
    flakes = contrast_rgb(layers, oxide_nm).tolist()

    p_thin = [estimate.p_thin for estimate in estimate_layers(flakes, oxide_nm=oxide_nm)]

    assert min(p_thin[:3]) > 0.95
    assert max(p_thin[3:]) < 0.2


def test_a_contrast_that_is_of_no_number_of_layers_tells_nothing_of_that_number() -> None:
    assert [estimate.p_thin for estimate in estimate_layers(NO_GRAPHITE)] == [1.0] * 6


def test_only_a_model_of_all_microscopes_can_say_that_no_graphite_looks_so() -> None:
    one_layer = {"1": {"contrast": {"r": -0.137, "g": -0.14, "b": -0.071}}}
    measured = Substrate("one layer", 90.0, parse_references(one_layer))
    flake = [(-0.5, 0.1, 0.4)]

    assert [one.explained for one in estimate_layers(flake, oxide_nm=90.0)] == [False]
    assert [one.explained for one in estimate_layers(flake, substrate=measured)] == [True]


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0, 300.0])
def test_one_and_two_layers_are_told_apart_where_nothing_else_is_seen(oxide_nm: float) -> None:
    for layers in (1, 2):
        assert numbers(contrast_rgb(layers, oxide_nm).tolist(), oxide_nm=oxide_nm) == [layers]


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0, 300.0])
def test_the_uncertainty_of_a_flake_alone_covers_its_number(oxide_nm: float) -> None:
    for layers in (3, 4, 5):
        (read,) = estimate_layers(contrast_rgb(layers, oxide_nm).tolist(), oxide_nm=oxide_nm)
        assert read.layers is not None
        assert read.sigma is not None
        assert abs(read.layers - layers) <= 2 * read.sigma


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0])
def test_a_tile_without_a_named_oxide_is_read_from_its_own_flakes(oxide_nm: float) -> None:
    contrasts = contrast_rgb([1, 1, 2, 3, 4], oxide_nm).tolist()
    assert numbers([*contrasts, *NO_GRAPHITE]) == [1, 1, 2, 3, 4] + [None] * len(NO_GRAPHITE)


def test_measured_contrasts_on_90_nm_are_read_one_by_one() -> None:
    assert [numbers([contrast], oxide_nm=90)[0] for contrast in MEASURED_90_NM] == [1, 2, 3, 4]


def test_measured_contrasts_of_vivid_colours_on_285_nm_are_read() -> None:
    assert numbers(MEASURED_285_NM, oxide_nm=285) == [1, 2]


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0, None])
def test_what_is_no_graphite_has_no_number(oxide_nm: float | None) -> None:
    assert estimate_layers(NO_GRAPHITE, oxide_nm=oxide_nm) == [NOTHING] * len(NO_GRAPHITE)


@pytest.mark.parametrize("oxide_nm", [90.0, 285.0])
def test_thick_graphite_has_no_number(oxide_nm: float) -> None:
    contrasts = contrast_rgb([30, 40, 70, 120, 200], oxide_nm).tolist()
    assert numbers(contrasts, oxide_nm=oxide_nm) == [None] * 5


def test_a_contrast_that_is_not_a_number_spoils_no_other_flake() -> None:
    contrasts = [(np.nan, 0.0, 0.0), MEASURED_90_NM[0], (0.0, -np.inf, np.inf)]
    assert numbers(contrasts, oxide_nm=90) == [None, 1, None]


def test_no_flakes_give_no_estimates() -> None:
    assert estimate_layers([]) == []


def test_the_uncertainty_grows_with_the_number_of_layers() -> None:
    estimates = estimate_layers(contrast_rgb([1, 4, 8], 90).tolist(), oxide_nm=90)
    sigmas = [estimate.sigma for estimate in estimates]
    assert all(sigma is not None for sigma in sigmas)
    assert 0.03 < sigmas[0] < sigmas[1] < sigmas[2] < 2
    assert {estimate.source for estimate in estimates} == {"thin_film"}


def test_an_image_saved_with_a_gamma_is_read_with_that_gamma() -> None:
    saved = contrast_rgb([1, 2, 3], 90, replace(Camera(), gamma=1 / 2.2)).tolist()
    assert numbers(saved, oxide_nm=90, gamma=1 / 2.2) == [1, 2, 3]


def test_flakes_without_weight_do_not_say_how_the_others_are_read() -> None:
    flakes = contrast_rgb([1, 2, 3], 285, CAMERAS["vivid"]).tolist()
    specks = [tuple(0.6 * np.array(flakes[0]))] * 30
    weights = [1.0] * 3 + [0.0] * 30
    assert numbers([*flakes, *specks], oxide_nm=285, weights=weights)[:3] == [1, 2, 3]


def test_measured_references_take_the_place_of_the_model() -> None:
    halved = {
        str(n): {"contrast": dict(zip("rgb", (np.array(contrast) / 2).tolist(), strict=True))}
        for n, contrast in enumerate(MEASURED_90_NM, start=1)
    }
    substrate = Substrate("dim", 90.0, parse_references(halved))
    contrasts = [tuple((np.array(contrast) / 2).tolist()) for contrast in MEASURED_90_NM]
    estimates = estimate_layers([*contrasts, (2.0, 2.0, 2.0)], substrate=substrate)
    assert [estimate.layers for estimate in estimates] == [1, 2, 3, 4, None]
    assert [estimate.source for estimate in estimates] == ["substrate"] * 4 + [None]
    assert numbers(contrasts, oxide_nm=90)[1] == 1


def test_a_substrate_without_references_gives_its_oxide() -> None:
    contrasts = contrast_rgb([1, 2, 3], 300).tolist()
    estimates = estimate_layers(contrasts, substrate=Substrate("new wafer", 300.0))
    assert [(e.layers, e.source) for e in estimates] == [(n, "thin_film") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"oxide_nm": -5.0}, "oxide_nm is -5"),
        ({"oxide_nm": float("nan")}, "oxide_nm is nan"),
        ({"gamma": 0.0}, "gamma is 0"),
        ({"weights": [1.0, 1.0]}, "1 contrasts have 2 weights"),
        ({"weights": [1.5]}, "from 0 to 1"),
    ],
)
def test_a_wrong_option_is_refused_by_name(options, words) -> None:
    with pytest.raises(InvalidValue, match=words):
        estimate_layers(MEASURED_90_NM[:1], **options)
