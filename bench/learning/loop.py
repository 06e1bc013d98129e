"""The loop: screen, review, train, watch, promote, rescreen; and what that changed."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bench.learning.figures import figures_of
from bench.learning.lab import Chip, halves, review, screen_chip
from bench.learning.stage import ENDED, Stage
from bench.quality.truth import Frame

_CONFLICT = 409
_REQUEST_S = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many sure reviews, how long a training, and which half is reviewed."""

    reviews: int
    epochs: int
    swapped: bool


def run_loop(stage: Stage, frames: Sequence[Frame], plan: Plan) -> dict[str, Any]:
    """The whole loop once; its figures, before and after."""
    to_review, to_judge = halves(frames, swapped=plan.swapped)
    base = stage.active_version()
    by_group: dict[str, list[Frame]] = {}
    for frame in frames:
        by_group.setdefault(frame.group, []).append(frame)
    chips = [screen_chip(stage, some) for some in by_group.values()]
    judged = [chip for chip in chips if chip.group in to_judge]
    before = figures_of(stage, judged)
    said = review(stage, [chip for chip in chips if chip.group in to_review], plan.reviews)
    number = stage.start_training(epochs=plan.epochs, note="after the reviews")
    epochs = watch(stage, number)
    trained = stage.training(number)
    if trained["state"] != "done":
        raise RuntimeError(f"the training {trained['state']}: {trained['reason']}")
    version = trained["model_version"]
    promoted = promote(stage, version)
    for chip in judged:
        rescreen(stage, chip)
    return {
        "base": base,
        "reviewed_groups": sorted(to_review),
        "judged_groups": sorted(to_judge),
        "reviews": said,
        "epochs_heard": epochs,
        "training": {name: trained["result"][name] for name in ("examples", "notes", "parity")},
        "held_out": _short(trained["result"]),
        "model_version": version,
        "gate": promoted,
        "before": before,
        "after": figures_of(stage, judged),
        "changes": _changes(stage, judged, base, version),
    }


def watch(stage: Stage, number: int) -> list[dict[str, Any]]:
    """Every epoch of a training as `/v1/events` tells it, until its end."""
    heard: dict[int, dict[str, Any]] = {}
    for kind, body in events(stage.http):
        if kind != "training" or body["training_id"] != number:
            continue
        if epoch := body.get("epoch"):
            heard[epoch["number"]] = epoch
        if body["state"] in ENDED:
            return [heard[one] for one in sorted(heard)]
    raise RuntimeError("the stream of events has no end")


def events(http: httpx.Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that happened and happens; goes on after a broken stream."""
    last, kind = "0", ""
    while True:
        try:
            headers = {"Last-Event-ID": last}
            with http.stream("GET", "/v1/events", headers=headers, timeout=_REQUEST_S) as stream:
                for line in stream.iter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        last = value
                    elif name == "event":
                        kind = value
                    elif name == "data":
                        yield kind, json.loads(value)
        except httpx.TransportError:
            time.sleep(0.5)


def promote(stage: Stage, version: str) -> dict[str, Any]:
    """Promote through the gate; where it refuses, its reasons, and then by force."""
    path = f"/v1/models/{version}/promote"
    answer = stage.http.post(path)
    reasons = answer.json()["reasons"] if answer.status_code == _CONFLICT else []
    if reasons:
        answer = stage.http.post(path, json={"force": True})
    model = answer.raise_for_status().json()
    stage.wait_for_version(version)
    gate = model["gate"]
    return {"reasons": reasons, "forced": gate["forced"], "figures": gate["figures"]}


def rescreen(stage: Stage, chip: Chip) -> None:
    """Screen a scan again with the active model, and wait for it."""
    stage.call("POST", f"/v1/scans/{chip.scan_id}/rescreen")
    while stage.call("GET", f"/v1/scans/{chip.scan_id}")["state"] in {"queued", "screening"}:
        time.sleep(0.2)


def _changes(stage: Stage, chips: Sequence[Chip], old: str, new: str) -> dict[str, int]:
    total: dict[str, int] = {}
    for chip in chips:
        query = {"from": old, "to": new, "limit": 1}
        page = stage.call("GET", f"/v1/scans/{chip.scan_id}/changes", params=query)
        for kind, count in page["counts"].items():
            total[kind] = total.get(kind, 0) + count
    return total


def _short(result: dict[str, Any]) -> dict[str, Any]:
    """F1 of what was held out of the training, before and after."""
    before = result["before"] or {}
    return {
        name: {
            "before": before.get(name, {}).get("f1"),
            "after": figures["figures"]["f1"]["value"],
            "graphene": figures["positives"],
            "other": figures["negatives"],
        }
        for name, figures in result["figures"].items()
    }
