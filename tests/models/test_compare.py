import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.card import Result, ShipConfig, write_card
from models.compare.config import PRETRAINED, CompareConfig, chosen
from models.compare.judged import ALL, judge_network
from models.compare.pages import write_comparison
from models.compare.run import Compared, compare, key_of
from models.compare.seed_study import STUDY
from models.evaluate import evaluate
from models.examples.gather import Gathered
from models.examples.labelled import SYNTHETIC, join, no_examples
from models.networks import NAMES
from service.errors import InvalidValue
from tests.models.drawn_examples import draw_examples
from tests.models.exported import METADATA

SHORT = CompareConfig(
    networks=("lenet5",),
    epochs=5,
    samples=64,
    folds=2,
    batch=32,
    threads=1,
    pretraining_tiles=1,
    pretraining_epochs=1,
)


def gathered() -> Gathered:
    frames = draw_examples(64)
    real = join([frames, draw_examples(64, source="tight")])
    rendered = draw_examples(64, groups=(SYNTHETIC,), source="rendered")
    return Gathered(real, rendered, no_examples(48), {}, no_examples(48))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Compared, Path]:
    out = tmp_path_factory.mktemp("compared")
    compared = compare(gathered(), SHORT, out, lambda _: None)
    write_comparison(compared, out)
    return compared, out


def test_every_example_is_judged_once_by_a_network_that_did_not_see_its_group(
    done: tuple[Compared, Path],
) -> None:
    compared, _ = done
    assert np.array_equal(np.sum(compared.folds, axis=0), np.ones(128))
    for first, second in [compared.folds]:
        groups = compared.examples.group
        assert set(groups[first]).isdisjoint(groups[second])
    for name in (*SHORT.networks, PRETRAINED):
        sizes = [len(result.logits) for result in compared.results[name]]
        assert sizes == [int(fold.sum()) for fold in compared.folds]
        assert all(len(result.losses) == 5 for result in compared.results[name])


def test_what_is_done_is_not_done_again_and_what_was_lost_comes_out_the_same(
    done: tuple[Compared, Path],
) -> None:
    compared, out = done
    (lost,) = out.glob("results/lenet5-2-*.json")
    kept = {path: path.stat().st_mtime_ns for path in out.glob("results/*") if path != lost}
    lost.unlink()
    again = compare(gathered(), SHORT, out, lambda _: None)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert np.allclose(again.results["lenet5"][1].logits, compared.results["lenet5"][1].logits)


def test_a_result_belongs_to_its_examples_and_settings_whatever_else_is_compared() -> None:
    key = key_of(gathered(), SHORT)
    assert key_of(gathered(), replace(SHORT, networks=NAMES, threads=2)) == key
    assert key_of(gathered(), replace(SHORT, epochs=6)) != key
    other = replace(gathered(), real=draw_examples(32))
    assert key_of(other, SHORT) != key


def test_the_tables_name_every_network_its_cost_and_the_study_apart(
    done: tuple[Compared, Path],
) -> None:
    compared, out = done
    text = (out / "compare.md").read_text()
    for name in (*SHORT.networks, PRETRAINED):
        assert f"| {name} |" in text
    assert "Other data: the study of 2024" in text
    assert "must not be ranked" in text
    content = json.loads((out / "compare.json").read_text())
    assert content["networks"]["lenet5"]["speed"]["difference"] < 1e-4
    assert set(content["networks"][PRETRAINED]["speed"]["ms_per_crop"]) == {"1", "8", "64"}
    assert set(content["networks"][PRETRAINED]["groups"]) == {"A", "B", "C", "D"}
    assert "<svg" in (out / "compare.html").read_text()
    figures = judge_network(compared, PRETRAINED)
    assert figures.sets[ALL].positives == figures.sets[ALL].negatives == 64


def test_the_card_takes_over_figures_and_costs(done: tuple[Compared, Path], tmp_path: Path) -> None:
    figures = evaluate(np.array([1, 0], np.int8), np.array([0.9, 0.2]), 0.4)
    result = Result(METADATA, ShipConfig(), 0.0, {}, {"out of fold: frame, all": figures})
    write_card(result, tmp_path / "card.md", done[1] / "compare.md")
    card = (tmp_path / "card.md").read_text()
    assert "## Compared with other networks" in card
    assert "### Cost" in card
    assert "| lenet5 |" in card
    assert "Recall of graphene in each left-out group" not in card


def test_the_studys_numbers_are_turned_to_graphene_as_positive() -> None:
    """As computed by hand from its confusion matrices."""
    corrected = {row.network: row.corrected for row in STUDY}
    assert corrected["AlexNet"] == pytest.approx((1.0, 0.90, 0.947), abs=5e-4)
    assert corrected["ResNet50"] == pytest.approx((0.972, 0.70, 0.814), abs=5e-4)
    assert corrected["Inception v3"] == pytest.approx((1.0, 0.92, 0.958), abs=5e-4)


def test_all_means_every_network_and_an_unknown_one_is_refused() -> None:
    assert chosen("all") == NAMES
    assert len(NAMES) == 12
    assert chosen("lenet5, flakenet") == ("lenet5", "flakenet")
    with pytest.raises(InvalidValue, match="alexnet2"):
        chosen("alexnet2")


def test_one_group_alone_cannot_be_compared_on(tmp_path: Path) -> None:
    one = draw_examples(groups=("A",))
    alone = Gathered(one, no_examples(48), no_examples(48), {}, no_examples(48))
    with pytest.raises(InvalidValue, match="one group"):
        compare(alone, SHORT, tmp_path, lambda _: None)
