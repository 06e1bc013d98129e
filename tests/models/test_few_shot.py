from pathlib import Path

import cv2
import pytest

from models.examples.annotation import Frame, Marked
from models.examples.labelled import SYNTHETIC
from models.few_shot import FewShotConfig, begin, few_shot, write_few_shot
from models.training.config import TrainConfig
from service.errors import InvalidValue
from tests.models.drawn_examples import draw_examples
from tests.models.squares import GRAPHENE_90_NM, draw_tile, square

SHORT = TrainConfig(epochs=2, epoch_steps=8, batch=16, threads=1, ema_decay=0.5)
CONFIG = FewShotConfig(
    shots=(0, 1, 2),
    draws=2,
    test_tiles=2,
    variants=2,
    pretraining=SHORT,
    training=SHORT,
    adapting=SHORT,
)


def frames(folder: Path, count: int) -> list[Frame]:
    """Tiles with a flake that is brighter than its substrate: as no old example is."""
    made = []
    for number in range(count):
        path = folder / f"{number}.png"
        tile = draw_tile((100, 100, -GRAPHENE_90_NM), (200, 180, GRAPHENE_90_NM))
        cv2.imwrite(str(path), tile.pixels[..., ::-1])
        flakes = (
            Marked(square(100, 100), False, 0),
            Marked(square(200, 180), False, 0, is_graphene=False),
        )
        made.append(Frame(path, "new", True, True, 200, None, 90, flakes))
    return made


def test_a_network_that_has_never_seen_such_flakes_learns_them_from_few_tiles(
    tmp_path: Path,
) -> None:
    rendered = draw_examples(64, groups=(SYNTHETIC,), source="rendered")
    old = draw_examples(64)
    result = few_shot(rendered, old, frames(tmp_path, 5), CONFIG)
    assert [shot.tiles for shot in result.shots] == [0, 1, 2]
    assert result.full.tiles == 3
    assert all(len(shot.figures["recall"]) == 2 for shot in [*result.shots, result.full])
    assert result.shots[0].mean("recall") == 0
    assert result.shots[2].mean("recall") == 1
    write_few_shot(result, tmp_path / "few.json")
    assert '"tiles": 2' in (tmp_path / "few.json").read_text()


def test_as_many_tiles_as_are_tested_on_are_too_few(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="2 tiles"):
        few_shot(draw_examples(8), draw_examples(8), frames(tmp_path, 2), CONFIG)


def test_kept_weights_are_taken_again(tmp_path: Path) -> None:
    rendered = draw_examples(64, groups=(SYNTHETIC,), source="rendered")
    first = begin(rendered, CONFIG, tmp_path / "begun.pt")
    again = begin(rendered, CONFIG, tmp_path / "begun.pt")
    for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True):
        assert (a == b).all()
