"""COCO as pycocotools reads it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from service.exports.exporting import ExportOptions
from service.exports.writers.coco import run_lengths
from service.reviews.reviews import review_flake
from service.scans.tile_list import list_tiles
from service.scans.tile_schemas import Flake, NewReview
from tests.exports.conftest import Bring, Filled

# pycocotools 2.0.11 was written for an older numpy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def flakes(filled: Filled) -> dict[int, Flake]:
    return {view.id: view for view in filled.flakes.values()}


def test_run_lengths_give_every_pixel_of_every_flake(filled: Filled, flakes):
    loaded = COCO(filled.write("coco"))

    assert set(loaded.anns) == set(flakes)
    for annotation in loaded.loadAnns(loaded.getAnnIds()):
        view = flakes[annotation["id"]]
        mask = loaded.annToMask(annotation)
        rows, columns = np.nonzero(mask)
        assert len(rows) == view.area_px == annotation["area"]
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(view.centre_px, abs=1e-3)
        x, y, width, height = annotation["bbox"]
        assert (columns.min(), rows.min()) == (x, y)
        assert (columns.max() + 1, rows.max() + 1) == (x + width, y + height)


def test_polygons_lie_on_the_masks(filled: Filled):
    exact = COCO(filled.write("coco"))
    outlined = COCO(filled.write("coco", options=ExportOptions(masks="polygons")))

    assert set(outlined.anns) == set(exact.anns)
    shares = []
    for key, annotation in outlined.anns.items():
        mask, drawn = exact.annToMask(exact.anns[key]), outlined.annToMask(annotation)
        shares.append(np.count_nonzero(mask & drawn) / np.count_nonzero(mask))
    # An outline fills holes and leaves small parts out; most of each flake is one whole part.
    assert np.median(shares) > 0.9
    assert min(shares) > 0.5


def test_images_are_the_tiles_with_flakes_under_their_names(filled: Filled, flakes):
    loaded = COCO(filled.write("coco"))

    tiles = {tile.id: tile for tile in list_tiles(filled.stores.sessions, filled.scan_id).items}
    assert set(loaded.imgs) == {view.tile_id for view in flakes.values()}
    for image in loaded.imgs.values():
        tile = tiles[image["id"]]
        assert (image["file_name"], image["width"], image["height"]) == (
            tile.name,
            tile.width_px,
            tile.height_px,
        )


def test_a_persons_verdict_decides_the_category(bring: Bring):
    scan = bring()
    rejected, *_ = (view.id for view in scan.flakes.values())
    verdict = NewReview(label="not_graphene")
    review_flake(scan.stores.sessions, rejected, verdict, "someone")

    loaded = COCO(scan.write("coco", everything=True))

    names = {one["id"]: one["name"] for one in loaded.loadCats(loaded.getCatIds())}
    by_flake = {key: names[one["category_id"]] for key, one in loaded.anns.items()}
    assert by_flake.pop(rejected) == "non_graphene"
    # Of the others the model's own verdict.
    called = {view.id for view in scan.flakes.values()} - {rejected}
    assert called
    assert {key for key, name in by_flake.items() if name == "graphene"} == called


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(0, 4),
    st.integers(0, 4),
    st.binary(min_size=81, max_size=81),
)
def test_any_mask_anywhere_comes_back_from_its_run_lengths(width, height, x, y, bits):
    mask = (np.frombuffer(bits, np.uint8)[: width * height] % 2).astype(bool).reshape(height, width)
    image_px = (width + x + 2, height + y)

    counts = run_lengths(mask, (x, y), image_px)

    packed = coco_mask.frPyObjects(
        {"size": [image_px[1], image_px[0]], "counts": counts}, image_px[1], image_px[0]
    )
    expected = np.zeros(image_px[::-1], bool)
    expected[y : y + height, x : x + width] = mask
    assert (coco_mask.decode(packed).astype(bool) == expected).all()
