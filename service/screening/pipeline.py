"""From a decoded tile to its detections: read this first."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.inference.classifier import Classifier, is_called
from service.optics.layer_map import Seen, layer_shares
from service.optics.layers import LayerEstimate, estimate_layers
from service.optics.substrate import Substrate
from service.vision.border import edge_share
from service.vision.candidate import Candidate
from service.vision.crop import crop
from service.vision.decode import Tile
from service.vision.measure import Measurement, measure
from service.vision.normalise import Light, Normalised, normalise
from service.vision.segment import SegmentParams, segment

# Of annotated flakes of 1-4 layers, on two oxides, one in 42 has a contrast that the optics cannot
# explain; of what a network took for graphene in coarse JPEGs and on other materials, nearly all.
# That would be odds of one to some thirty; an oxide with a wrong label deserves more patience: what
# the network is sure of (above 0.71, where graphene is called from 1/3 on) stays graphene.
UNEXPLAINED_ODDS = 0.2
# Where half of the outline is sharp there is no doubt: the rest may be a neighbour's blur. Where
# none is, not even the network's surest (0.999) may call it graphene.
ENOUGH_EDGE = 0.5
EDGELESS_DECADES = 4.0
# Less uniform than this a flake may hold several numbers of layers: a quarter of one lies between
# its quartiles.
EVEN = 0.6
# From this size on the contrast of a flake's inside is free of its blurred edge.
SURE_AREA_PX = 1500


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A classified candidate on one tile.

    Attributes
    ----------
    p_graphene : float
        The network's, the optics' that graphene has this colour and no more layers, and what the
        outline says.
    edge_share : float or None
        Share of the outline that is a sharp edge; None where nobody would call it graphene anyway.
    layer_shares : tuple of (layers, share of the area)
        Of what is called graphene and is not even: the numbers of layers that it holds. Empty where
        `layers` says all.
    """

    candidate: Candidate
    measurement: Measurement
    p_graphene: float
    is_graphene: bool
    layers: LayerEstimate
    edge_share: float | None = None
    layer_shares: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Screening:
    """All that one model version found on one tile.

    Attributes
    ----------
    detections : list of Detection
        Every candidate, graphene or not.
    model_version, threshold
        What classified them, and from which `p_graphene` on they are graphene.
    warnings : tuple of str
        Why what was found should not be trusted, in words.
    """

    detections: list[Detection]
    light: Light
    model_version: str
    threshold: float
    warnings: tuple[str, ...] = ()


def screen_tile(
    tile: Tile,
    *,
    params: SegmentParams,
    classifier: Classifier,
    flat_field: NDArray[np.float32] | None = None,
    substrate: Substrate | None = None,
    done: Callable[[str], None] = lambda _: None,
) -> Screening:
    """Find and label every flake on one tile. Pure: no I/O, no database, no clock.

    Parameters
    ----------
    flat_field : (height, width, 3) float32, optional
        Light over the field of view; a single tile's own is fitted in any case.
    substrate : Substrate, optional
        Contrasts measured on this substrate; they override the thin-film model.
    done : callable, optional
        Told the name of each step that ended; who wants its time has the clock.
    """
    normalised = normalise(tile, flat_field)
    done("normalise")
    candidates = segment(normalised, params, tile.um_per_px)
    done("segment")
    crops = crop(normalised, candidates, classifier.input_size)
    done("crop")
    probabilities = classifier.classify(crops).tolist()
    done("classify")
    measurements = [measure(candidate, normalised) for candidate in candidates]
    contrasts = [m.contrast_rgb for m in measurements]
    weights = [trust(p, m.area_px) for p, m in zip(probabilities, measurements, strict=True)]
    layers = estimate_layers(
        contrasts, oxide_nm=tile.oxide_nm, substrate=substrate, weights=weights
    )
    detections = [
        _detect(candidate, normalised, (measurement, estimate, p), classifier.threshold)
        for candidate, measurement, p, estimate in zip(
            candidates, measurements, with_optics(probabilities, layers), layers, strict=True
        )
    ]
    done("measure")
    seen = Seen(contrasts, weights, tile.oxide_nm, substrate)
    doubt = normalised.light.doubt
    return Screening(
        [_with_shares(one, normalised, seen) for one in detections],
        normalised.light,
        classifier.version,
        classifier.threshold,
        () if doubt is None else (doubt,),
    )


def _detect(
    candidate: Candidate,
    normalised: Normalised,
    known: tuple[Measurement, LayerEstimate, float],
    threshold: float,
) -> Detection:
    measurement, estimate, p = known
    if not is_called(p, threshold):  # an outline can only speak against it
        return Detection(candidate, measurement, p, is_graphene=False, layers=estimate)
    share = edge_share(candidate, normalised, measurement.contrast_rgb)
    p = with_edge(p, share)
    return Detection(candidate, measurement, p, is_called(p, threshold), estimate, share)


def _with_shares(detection: Detection, normalised: Normalised, seen: Seen) -> Detection:
    if not detection.is_graphene or detection.measurement.uniformity > EVEN:
        return detection
    shares = layer_shares(detection.candidate, normalised, seen)
    return replace(detection, layer_shares=shares if len(shares) > 1 else ())


def with_edge(p_graphene: float, edge_share: float) -> float:
    """The probability, less where the outline is not sharp: a flake has an edge, a halo fades."""
    odds = 10 ** (-EDGELESS_DECADES * max(1 - edge_share / ENOUGH_EDGE, 0))
    return odds * p_graphene / (odds * p_graphene + 1 - p_graphene)


def with_optics(probabilities: list[float], layers: list[LayerEstimate]) -> list[float]:
    """Lower the network's probabilities where optics see many layers or nothing they know.

    The network judges how a flake looks. Five layers look like four, but not in contrast; a block
    of a coarse JPEG or a flake of another material can look like graphene in a colour that no
    graphite has.
    """
    return [_weighed(p, estimate) for p, estimate in zip(probabilities, layers, strict=True)]


def _weighed(p: float, estimate: LayerEstimate) -> float:
    # Bayes' theorem in odds.
    odds = 1.0 if estimate.explained else UNEXPLAINED_ODDS
    return odds * p / (odds * p + 1 - p) * estimate.p_thin


def trust(p_graphene: float, area_px: int) -> float:
    """Compute how much a candidate may tell about the oxide and the camera, from 0 to 1."""
    return p_graphene * min(1.0, area_px / SURE_AREA_PX)
