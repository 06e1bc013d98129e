"""Examples from annotated frames: the pipeline's own candidates, judged by the annotation."""

from collections import Counter
from collections.abc import Iterator

from numpy.random import Generator

from models.examples.annotation import Frame
from models.examples.labelled import UNKNOWN_LAYERS, Examples, examples_of, join
from models.examples.outlines import jittered
from models.examples.verdict import Verdict, is_flake, judge
from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.decode import decode
from service.vision.normalise import Normalised, normalise
from service.vision.segment import SegmentParams, segment


def frame_examples(
    frame: Frame, rng: Generator, size: int, variants: int = 0
) -> tuple[Examples, Counter[Verdict]]:
    """Examples of one frame, and how many candidates had which verdict.

    Parameters
    ----------
    size : int
        Side of a crop in pixels.
    variants : int
        Further crops with a wrong outline, of each positive; and as many of each marked mask.
    """
    tile = decode(frame.path.read_bytes(), um_per_px=frame.um_per_px, oxide_nm=frame.oxide_nm)
    normalised = normalise(tile)
    # With the scale and without it: both happen, and they bring candidates of other sizes.
    candidates = segment(normalised, SegmentParams(), None)
    verdicts = [judge(candidate, frame, normalised) for candidate in candidates]
    parts = [_judged(candidates, verdicts, frame, normalised, size)]
    positives = [c for c, v in zip(candidates, verdicts, strict=True) if v == "graphene"]
    masks = [marked for marked in frame.flakes if not marked.is_box]
    positives += [marked.candidate for marked in masks if marked.is_graphene]
    wrong = list(_variants(positives, rng, (tile.width_px, tile.height_px), variants))
    others = [marked.candidate for marked in masks if not marked.is_graphene]
    parts.append(
        examples_of(
            crop(normalised, wrong + others, size),
            [_layers(c, frame) for c in wrong] + [UNKNOWN_LAYERS] * len(others),
            positive=[True] * len(wrong) + [False] * len(others),
            source="outline",
        )
    )
    return join(parts).of_group(frame.group), Counter(verdicts)


def _judged(
    candidates: list[Candidate],
    verdicts: list[Verdict],
    frame: Frame,
    normalised: Normalised,
    size: int,
) -> Examples:
    sure = [
        (candidate, verdict == "graphene")
        for candidate, verdict in zip(candidates, verdicts, strict=True)
        if verdict in ("graphene", "not_graphene")
    ]
    return examples_of(
        crop(normalised, [candidate for candidate, _ in sure], size),
        [_layers(c, frame) if positive else UNKNOWN_LAYERS for c, positive in sure],
        positive=[positive for _, positive in sure],
        source="frame",
    )


def _variants(
    candidates: list[Candidate], rng: Generator, size_px: tuple[int, int], number: int
) -> Iterator[Candidate]:
    for candidate in candidates:
        for _ in range(number):
            yield jittered(candidate, rng, size_px)


def _layers(candidate: Candidate, frame: Frame) -> int:
    """Layers of the marked flake that a candidate is, 0 where they are unknown."""
    same = (marked for marked in frame.flakes if is_flake(candidate, marked))
    return max((marked.layers for marked in same), default=UNKNOWN_LAYERS)
