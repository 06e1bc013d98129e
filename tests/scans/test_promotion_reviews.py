"""The gate's second half: crops of reviewed flakes, cut from drawn tiles by the real pipeline."""

from pathlib import Path

import numpy as np

from service.db.queries.flakes import FlakeFilter
from service.flakes.flakes import list_flakes
from service.inference.onnx_classifier import OnnxClassifier
from service.registry.gate import newest_crops
from service.registry.versions import NewModelVersion, register_model
from service.reviews.reviews import review_flakes, undo_review
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tile_schemas import NewReview
from service.scans.tiles import NewTile, Stores, add_tile
from service.screening.pipeline import screen_tile
from service.screening.screen import Screened, ScreenJob
from service.vision.crop import crop
from service.vision.decode import decode
from service.vision.normalise import normalise
from service.vision.segment import SegmentParams, segment
from tests.api.drawn import draw_tile, png_of
from tests.inference.tiny_model import write_tiny_model

FLAKES = ((40, 60, 60, 50), (200, 100, 80, 40), (300, 220, 50, 50))


def screen_tiles(stores: Stores, folder: Path) -> bytes:
    """A scan of one drawn tile, screened by the real pipeline; its image."""
    classifier = OnnxClassifier(write_tiny_model(folder / "tiny.onnx"), wish="cpu")
    about = NewModelVersion(version="tiny-1", sha256="4" * 64, input_size_px=32, threshold=0.5)
    register_model(stores.sessions, about)

    def screen(job: ScreenJob) -> Screened:
        tile = decode(job.image)
        screening = screen_tile(tile, params=SegmentParams(), classifier=classifier)
        return Screened(screening=screening, width_px=tile.width_px, height_px=tile.height_px)

    image = png_of(draw_tile(*FLAKES))
    scan_id = create_scan(stores.sessions, NewScan(name="chip")).id
    add_tile(stores, scan_id, NewTile(image=image, row=0, col=0), screen=screen)
    return image


def test_the_latest_sure_reviews_are_cut_as_screening_cuts_them(stores: Stores, tmp_path: Path):
    image = screen_tiles(stores, tmp_path)
    flakes = list_flakes(stores.sessions, FlakeFilter(), sort="id").items
    assert len(flakes) == 3
    for flake, label in zip(flakes, ("graphene", "not_graphene", "unsure"), strict=True):
        review_flakes(stores.sessions, [flake.id], NewReview(label=label), "ada")
    review_flakes(stores.sessions, [flakes[0].id], NewReview(label="not_graphene"), "bob")
    undo_review(stores.sessions, flakes[0].id, "bob")

    reviewed = newest_crops(stores, {32, 48})

    labels = dict(zip(reviewed.flake_ids, reviewed.is_graphene.tolist(), strict=True))
    assert labels == {flakes[0].id: True, flakes[1].id: False}
    normalised = normalise(decode(image))
    seen = crop(normalised, segment(normalised, SegmentParams(), None), 32)
    assert reviewed.crops[48].shape == (2, 48, 48, 4)
    assert all(np.abs(seen - one).max(axis=(1, 2, 3)).min() < 1e-6 for one in reviewed.crops[32])


def test_reviews_of_tiles_whose_image_is_lost_are_left_out(stores: Stores, tmp_path: Path):
    screen_tiles(stores, tmp_path)
    flakes = list_flakes(stores.sessions, FlakeFilter(), sort="id").items
    review_flakes(stores.sessions, [flakes[0].id], NewReview(label="graphene"), "ada")
    for blob in (tmp_path / "blobs").rglob("*"):
        if blob.is_file():
            blob.unlink()

    reviewed = newest_crops(stores, {32})

    assert (len(reviewed.crops[32]), len(reviewed.is_graphene)) == (0, 0)
