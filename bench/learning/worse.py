"""Worse: a network that learned flipped labels at the gate, and a swap while clients wait."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.learning.lab import reviewed_flakes
from bench.learning.stage import Stage

CLIENTS = 8
_CONFLICT = 409
_OPPOSITE = {"graphene": "not_graphene", "not_graphene": "graphene"}
# A swap has come to every answer by then.
_AFTER_S = 2.0


def refuse_worse(stage: Stage, epochs: int) -> dict[str, Any]:
    """Train on flipped reviews, take them back, and ask the gate; then force and roll back."""
    before = stage.active_version()
    said = reviewed_flakes(stage)
    for label, flakes in said.items():
        if flakes:
            body = {"flake_ids": flakes, "label": _OPPOSITE[label]}
            stage.call("POST", "/v1/reviews", json=body)
    # Nothing warm to hold on to: it learns the flipped labels as well as they can be learned.
    number = stage.start_training(
        epochs=epochs, learning_rate=2e-3, base_model="scratch", note="flipped labels"
    )
    trained = stage.wait_for_end(number)
    for flakes in said.values():
        for flake in flakes:
            stage.call("DELETE", f"/v1/flakes/{flake}/review")
    version = trained["model_version"]
    path = f"/v1/models/{version}/promote"
    answer = stage.http.post(path)
    refused = answer.status_code == _CONFLICT
    served = stage.active_version()
    gate = stage.call("GET", f"/v1/models/{version}")["gate"]
    forced = stage.call("POST", path, json={"force": True})
    stage.wait_for_version(version)
    began = time.monotonic()
    back = stage.call("POST", "/v1/models/rollback")["version"]
    stage.wait_for_version(back)
    return {
        "flipped_reviews": sum(map(len, said.values())),
        "refused": refused,
        "status": answer.status_code,
        "reasons": answer.json().get("reasons", []),
        "figures": gate["figures"],
        "served_meanwhile": served,
        "forced_is_recorded": forced["gate"]["forced"],
        "rolled_back_to": back,
        "rollback_serves_after_s": round(time.monotonic() - began, 2),
        "as_before": back == before == served,
    }


def swap_under_load(stage: Stage, tiles: Sequence[bytes], other: str) -> dict[str, Any]:
    """Promote another version and roll back while 8 clients screen without a pause."""
    first, ended = stage.active_version(), threading.Event()

    def screen_on(client: int) -> list[tuple[int, int, str, Any]]:
        answers: list[tuple[int, int, str, Any]] = []
        while not ended.is_set():
            which = (client + len(answers)) % len(tiles)
            files = {"image": (f"{which}.jpg", tiles[which])}
            answer = stage.http.post("/v1/screen", files=files)
            body = answer.json()
            said = tuple(
                (one["model_version"], one["p_graphene"]) for one in body.get("flakes", [])
            )
            answers.append((answer.status_code, which, body.get("model_version", ""), said))
        return answers

    with ThreadPoolExecutor(CLIENTS) as threads:
        running = [threads.submit(screen_on, number) for number in range(CLIENTS)]
        try:
            time.sleep(_AFTER_S)
            stage.call("POST", f"/v1/models/{other}/promote", json={"force": True})
            stage.wait_for_version(other)
            time.sleep(_AFTER_S)
            stage.call("POST", "/v1/models/rollback")
            stage.wait_for_version(first)
            time.sleep(_AFTER_S)
        finally:
            ended.set()
        answers = [one for some in running for one in some.result()]
    said_of: dict[tuple[int, str], set[Any]] = defaultdict(set)
    for _, which, version, said in answers:
        said_of[which, version].add(said)
    by_version = {name: sum(one[2] == name for one in answers) for name in (first, other)}
    return {
        "requests": len(answers),
        "statuses": sorted({status for status, *_ in answers}),
        "answers_by_version": by_version,
        "answers_of_two_versions": sum(
            any(of != version for of, _ in said) for _, _, version, said in answers
        ),
        # One tile has one answer of each version, whoever asks and whenever.
        "tiles_with_two_answers_of_one_version": sum(len(one) > 1 for one in said_of.values()),
        "tiles": len({which for which, _ in said_of}),
    }
