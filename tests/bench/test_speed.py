import pytest

from bench.speed import ratio_by_size


def test_ratios_are_those_of_the_median_tile_of_each_size() -> None:
    tiles = [
        {"width_px": 1920, "height_px": 1200, "ratio": ratio, "least_ratio": ratio - 0.5}
        for ratio in (4.0, 9.0, 5.0)
    ]
    tiles.append({"width_px": 640, "height_px": 480, "ratio": 7.0, "least_ratio": 6.0})

    by_size = ratio_by_size(tiles)

    assert by_size["1920x1200"] == pytest.approx({"tiles": 3, "ratio": 5.0, "least_ratio": 4.5})
    assert by_size["640x480"] == pytest.approx({"tiles": 1, "ratio": 7.0, "least_ratio": 6.0})
