"""Promotion: a model version comes into service through the gate; a rollback takes it back."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.checks import found
from service.db.base import utc_now
from service.db.engine import Sessions, writing
from service.db.queries.models import (
    find_active_model_version,
    find_model_version,
    lock_model_versions,
)
from service.db.tables import Audit, ModelVersion
from service.errors import Conflict, InvalidModel, NotFound, Refused
from service.inference.classifier import Classifier
from service.inference.shipped import Holdout
from service.registry import schemas
from service.registry.gate import Verdict, examine
from service.registry.versions import active_model, get_model
from service.scans.tiles import Stores


@dataclass(frozen=True, slots=True)
class Gate:
    """Tools of the gate: stores, how models are opened, and the fixed holdout."""

    stores: Stores
    open_model: Callable[[bytes], Classifier]
    load_holdout: Callable[[], Holdout]


@dataclass(frozen=True, slots=True)
class Who:
    """Author of a promotion: name and address; None where the service does it by itself."""

    name: str
    address: str = ""


def promote(gate: Gate, version: str, who: Who, *, force: bool = False) -> schemas.ModelVersion:
    """Promote a model version to the active one; what is active already stays so.

    With `force` the gate is asked, but not obeyed; that is recorded in the row and in the audit.

    Raises
    ------
    NotFound
        No such model version.
    Refused
        The gate's reasons. No force helps where the model cannot serve here.
    Conflict
        Another version was promoted while this one was measured.
    """
    sessions = gate.stores.sessions
    model = get_model(sessions, version)
    if model.is_active:
        return model
    active = active_model(sessions)
    verdict = _ask(gate, model, active)
    if verdict.reasons and not force:
        _note_refusal(sessions, version, verdict, who)
        raise Refused(f"Model version {version!r} is not promoted.", verdict.reasons)
    with writing(sessions) as session:
        lock_model_versions(session)
        now = find_active_model_version(session)
        if (now and now.version) != (active and active.version):
            raise Conflict("Another model version was promoted meanwhile: try again.")
        row = found(find_model_version(session, version), f"model version {version!r}")
        row.gate = _recorded(verdict, forced=bool(verdict.reasons), who=who)
        row.replaced_version = None if now is None else now.version
        if verdict.reasons:
            session.add(_audited(version, verdict, who))
        _swap(session, now, row, who)
        return schemas.ModelVersion.read(row)


def roll_back(sessions: Sessions, who: Who) -> schemas.ModelVersion:
    """Roll back to the model version that the active one replaced; no gate, no delay.

    Raises
    ------
    Conflict
        The active version replaced none, or there is none.
    """
    with writing(sessions) as session:
        lock_model_versions(session)
        now = find_active_model_version(session)
        before = now and now.replaced_version and find_model_version(session, now.replaced_version)
        if now is None or not before:
            raise Conflict("There is no earlier model version to go back to.")
        _swap(session, now, before, who)
        return schemas.ModelVersion.read(before)


def _ask(gate: Gate, model: schemas.ModelVersion, active: schemas.ModelVersion | None) -> Verdict:
    try:
        candidate = gate.open_model(gate.stores.blobs.get(model.sha256))
    except (InvalidModel, NotFound) as error:
        raise Refused(f"Model version {model.version!r} is not promoted.", [str(error)]) from error
    try:
        rival = None if active is None else gate.open_model(gate.stores.blobs.get(active.sha256))
    except (InvalidModel, NotFound):
        # What cannot serve any more is no rival: anything is better.
        rival = None
    try:
        holdout = gate.load_holdout()
    except InvalidModel as error:
        return Verdict((str(error),), {})
    return examine(gate.stores, holdout, candidate, rival, model.metrics)


def _swap(session: Session, now: ModelVersion | None, then: ModelVersion, who: Who) -> None:
    if now is not None:
        now.is_active = False
        session.flush()  # the index allows one at any moment
    then.promoted_by, then.promoted_at = who.name, utc_now()
    then.is_active = True
    session.flush()


def _note_refusal(sessions: Sessions, version: str, verdict: Verdict, who: Who) -> None:
    with writing(sessions) as session:
        row = found(find_model_version(session, version), f"model version {version!r}")
        row.gate = _recorded(verdict, forced=False, who=who)


def _recorded(verdict: Verdict, *, forced: bool, who: Who) -> dict[str, object]:
    return {
        "reasons": list(verdict.reasons),
        "figures": verdict.figures,
        "forced": forced,
        "who": who.name,
        "at": utc_now().isoformat(),
    }


def _audited(version: str, verdict: Verdict, who: Who) -> Audit:
    return Audit(
        who=who.name[:100],
        address=who.address[:100],
        action="force_promotion",
        object=f"model version {version}"[:300],
        outcome=f"against: {' '.join(verdict.reasons)}"[:300],
    )
