"""What a training has come to: the exported file, its figures and report, and the registered row.

It is not active: promotion has its own gate.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from models.calibrate import probability
from models.evaluate import evaluate
from models.examples.labelled import Examples, digest
from models.export import CLASSES, export
from models.replay import SOURCE
from models.report.learning import Losses
from models.report.training import Judged, write_report
from models.train import Trained
from models.trainer.lab import REPLAY_SHARE, Parted
from models.training.config import TrainConfig
from models.training.judge import point_figures, predict
from service.errors import FlakescopeError
from service.inference.metadata import ModelMetadata
from service.inference.onnx_classifier import OnnxClassifier
from service.registry.gate import PARITY
from service.registry.upload import described
from service.registry.versions import get_model, register_model
from service.scans.tiles import Stores
from service.training.progress import Outcome
from service.training.schemas import Training

MODEL, REPORT, RESULT = "model.onnx", "report.html", "result.json"
# Crops that the exported file is compared on.
COMPARED = 64


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A trained network with what it was made of."""

    trained: Trained
    parted: Parted
    config: TrainConfig
    temperature: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a training and its result; what is undefined is None."""

    model: bytes
    report: bytes
    result: dict[str, Any]


def make(stores: Stores, run: Path, training: Training, learned: Learned) -> Made:
    """Export, judge and describe, once; a result made before a kill is read again."""
    if not (run / RESULT).is_file():
        _make(stores, run, training, learned)
    result = json.loads((run / RESULT).read_text(encoding="utf-8"))
    return Made((run / MODEL).read_bytes(), (run / REPORT).read_bytes(), result)


def register(stores: Stores, training: Training, made: Made) -> Outcome:
    """Keep the files and register the model version; again gives the same."""
    stores.blobs.put(made.model)
    new = described(
        OnnxClassifier(made.model, wish="cpu"),
        metrics={
            PARITY: made.result["parity"],
            "parity_source": "export",
            "figures": made.result["figures"],
        },
        provenance={
            "training_id": training.id,
            "config": made.result["config"],
            "asked": dict(training.config),
            "base_model": training.config["base_model"],
            "examples": made.result["examples"],
            "note": training.note,
        },
        created_by=training.created_by,
    )
    new = replace(new, architecture=str(training.config["architecture"]))
    version = register_model(stores.sessions, new).version
    return Outcome(version, made.result, stores.blobs.put(made.report))


def _make(stores: Stores, run: Path, training: Training, learned: Learned) -> None:
    seen, held_out = learned.parted.seen, learned.parted.held_out
    metadata = ModelMetadata(
        version=f"{training.config['architecture']}-training-{training.id}",
        input_size=seen.crops.shape[1],
        classes=CLASSES,
        threshold=learned.threshold,
        temperature=learned.temperature,
        data_digest=digest(seen),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    some = seen.crops[:: max(len(seen) // COMPARED, 1)].astype(np.float32)
    parity = export(learned.trained.network, metadata, run / MODEL, some)
    p_graphene = probability(predict(learned.trained.network, held_out), learned.temperature)
    judged = Judged(held_out, p_graphene, learned.threshold, "held out")
    result = {
        "parity": parity,
        "threshold": learned.threshold,
        "temperature": learned.temperature,
        "data_digest": metadata.data_digest,
        "precision": learned.trained.precision,
        "config": asdict(learned.config),
        "examples": _counts(learned.parted),
        "notes": list(learned.parted.notes),
        "figures": {
            name: asdict(evaluate(held_out.label[rows], p_graphene[rows], learned.threshold))
            for name, rows in _sets(held_out).items()
        },
        "before": _before(stores, training, held_out),
    }
    write_report(
        run / REPORT, metadata.version, _facts(training, learned), judged, _losses(learned)
    )
    # Last: it says that the others are whole.
    draft = run / f"{RESULT}.draft"
    draft.write_text(_json(result), encoding="utf-8")
    draft.replace(run / RESULT)


def _json(result: dict[str, Any]) -> str:
    """Encode as JSON, where what is not defined is null."""
    return json.dumps(json.loads(json.dumps(result), parse_constant=lambda _: None))


def _sets(held_out: Examples) -> dict[str, Any]:
    """Rows of what was held out: of the lab, and of the replay set; those that there are."""
    is_replay = held_out.source == SOURCE
    sets = {"lab": ~is_replay, "replay": is_replay}
    return {name: rows for name, rows in sets.items() if rows.any()}


def _counts(parted: Parted) -> dict[str, object]:
    seen, held_out = parted.seen, parted.held_out
    new = seen.source != SOURCE
    return {
        "lab_graphene": int(np.count_nonzero(seen.label[new] == 1)),
        "lab_other": int(np.count_nonzero(seen.label[new] == 0)),
        "replay": int(np.count_nonzero(~new)),
        "replay_share": REPLAY_SHARE,
        "held_out_groups": sorted(set(held_out.group[held_out.source != SOURCE].tolist())),
        "became": dict(parted.counts),
    }


def _before(stores: Stores, training: Training, held_out: Examples) -> dict[str, Any] | None:
    """Figures of the model version that it began with, on the same crops at its threshold."""
    base = training.config["base_model"]
    if base is None:
        return None
    try:
        content = stores.blobs.get(get_model(stores.sessions, str(base)).sha256)
        classifier = OnnxClassifier(content, wish="cpu")
    except FlakescopeError:
        # It was deleted meanwhile: there is nothing to compare with.
        return None
    p_graphene = classifier.classify(held_out.crops.astype(np.float32)).astype(np.float64)
    threshold = classifier.metadata.threshold
    return {
        name: point_figures(held_out.label[rows], p_graphene[rows], threshold)
        for name, rows in _sets(held_out).items()
    }


def _facts(training: Training, learned: Learned) -> dict[str, str]:
    counts = _counts(learned.parted)
    return {
        "network": str(training.config["architecture"]),
        "began with": str(training.config["base_model"] or "random weights"),
        "asked for by": training.created_by,
        "learned from": f"{counts['lab_graphene']} graphene and {counts['lab_other']} other of the "
        f"lab; {counts['replay']} rendered ones against forgetting, {REPLAY_SHARE:.0%} of a batch",
        "remarks": " ".join(learned.parted.notes) or "none",
    }


def _losses(learned: Learned) -> Losses:
    validation = [epoch.validation_loss for epoch in learned.trained.epochs]
    return Losses(
        [epoch.training_loss for epoch in learned.trained.epochs],
        [loss for loss in validation if loss is not None],
    )
