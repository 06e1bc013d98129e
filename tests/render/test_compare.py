"""Found against true: each flake counts once, as found, missed or false."""

import numpy as np
import pytest

from service.render.truth import FoundFlake, TrueFlake, compare


def true_flake(number: int, x: float, area_um2: float = 100.0) -> TrueFlake:
    return TrueFlake(number, 1, area_um2, (x, 0.0), np.zeros((3, 2)), touches_border=False)


def found_flake(x: float, area_um2: float = 100.0) -> FoundFlake:
    return FoundFlake((x, 0.0), area_um2, 1, 0.9)


def test_every_flake_is_counted_once() -> None:
    result = compare(
        [true_flake(1, 0), true_flake(2, 50), true_flake(3, 200)],
        [found_flake(0.5), found_flake(51), found_flake(52), found_flake(-900)],
    )
    assert [(match.true.number, match.found.centre_um[0]) for match in result.matches] == [
        (1, 0.5),
        (2, 51),
    ]
    assert result.matches[0].distance_um == pytest.approx(0.5)
    assert [flake.number for flake in result.missed] == [3]
    assert [flake.centre_um[0] for flake in result.false] == [52, -900]


def test_the_closest_pairs_are_matched_first() -> None:
    result = compare([true_flake(1, 0), true_flake(2, 4)], [found_flake(3.5), found_flake(-1)])
    assert {match.true.number: match.found.centre_um[0] for match in result.matches} == {
        1: -1,
        2: 3.5,
    }


def test_half_or_twice_the_area_is_another_thing() -> None:
    for area in (45, 210):
        result = compare([true_flake(1, 0)], [found_flake(0, area)])
        assert (len(result.matches), len(result.missed), len(result.false)) == (0, 1, 1)


def test_the_reach_grows_with_the_flake() -> None:
    assert compare([true_flake(1, 0, 4)], [found_flake(2.9, 4)]).matches
    assert not compare([true_flake(1, 0, 4)], [found_flake(3.1, 4)]).matches
    assert compare([true_flake(1, 0, 900)], [found_flake(14, 900)]).matches
