import numpy as np
import pytest

from service.placement.orientation import correct


def grid(side: int) -> np.ndarray:
    index = np.arange(side * side).reshape(side, side)
    right = np.stack([index[:, :-1].ravel(), index[:, 1:].ravel()], axis=1)
    below = np.stack([index[:-1].ravel(), index[1:].ravel()], axis=1)
    return np.concatenate([right, below])


def left_over(moves: np.ndarray, truth: np.ndarray) -> float:
    away = (moves - moves.mean(axis=0)) - (truth - truth.mean(axis=0))
    return float(np.hypot(*away.T).max())


@pytest.mark.parametrize("side", [2, 5, 20])
def test_tiles_come_to_stand_where_their_images_say(side):
    rng = np.random.default_rng(side)
    truth, pairs = rng.uniform(-3, 3, (side * side, 2)), grid(side)
    offsets = truth[pairs[:, 1]] - truth[pairs[:, 0]] + rng.normal(0, 0.05, (len(pairs), 2))

    assert left_over(correct(side * side, pairs, offsets), truth) < 0.3


def test_a_mistaken_pair_moves_nothing():
    rng = np.random.default_rng(1)
    truth, pairs = rng.uniform(-3, 3, (36, 2)), grid(6)
    offsets = truth[pairs[:, 1]] - truth[pairs[:, 0]]
    offsets[17] += (30.0, -20.0)

    assert left_over(correct(36, pairs, offsets), truth) < 0.3


def test_an_island_stays_where_its_positions_say_on_the_whole():
    pairs = np.array([[0, 1], [2, 3]])
    offsets = np.array([[2.0, 0.0], [0.0, -4.0]])

    moves = correct(5, pairs, offsets)

    assert moves[:2] == pytest.approx(np.array([[-1, 0], [1, 0]]), abs=0.01)
    assert moves[2:4] == pytest.approx(np.array([[0, 2], [0, -2]]), abs=0.01)
    assert moves[4].tolist() == [0, 0]


def test_without_pairs_nothing_moves():
    assert correct(3, np.zeros((0, 2), np.int64), np.zeros((0, 2))).tolist() == [[0, 0]] * 3
