"""Match: which detection is which annotated flake, and what is left over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.quality.region import Region, iou, shared_px
from bench.quality.truth import Frame, TrueFlake

IOU_FOR_A_HIT = 0.5
# A detection that shares this part of the smaller of the two has to do with a flake.
OVERLAP = 0.5

Outcome = Literal["hit", "false", "duplicate", "ignored"]


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate with what the classifier and the optics said of it.

    Attributes
    ----------
    p_graphene : float
        1 for every candidate where no classifier was asked.
    """

    region: Region
    p_graphene: float
    is_graphene: bool
    layers: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one detection; `flake` and `iou` belong to its best annotated flake."""

    found: Found
    outcome: Outcome
    flake: TrueFlake | None
    iou: float


def match(
    frame: Frame, found: Sequence[Found], is_sure_negative: Callable[[Region], bool]
) -> list[Verdict]:
    """One verdict per detection, the most probable first; each flake is found once.

    Parameters
    ----------
    is_sure_negative
        Asked on frames where only chosen flakes are annotated: is this certainly no graphene?
    """
    counted = [flake for flake in frame.flakes if flake.counts]
    overlaps = [[iou(item.region, flake.region) for flake in counted] for item in found]
    # Equal probabilities: the better fit goes first.
    order = sorted(
        range(len(found)),
        key=lambda i: (-found[i].p_graphene, -max(overlaps[i], default=0.0)),
    )
    taken: set[int] = set()
    verdicts = []
    for i in order:
        fits = [n for n, value in enumerate(overlaps[i]) if value >= IOU_FOR_A_HIT]
        free = [n for n in fits if n not in taken]
        if free:
            best = max(free, key=lambda n: overlaps[i][n])
            taken.add(best)
            verdicts.append(Verdict(found[i], "hit", counted[best], overlaps[i][best]))
            continue
        outcome: Outcome = (
            "duplicate" if fits else _outcome_of_unmatched(frame, found[i], is_sure_negative)
        )
        verdicts.append(Verdict(found[i], outcome, None, max(overlaps[i], default=0.0)))
    return verdicts


def _outcome_of_unmatched(
    frame: Frame, found: Found, is_sure_negative: Callable[[Region], bool]
) -> Outcome:
    if frame.annotated == "none":
        return "false"
    if frame.annotated == "chosen":
        return "false" if is_sure_negative(found.region) else "ignored"
    if found.region.area_px < frame.min_area_px:
        return "ignored"
    uncounted = (flake.region for flake in frame.flakes if not flake.counts)
    return "ignored" if any(overlaps(found.region, region) for region in uncounted) else "false"


def overlaps(a: Region, b: Region) -> bool:
    """The two share at least half of the smaller one."""
    return shared_px(a, b) >= OVERLAP * min(a.area_px, b.area_px)


def best_overlap(flake: TrueFlake, found: Sequence[Found]) -> tuple[float, Found | None]:
    """Highest overlap of any candidate with a flake, and that candidate."""
    if not found:
        return 0.0, None
    best = max(found, key=lambda item: iou(item.region, flake.region))
    return iou(best.region, flake.region), best
