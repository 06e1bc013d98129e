"""Choose what is most worth reviewing, so that few clicks teach most."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.checks import check_limit, found
from service.db.engine import Sessions
from service.db.queries.reviews import (
    MOST_USABLE_LAYERS,
    Window,
    near_threshold,
    optics_disagree,
    oxides_of_scans,
)
from service.db.tables import Flake, Scan
from service.reviews.schemas import Reason, WorthReviewing
from service.scans.reading import read_flakes

NEAR: Reason = "near_threshold"
DISAGREE: Reason = "optics_disagree"
SUBSTRATE: Reason = "new_substrate"

# Wafers of one batch differ by about this; colours of thin flakes change visibly from here on.
SAME_OXIDE_NM = 10.0

# From here on towards the threshold a network is unsure; further away it is not, whatever else is
# left in the queue: half of the way from the threshold to certainty.
UNSURE_MERIT = 0.5

# Scans of a substrate without reviews that get a window of their own: the newest.
_MOST_NEW_SCANS = 5


def review_queue(
    sessions: Sessions, *, scan_id: int | None = None, limit: int = 50
) -> list[WorthReviewing]:
    """List the flakes without a review that would teach most, the best first.

    Merit is the larger of two figures from 0 to 1, plus 1 on a new substrate:

    - near the threshold: 1 at the threshold, falling to 0 at p_graphene = 0 and 1
      (uncertainty sampling, Lewis and Gale 1994); a reason down to a half;
    - optics and network disagree: how far p_graphene is on the other side of the threshold than
      optics, which says 1 to 4 layers of what the network rejects, or nothing of what it accepts;
    - new substrate: no flake on an oxide within 10 nm of the scan's was ever reviewed.

    Near the threshold and disagreement take turns, else the many surely rejected specks that look
    like a monolayer would fill the list. Flakes without a reason of their own come after all that
    have one: first what the network calls graphene, for that is what people drive to. Only some
    hundred flakes are looked at, each kind along an index: of very many disagreements the newest.

    Raises
    ------
    NotFound
        `scan_id` names no scan.
    InvalidValue
        A bad limit.
    """
    check_limit(limit)
    with sessions() as session:
        if scan_id is not None:
            found(session.get(Scan, scan_id), f"scan {scan_id}")
        new = _new_scans(session)
        windows = [Window(scan_id, limit)]
        if scan_id is None:
            windows += [Window(one, limit) for one in sorted(new, reverse=True)[:_MOST_NEW_SCANS]]
        near = _best((flake for w in windows for flake in near_threshold(session, w)), new, NEAR)
        odd = _best((f for w in windows for f in optics_disagree(session, w)), new, DISAGREE)
        chosen = _reasoned_first(_in_turn(near, odd))[:limit]
        shown = read_flakes(session, [one.flake for one in chosen])
    return [
        WorthReviewing(
            flake=flake, merit=one.merit, reasons=_reasons(one.kinds, one.flake.scan_id in new)
        )
        for flake, one in zip(shown, chosen, strict=True)
    ]


@dataclass(slots=True)
class _Weighed:
    flake: Flake
    merit: float
    kinds: list[Reason]


def _best(flakes: Iterable[Flake], new: set[int], kind: Reason) -> list[_Weighed]:
    weigh = nearness if kind == NEAR else disagreement
    # The window of a scan and that of all may show the same.
    unique = {flake.id: flake for flake in flakes}.values()
    weighed = [
        _Weighed(one, weigh(one) + (one.scan_id in new), _kinds(kind, weigh(one))) for one in unique
    ]
    return sorted(weighed, key=lambda one: (-one.merit, one.flake.id))


def _kinds(kind: Reason, merit: float) -> list[Reason]:
    """The kind, where it is true: the flake next to the threshold may be far from it."""
    return [] if kind == NEAR and merit < UNSURE_MERIT else [kind]


def _reasoned_first(weighed: list[_Weighed]) -> list[_Weighed]:
    """Those with a reason of their own as they are; behind them graphene first."""
    reasoned = [one for one in weighed if one.kinds]
    others = [one for one in weighed if not one.kinds]
    return reasoned + sorted(others, key=lambda one: not one.flake.is_graphene)


def _in_turn(*lists: list[_Weighed]) -> list[_Weighed]:
    """Interleave lists: the first of each, the second, ...; each flake once, with all its kinds."""
    longest = max(map(len, lists))
    taken: dict[int, _Weighed] = {}
    for one in (some[n] for n in range(longest) for some in lists if n < len(some)):
        earlier = taken.setdefault(one.flake.id, one)
        if earlier is not one:
            earlier.merit = max(earlier.merit, one.merit)
            earlier.kinds += one.kinds
    return list(taken.values())


def nearness(flake: Flake) -> float:
    """Compute nearness to the threshold: 1 at it, 0 at either end of the probabilities."""
    room = 1 - flake.threshold if flake.is_graphene else flake.threshold
    return 1 - abs(flake.p_graphene - flake.threshold) / room if room else 1.0


def disagreement(flake: Flake) -> float:
    """Compute how sure the network is of what optics does not say; 0 where they agree."""
    looks_thin = flake.layers is not None and flake.layers <= MOST_USABLE_LAYERS
    return 0.0 if looks_thin == flake.is_graphene else 1 - nearness(flake)


def _new_scans(session: Session) -> set[int]:
    """Scans on an oxide of which no flake was reviewed; one that nobody stated is not new."""
    known = set(oxides_of_scans(session, reviewed=True).values())
    return {
        scan_id
        for scan_id, oxide_nm in oxides_of_scans(session, reviewed=False).items()
        if all(abs(oxide_nm - other) > SAME_OXIDE_NM for other in known)
    }


def _reasons(kinds: list[Reason], is_new: bool) -> list[Reason]:
    return [*kinds, *([SUBSTRATE] if is_new else [])]
