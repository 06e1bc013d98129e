"""Which contrasts on either side of a border are those of one flake."""

import pytest

from service.scans.sights import is_alike

# Measured on 90 nm under one microscope, R, G, B, by number of layers.
MEASURED = {
    1: (-0.137, -0.140, -0.071),
    2: (-0.248, -0.264, -0.152),
    3: (-0.347, -0.368, -0.216),
    4: (-0.436, -0.465, -0.272),
}


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_one_layer_more_is_another_contrast(layers: int):
    assert not is_alike(MEASURED[layers], MEASURED[layers + 1])
    assert not is_alike(MEASURED[layers + 1], MEASURED[layers])


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_what_two_flakes_of_one_number_of_layers_differ_by_is_alike(layers: int):
    red, green, blue = MEASURED[layers]

    # Two standard deviations of the same measurement; that of blue is the largest.
    assert is_alike(MEASURED[layers], (red - 0.03, green + 0.03, blue - 0.04))


def test_one_channel_is_enough_to_tell_two_contrasts_apart():
    assert is_alike((-0.05, -0.12, 0.0), (-0.05, -0.12, 0.03))
    assert not is_alike((-0.05, -0.12, 0.0), (-0.05, -0.12, 0.06))
