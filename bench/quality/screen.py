"""Screen: run the pipeline on one annotated frame and count what came out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.quality.match import IOU_FOR_A_HIT, Found, Verdict, best_overlap, match
from bench.quality.region import Box, Region
from bench.quality.sure_negative import SureNegatives
from bench.quality.truth import Frame, TrueFlake
from bench.stages import run_stages
from service.inference.classifier import Classifier
from service.screening.pipeline import screen_tile
from service.vision.candidate import Candidate
from service.vision.decode import Tile
from service.vision.normalise import normalise
from service.vision.segment import SegmentParams, segment


@dataclass(frozen=True, slots=True, eq=False)
class Miss:
    """An annotated flake that no detection is.

    Attributes
    ----------
    iou : float
        Overlap of the best candidate: below 0.5 segmentation missed it, else the network did.
    p_graphene : float or None
        Of that candidate; None where there is none.
    """

    flake: TrueFlake
    iou: float
    p_graphene: float | None


@dataclass(frozen=True, slots=True, eq=False)
class ScreenedFrame:
    """One frame with the verdict on every candidate.

    Attributes
    ----------
    tile : Tile or None
        None where nothing will be drawn.
    verdicts : list of Verdict
        Every candidate, whether called graphene or not.
    candidate_hits : int
        Annotated flakes that any candidate is.
    ms : dict of str to float
        Milliseconds of each stage; empty where nothing was timed.
    """

    frame: Frame
    tile: Tile | None
    verdicts: list[Verdict]
    misses: list[Miss]
    flakes: int
    candidate_hits: int
    ms: dict[str, float]

    @property
    def called_graphene(self) -> list[Verdict]:
        """Verdicts on the detections that the pipeline calls graphene."""
        return [verdict for verdict in self.verdicts if verdict.found.is_graphene]


def screen_frame(
    frame: Frame, *, classifier: Classifier | None, params: SegmentParams
) -> ScreenedFrame:
    """Screen a frame's file, timed, and compare with its annotation."""
    run = run_stages(
        frame.path.read_bytes(),
        classifier=classifier,
        params=params,
        um_per_px=frame.um_per_px,
        oxide_nm=frame.oxide_nm,
    )
    if classifier is None:
        found = as_found(run.candidates)
    else:
        # The steps were for the clock; the answer judged is that of the pipeline itself.
        found = find(run.tile, classifier=classifier, params=params)
    return judge(frame, run.tile, found, run.ms)


def find(tile: Tile, *, classifier: Classifier | None, params: SegmentParams) -> list[Found]:
    """What the pipeline finds; without a network every candidate counts as graphene."""
    if classifier is None:
        return as_found(segment(normalise(tile), params, tile.um_per_px))
    screening = screen_tile(tile, params=params, classifier=classifier)
    return [
        Found(_region(d.candidate), d.p_graphene, d.is_graphene, d.layers.layers)
        for d in screening.detections
    ]


def as_found(candidates: Sequence[Candidate]) -> list[Found]:
    """Candidates that no network has seen."""
    return [Found(_region(candidate), 1.0, True, None) for candidate in candidates]


def _region(candidate: Candidate) -> Region:
    return Region(Box(*candidate.bbox_px), candidate.mask)


def judge(frame: Frame, tile: Tile, found: list[Found], ms: dict[str, float]) -> ScreenedFrame:
    """Compare what was found on a tile with its annotation."""
    verdicts = match(frame, found, SureNegatives(tile.pixels))
    hit = {id(v.flake) for v in verdicts if v.found.is_graphene and v.outcome == "hit"}
    counted = [flake for flake in frame.flakes if flake.counts]
    best = [best_overlap(flake, found) for flake in counted]
    misses = [
        Miss(flake, overlap, None if candidate is None else candidate.p_graphene)
        for flake, (overlap, candidate) in zip(counted, best, strict=True)
        if id(flake) not in hit
    ]
    return ScreenedFrame(
        frame=frame,
        tile=tile,
        verdicts=verdicts,
        misses=misses,
        flakes=len(counted),
        candidate_hits=sum(overlap >= IOU_FOR_A_HIT for overlap, _ in best),
        ms=ms,
    )


def of_set(screened: Sequence[ScreenedFrame], name: str) -> list[ScreenedFrame]:
    """Frames that count in a set."""
    return [item for item in screened if name in item.frame.sets]


def set_names_of(screened: Sequence[ScreenedFrame]) -> list[str]:
    """Names of all sets: the small ones, then those that pool them."""
    own = dict.fromkeys(item.frame.sets[0] for item in screened)
    return list(own | dict.fromkeys(name for item in screened for name in item.frame.sets[1:]))
