"""Register model versions: an exported network is checked and kept; one version is active."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.checks import check_text, found
from service.db.base import utc_now
from service.db.engine import Sessions, writing
from service.db.queries.blobs import sweep_blobs
from service.db.queries.models import (
    all_model_versions,
    find_active_model_version,
    find_model_version,
    lock_model_versions,
)
from service.db.tables import ModelVersion
from service.errors import Conflict, InvalidValue
from service.registry import schemas
from service.scans.tiles import Stores


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
) -> schemas.ModelVersion:
    """Register a model version, unless it is known already.

    With `activate` it becomes the active one if there is none yet.

    Raises
    ------
    Conflict
        Another file has this version's name.
    """
    check_text("version", new.version, longest=200)
    if "/" in new.version or "\\" in new.version or new.version in {".", ".."}:
        # An address could not name it: no route would find it, and none delete it.
        raise InvalidValue(f"version is {new.version!r}; it must be no path.")
    try:
        return _register(sessions, new, activate=activate)
    except IntegrityError:
        # Several workers start at once: another was first, and now there is a row to find.
        return _register(sessions, new, activate=activate)


def promote_model(sessions: Sessions, version: str) -> schemas.ModelVersion:
    """Promote a model version whatever the gate would say; raises `NotFound`.

    For whoever sits at the machine; others promote through `service.registry.promotion`.
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
        return schemas.ModelVersion.read(model)


def active_model(sessions: Sessions) -> schemas.ModelVersion | None:
    """Find the model version that screens new tiles; None before the first was promoted."""
    with sessions() as session:
        model = find_active_model_version(session)
        return None if model is None else schemas.ModelVersion.read(model)


def get_model(sessions: Sessions, version: str) -> schemas.ModelVersion:
    """Get a model version; raises `NotFound`."""
    with sessions() as session:
        model = found(find_model_version(session, version), f"model version {version!r}")
        return schemas.ModelVersion.read(model)


def list_models(sessions: Sessions) -> list[schemas.ModelVersion]:
    """List all model versions, newest first."""
    with sessions() as session:
        return [schemas.ModelVersion.read(model) for model in all_model_versions(session)]


def delete_model(stores: Stores, version: str) -> None:
    """Forget a model version and its file.

    Raises
    ------
    NotFound
        No such model version.
    Conflict
        It is the active one, or there are detections by it.
    """
    with writing(stores.sessions) as session:
        lock_model_versions(session)
        model = found(find_model_version(session, version), f"model version {version!r}")
        if model.is_active:
            raise Conflict(f"Model version {version!r} is active: promote another one first.")
        session.delete(model)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict(
                f"Tiles were screened by model version {version!r}: delete their scans, or screen "
                "them again by another version first."
            ) from error
    sweep_blobs(stores.sessions, stores.blobs, [model.sha256])


def _register(sessions: Sessions, new: NewModelVersion, *, activate: bool) -> schemas.ModelVersion:
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
        return schemas.ModelVersion.read(model)


def _activate(session: Session, model: ModelVersion) -> None:
    model.is_active = True
    model.promoted_at, model.promoted_by = utc_now(), None
    session.flush()
