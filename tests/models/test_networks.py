import re
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

from models.networks import NAMES, build
from models.networks.adapted import Adapted, Masked
from models.networks.pretrained import last_layer, origin
from models.train import train
from models.training.config import TrainConfig
from service.errors import InvalidValue
from tests.models.drawn_examples import draw_examples

SHORT = TrainConfig(
    epochs=1, epoch_steps=2, batch=8, ema_decay=0, sampling="balanced", threads=1, weight_decay=0
)


def weights_of(network: nn.Module, folder: Path) -> Path:
    path = folder / "weights.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_network_gives_one_logit_for_each_crop(name: str) -> None:
    crops = torch.from_numpy(draw_examples(2).crops).float()
    with torch.inference_mode():
        logits = build(name).eval()(crops)
    assert logits.shape == (2,)
    assert torch.isfinite(logits).all()


def test_an_unknown_network_is_refused_with_the_names_of_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match="densenet121"):
        build("alexnet2")


def test_bare_substrate_has_the_colour_that_the_weights_call_average() -> None:
    network = build("mobilenet_v3_small")
    assert isinstance(network, Adapted)
    seen: list[torch.Tensor] = []
    network.body.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    network.eval()(torch.zeros(1, 48, 48, 4))
    assert seen[0].shape == (1, 4, 64, 64)
    assert seen[0].abs().max() == 0


def test_at_first_the_mask_changes_nothing_and_imagenet_weights_answer_as_ever() -> None:
    torch.manual_seed(0)
    network = build("lenet5").eval()
    crops = torch.rand(2, 32, 32, 4) - 0.5
    without = torch.cat([crops[..., :3], torch.zeros(2, 32, 32, 1)], dim=3)
    assert torch.equal(network(crops), network(without))


def test_weights_of_a_file_are_taken_but_for_the_head(tmp_path: Path) -> None:
    theirs = torchvision.models.mobilenet_v3_small()
    ours = build("mobilenet_v3_small", pretrained=weights_of(theirs, tmp_path))
    own = {name.replace("colours.", ""): value for name, value in ours.state_dict().items()}
    for name, value in theirs.state_dict().items():
        if not name.startswith("classifier.3."):
            assert torch.equal(own[f"body.{name}"], value), name


def test_auxiliary_heads_in_a_file_are_left_out(tmp_path: Path) -> None:
    theirs = torchvision.models.googlenet(aux_logits=True, init_weights=False)
    ours = build("googlenet", pretrained=weights_of(theirs, tmp_path))
    kernel = theirs.inception5b.branch1.conv.weight
    assert torch.equal(ours.get_parameter("body.inception5b.branch1.conv.weight"), kernel)


def test_the_old_names_in_the_file_of_densenet_are_understood(tmp_path: Path) -> None:
    theirs = torchvision.models.densenet121()
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12]\.)", r"\1.\2", name): value
        for name, value in theirs.state_dict().items()
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old, tmp_path / "old.pth")
    ours = build("densenet121", pretrained=tmp_path / "old.pth")
    kernel = theirs.features.denseblock4.denselayer16.conv2.weight
    name = "body.features.denseblock4.denselayer16.conv2.weight"
    assert torch.equal(ours.get_parameter(name), kernel)


def test_weights_of_another_network_are_refused_by_the_name_of_one(tmp_path: Path) -> None:
    path = weights_of(torchvision.models.mobilenet_v3_small(), tmp_path)
    with pytest.raises(InvalidValue, match=r"another network: it has 'features\.0\.0\.weight'"):
        build("mobilenet_v2", pretrained=path)


def test_weights_that_lack_a_layer_are_refused(tmp_path: Path) -> None:
    some = torchvision.models.mobilenet_v3_small().state_dict()
    del some["features.5.block.0.0.weight"]
    torch.save(some, tmp_path / "some.pth")
    with pytest.raises(InvalidValue, match=r"lacks 'features\.5\.block\.0\.0\.weight'"):
        build("mobilenet_v3_small", pretrained=tmp_path / "some.pth")


def test_a_file_with_code_in_it_is_refused_unread(tmp_path: Path) -> None:
    torch.save({"features": print}, tmp_path / "code.pth")
    with pytest.raises(InvalidValue, match="cannot be read"):
        build("mobilenet_v2", pretrained=tmp_path / "code.pth")


def test_a_result_says_what_it_began_with(tmp_path: Path) -> None:
    (tmp_path / "net.pth").write_bytes(b"weights")
    assert origin(None) == "from scratch"
    assert re.fullmatch(r"net\.pth sha256:[0-9a-f]{64}", origin(tmp_path / "net.pth"))


def test_frozen_parts_stay_as_they_were_and_head_and_mask_learn() -> None:
    torch.manual_seed(0)
    network = build("mobilenet_v3_small", trained_blocks=0, dropout=0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    train(network, draw_examples(16), SHORT)
    changed = {n for n, value in network.state_dict().items() if not torch.equal(value, before[n])}
    assert all(".mask." in name or ".classifier." in name for name in changed)
    assert any(".mask." in name for name in changed)
    assert f"body.{last_layer(network).removeprefix('body.')}.weight" in changed


def test_the_last_blocks_can_be_left_to_learn() -> None:
    network = build("flakenet", trained_blocks=2)
    frozen = {name for name, value in network.named_parameters() if not value.requires_grad}
    assert frozen
    assert {name.split(".")[0] for name in frozen} == {"trunk"}
    assert not any(name.startswith("trunk.4") for name in frozen)


def test_more_blocks_than_there_are_cannot_be_trained() -> None:
    with pytest.raises(InvalidValue, match="the network has 2"):
        build("lenet5", trained_blocks=3)


def test_a_network_takes_the_size_of_the_study() -> None:
    network = build("mobilenet_v2", side=224).eval()
    assert isinstance(network, Adapted)
    assert network.side == 224
    assert network(torch.zeros(1, 48, 48, 4)).shape == (1,)


@pytest.mark.parametrize(("name", "side"), [("lenet5", 224), ("alexnet", 32), ("inception_v3", 64)])
def test_a_size_that_does_not_fit_is_refused(name: str, side: int) -> None:
    with pytest.raises(InvalidValue, match=f"cannot be given {side} px"):
        build(name, side=side)


def test_the_mask_is_a_fourth_channel() -> None:
    masked = Masked(nn.Conv2d(3, 2, 3, padding=1))
    nn.init.ones_(masked.mask.weight)
    whole = nn.Conv2d(4, 2, 3, padding=1)
    with torch.no_grad():
        whole.weight.copy_(torch.cat([masked.colours.weight, masked.mask.weight], dim=1))
        whole.bias.copy_(masked.colours.bias)
    image = torch.rand(1, 4, 8, 8)
    assert torch.allclose(masked(image), whole(image), atol=1e-6)
