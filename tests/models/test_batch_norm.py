"""What is kept of a short training: batch norms of its own weights, and no random beginning."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from models.networks import build
from models.train import train
from models.training.batch_norm import measure_batch_norms
from models.training.learner import learner_of
from models.training.place import alone
from tests.models.drawn_examples import draw_examples
from tests.models.train_drawn import SHARED


def batches(count: int = 4) -> list[tuple[torch.Tensor, torch.Tensor]]:
    numbers = torch.Generator().manual_seed(1)
    return [(3 + 2 * torch.randn(64, 5, generator=numbers), torch.zeros(64)) for _ in range(count)]


def test_a_batch_norm_gets_the_mean_over_all_batches_and_its_momentum_back():
    network = nn.Sequential(nn.BatchNorm1d(5), nn.Dropout(0.5))

    measure_batch_norms(network, batches())

    crops = torch.cat([crops for crops, _ in batches()])
    assert torch.allclose(network[0].running_mean, crops.mean(0), atol=1e-5)
    assert torch.allclose(network[0].running_var, crops.var(0), rtol=0.05)
    assert network[0].momentum == 0.1
    assert not any(part.training for part in network.modules())


def test_a_frozen_batch_norm_keeps_what_it_knows():
    network = nn.Sequential(nn.BatchNorm1d(5), nn.BatchNorm1d(5))
    network[0].requires_grad_(requires_grad=False)

    measure_batch_norms(network, batches())

    assert torch.equal(network[0].running_mean, torch.zeros(5))
    assert not torch.equal(network[1].running_mean, torch.zeros(5))


@pytest.mark.parametrize("decay", [0, 0.98])
def test_a_training_ends_with_batch_norms_of_its_own_weights(decay: float):
    settings = replace(SHARED, ema_decay=decay)
    trained = train(build("flakenet"), draw_examples(24), settings).network
    norms = [part for part in trained.modules() if isinstance(part, nn.BatchNorm2d)]
    assert norms
    assert {int(norm.num_batches_tracked) for norm in norms} == {SHARED.epoch_steps}


def test_a_young_average_soon_forgets_where_it_began():
    network = nn.Linear(1, 1, bias=False)
    nn.init.ones_(network.weight)
    learner = learner_of(network, replace(SHARED, ema_decay=0.98), alone())
    assert learner.average is not None
    learner.average.update_parameters(network)
    nn.init.zeros_(network.weight)
    for _ in range(100):
        learner.average.update_parameters(network)
    # A plain average of this decay would keep 0.13 of it.
    assert learner.average.module.weight.item() == pytest.approx(0, abs=1e-4)
