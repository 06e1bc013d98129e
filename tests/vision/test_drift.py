import pytest

from service.vision.light import light_drift, usual_light

STEADY = [(0.50, 0.44, 0.62)] * 8


def test_steady_light_gives_no_warning_whatever_the_exposure() -> None:
    assert light_drift((0.25, 0.22, 0.31), usual_light(STEADY)) is None


def test_a_change_of_red_to_green_is_named_with_its_size() -> None:
    warning = light_drift((0.43, 0.44, 0.62), usual_light(STEADY))

    assert warning is not None
    assert "R/G" in warning
    assert "-14%" in warning


@pytest.mark.parametrize("earlier", [[], STEADY[:4]])
def test_too_few_tiles_tell_nothing(earlier: list[tuple[float, float, float]]) -> None:
    assert light_drift((0.9, 0.1, 0.1), usual_light(earlier)) is None


def test_a_black_tile_is_no_drift() -> None:
    assert light_drift((0.0, 0.0, 0.0), usual_light(STEADY)) is None
