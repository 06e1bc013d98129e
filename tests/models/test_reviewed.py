import numpy as np
import pytest

from models.examples.reviewed import reviewed_examples
from service.calibration.flat_fields import give_flat_field
from service.db.tables import Flake, Tile
from service.registry.gate import newest_crops
from service.scans.tiles import Stores
from tests.api.drawn import png_of
from tests.models.reviewed_scans import PLACES, image, review, scan_with
from tests.models.squares import GRAPHENE_90_NM, draw_tile
from tests.scans.conftest import stores

__all__ = ["stores"]


def test_the_latest_review_of_each_flake_is_its_label(stores: Stores) -> None:
    left, middle, right = scan_with(stores, image())
    review(stores, left, "not_graphene")
    review(stores, left, "graphene", layers=1)
    review(stores, middle, "not_graphene")
    review(stores, right, "unsure")
    examples, outcome = reviewed_examples(stores, 48)
    assert sorted(examples.label.tolist()) == [0, 1]
    assert examples.layers.tolist() == examples.label.tolist()
    assert set(examples.source.tolist()) == {"frame"}
    assert outcome == {"used": 2, "unsure": 1}
    graphene = examples.crops[examples.label == 1][0].astype(np.float32)
    inside = graphene[graphene[..., 3] == 1][:, :3]
    assert np.median(inside, axis=0) == pytest.approx(GRAPHENE_90_NM, abs=0.02)


def test_each_scan_is_a_group_but_scans_of_the_same_image_are_one(stores: Stores) -> None:
    for seed in (0, 1, 0):
        review(stores, scan_with(stores, image(seed))[0], "graphene")
    examples, _ = reviewed_examples(stores, 48)
    first, other, again = examples.group.tolist()
    assert first == again != other


def test_a_tile_that_was_lost_costs_its_examples_and_no_more(stores: Stores) -> None:
    kept, lost = scan_with(stores, image(0)), scan_with(stores, image(1))
    review(stores, kept[0], "graphene")
    review(stores, lost[0], "graphene")
    with stores.sessions() as session:
        tile = session.get_one(Tile, session.get_one(Flake, lost[0]).tile_id)
    stores.blobs.delete(tile.sha256)
    examples, outcome = reviewed_examples(stores, 48)
    assert len(examples) == 1
    assert outcome["tile cannot be read"] == 1


def test_without_reviews_there_are_no_examples(stores: Stores) -> None:
    scan_with(stores, image())
    examples, _ = reviewed_examples(stores, 48)
    assert examples.crops.shape == (0, 48, 48, 4)


def test_training_sees_a_flake_in_the_light_that_screening_saw_it_in(stores: Stores) -> None:
    # A shadow of dust on the camera over the left flake: no smooth light explains it.
    shadow = np.ones((300, 400, 1))
    shadow[70:170, 30:130] = 0.8
    tile = draw_tile(*((x, 100, GRAPHENE_90_NM) for x in PLACES))
    shaded = np.clip(tile.pixels * shadow, 0, 255).astype(np.uint8)
    flakes = scan_with(stores, png_of(shaded))
    with stores.sessions() as session:
        scan_id = session.get_one(Flake, flakes[0]).scan_id
    light = np.full((300, 400, 3), 200) * shadow
    give_flat_field(stores, scan_id, png_of(light.astype(np.uint8)))
    for flake in flakes:
        review(stores, flake, "graphene", layers=1)

    examples, _ = reviewed_examples(stores, 48)
    judged = newest_crops(stores, {48})

    assert len(examples) == 3
    # Examples are kept in half precision.
    assert np.abs(examples.crops.astype(np.float32) - judged.crops[48]).max() < 2e-3
    for crop in examples.crops.astype(np.float32):
        inside = crop[crop[..., 3] == 1][:, :3]
        assert np.median(inside, axis=0) == pytest.approx(GRAPHENE_90_NM, abs=0.03)
