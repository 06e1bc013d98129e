"""Model versions: known to the database, one of them active."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.db.base import utc_now
from service.db.engine import Sessions, writing
from service.db.queries.models import (
    all_model_versions,
    find_active_model_version,
    find_model_version,
    lock_model_versions,
)
from service.db.tables import ModelVersion
from service.errors import Conflict
from service.scans.found import found
from service.scans.values import check_text
from service.scans.viewing import model_version_view
from service.scans.views import ModelVersionView


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModelVersion:
    """An exported network; the values of its ONNX metadata, and what its training measured."""

    version: str
    sha256: str
    input_size_px: int
    threshold: float
    temperature: float = 1.0
    data_digest: str = ""
    architecture: str | None = None
    metrics: Mapping[str, object] = field(default_factory=dict)
    provenance: Mapping[str, object] = field(default_factory=dict)
    created_by: str | None = None


def register_model(
    sessions: Sessions, new: NewModelVersion, *, activate: bool = False
) -> ModelVersionView:
    """The model version, added unless it is known already.

    With `activate` it becomes the active one if there is none yet.

    Raises
    ------
    Conflict
        Another file has this version's name.
    """
    check_text("version", new.version, longest=200)
    try:
        return _register(sessions, new, activate=activate)
    except IntegrityError:
        # Several workers start at once: another was first, and now there is a row to find.
        return _register(sessions, new, activate=activate)


def promote_model(sessions: Sessions, version: str) -> ModelVersionView:
    """The model version, now the active one, whatever the gate would say; raises `NotFound`.

    For whoever sits at the machine; others promote through `service.scans.promotion`.
    """
    with writing(sessions) as session:
        lock_model_versions(session)
        model = found(find_model_version(session, version), f"model version {version!r}")
        previous = find_active_model_version(session)
        if previous is not model:
            model.replaced_version = None if previous is None else previous.version
            if previous is not None:
                previous.is_active = False
                session.flush()  # the index allows one at any moment
            _activate(session, model)
        return model_version_view(model)


def active_model(sessions: Sessions) -> ModelVersionView | None:
    """The model version that screens new tiles; None before the first was promoted."""
    with sessions() as session:
        model = find_active_model_version(session)
        return None if model is None else model_version_view(model)


def get_model(sessions: Sessions, version: str) -> ModelVersionView:
    """One model version; raises `NotFound`."""
    with sessions() as session:
        model = found(find_model_version(session, version), f"model version {version!r}")
        return model_version_view(model)


def list_models(sessions: Sessions) -> list[ModelVersionView]:
    """Every model version, newest first."""
    with sessions() as session:
        return [model_version_view(model) for model in all_model_versions(session)]


def _register(sessions: Sessions, new: NewModelVersion, *, activate: bool) -> ModelVersionView:
    with writing(sessions) as session:
        lock_model_versions(session)
        model = find_model_version(session, new.version)
        if model is None:
            model = ModelVersion(**asdict(new), is_active=False)
            session.add(model)
            session.flush()
        elif model.sha256 != new.sha256:
            raise Conflict(
                f"Model version {new.version!r} is registered with another file "
                f"(sha256 {model.sha256[:12]}...): give this one another name."
            )
        if activate and find_active_model_version(session) is None:
            _activate(session, model)
        return model_version_view(model)


def _activate(session: Session, model: ModelVersion) -> None:
    model.is_active = True
    model.promoted_at, model.promoted_by = utc_now(), None
    session.flush()
