"""Scans of one tile with three squares, and the verdicts of a person on them."""

import cv2

from service.db.queries.flakes import FlakeFilter
from service.flakes.flakes import list_flakes
from service.optics.layers import LayerEstimate
from service.reviews.reviews import NewReview, review_flake
from service.scans.scans import NewScan, create_scan
from service.scans.tiles import NewTile, Stores, add_tile
from service.screening.pipeline import Detection, Screening
from service.screening.screen import Screened, ScreenJob
from service.vision.candidate import Candidate
from service.vision.decode import decode
from service.vision.measure import measure
from service.vision.normalise import normalise
from tests.models.squares import GRAPHENE_90_NM, draw_tile, square
from tests.scans.chip import MODEL

PLACES = (60, 160, 260)


def image(seed: int = 0) -> bytes:
    contrasts = (GRAPHENE_90_NM, -GRAPHENE_90_NM, 2 * GRAPHENE_90_NM)
    flakes = [(x, 100, contrast) for x, contrast in zip(PLACES, contrasts, strict=True)]
    pixels = draw_tile(*flakes).pixels
    pixels[0, 0] = seed
    _, png = cv2.imencode(".png", pixels[..., ::-1])
    return png.tobytes()


def screen(job: ScreenJob) -> Screened:
    """Finds the three squares and calls all of them graphene."""
    tile = decode(job.image)
    normalised = normalise(tile)
    found: list[Candidate] = [square(x, 100) for x in PLACES]
    unknown = LayerEstimate(None, None, None)
    detections = [Detection(c, measure(c, normalised), 0.9, True, unknown) for c in found]
    screening = Screening(detections, normalised.light, MODEL, 0.5)
    return Screened(screening=screening, width_px=400, height_px=300)


def scan_with(stores: Stores, content: bytes) -> list[int]:
    """A new scan of one tile; its flakes from left to right."""
    scan = create_scan(stores.sessions, NewScan(name="chip"))
    add_tile(stores, scan.id, NewTile(image=content, row=0, col=0), screen=screen)
    flakes = list_flakes(stores.sessions, FlakeFilter(scan_id=scan.id)).items
    return [flake.id for flake in sorted(flakes, key=lambda flake: flake.centre_px[0])]


def review(stores: Stores, flake: int, label: str, layers: int | None = None) -> None:
    review_flake(stores.sessions, flake, NewReview(label=label, layers=layers), "Ada")
