"""Register model versions: an exported network is checked and kept; one version is active."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
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
from service.errors import Conflict, InvalidModel, InvalidValue
from service.inference.metadata import ModelMetadata
from service.inference.onnx_classifier import OnnxClassifier
from service.registry import schemas
from service.registry.gate import PARITY
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


# One crop, and a number that no power of two or fixed axis of a network would fit by chance.
BATCHES = (1, 17)

# Enough to see a wrong export at any batch; at 224 pixels in float32 it is 196 MiB.
MOST_REFERENCE_CROPS = 256
_MOST_REFERENCE_BYTES = 200 * 2**20

OpenModel = Callable[[bytes], OnnxClassifier]


@dataclass(frozen=True, slots=True)
class Tried:
    """A network that answered as it has to.

    Attributes
    ----------
    parity : float or None
        Largest difference from the reference; None where none was given.
    """

    metadata: ModelMetadata
    sha256: str
    parity: float | None


class Described(Protocol):
    """A network of which all is known that its row says: opened here, or tried elsewhere."""

    @property
    def metadata(self) -> ModelMetadata:
        """What its file says of itself."""
        ...

    @property
    def sha256(self) -> str:
        """Digest of its file."""
        ...


# Tries an ONNX file with its reference, if there is one: `service.registry.trying`.
TryModel = Callable[[bytes, bytes | None], Tried]


def try_model(open_model: OpenModel, content: bytes, reference: bytes | None) -> Tried:
    """Open a network in this process and look at its answers.

    Raises
    ------
    InvalidModel, InvalidValue
        As `upload_model`.
    """
    classifier = open_model(content)
    check_answers(classifier)
    parity = None if reference is None else parity_with(classifier, reference)
    return Tried(classifier.metadata, classifier.sha256, parity)


def upload_model(
    stores: Stores,
    tried: TryModel,
    content: bytes,
    *,
    who: str,
    metrics: Mapping[str, object] | None = None,
    reference: bytes | None = None,
) -> schemas.ModelVersion:
    """Register an uploaded ONNX file as a model version.

    `reference` is an npz of `crops` (n, size, size, 4) float32 and `p_graphene` (n,), the answers
    of the trained network: from it the parity is measured, and written over what `metrics` say.

    Raises
    ------
    InvalidValue
        The file is unreadable, its metadata or interface lack something, or its answers for any
        number of crops are not finite, not alike, or not as many; or the reference cannot be used.
    Conflict
        Another file has this version's name.
    """
    try:
        model = tried(content, reference)
    except InvalidModel as error:
        # Here it is what somebody sent, not what the service lacks.
        raise InvalidValue(str(error)) from error
    measured: dict[str, object] = dict(metrics or {})
    if model.parity is not None:
        measured[PARITY] = model.parity
        measured["parity_source"] = "reference"
    stores.blobs.put(content)
    return register_model(
        stores.sessions, described(model, metrics=measured, provenance={}, created_by=who)
    )


def described(
    model: Described,
    *,
    metrics: Mapping[str, object],
    provenance: Mapping[str, object],
    created_by: str | None = None,
) -> NewModelVersion:
    """What is to be registered of a network."""
    about = model.metadata
    return NewModelVersion(
        version=about.version,
        sha256=model.sha256,
        input_size_px=about.input_size,
        threshold=about.threshold,
        temperature=about.temperature,
        data_digest=about.data_digest,
        metrics=metrics,
        provenance={"created": about.created, "classes": list(about.classes)} | dict(provenance),
        created_by=created_by,
    )


def check_answers(classifier: OnnxClassifier) -> None:
    """Raise `InvalidModel` unless crops have the same finite answers alone and together."""
    size = classifier.input_size
    rng = np.random.default_rng(0)
    crops = rng.uniform(-0.5, 0.5, (max(BATCHES), size, size, 4)).astype(np.float32)
    crops[..., 3] = np.abs(crops[..., 3])
    together = classifier.classify(crops)
    alone = np.concatenate([classifier.classify(one[None]) for one in crops])
    for answers in (together, alone):
        if answers.shape != (len(crops),) or not np.isfinite(answers).all():
            raise InvalidModel(
                f"The model answers {len(crops)} crops with {answers.shape} numbers, "
                f"{np.count_nonzero(~np.isfinite(answers))} of them not finite."
            )
    difference = float(np.abs(together - alone).max())
    # Ten times the rounding of float32 in other orders of summing.
    if difference > 1e-3:
        raise InvalidModel(
            f"The model answers {len(crops)} crops together otherwise than alone: p_graphene "
            f"differs by {difference:.2g}."
        )


def parity_with(classifier: OnnxClassifier, reference: bytes) -> float:
    """Largest difference in probability from the reference; raises `InvalidValue`."""
    packed = _unpacked(reference)
    size = classifier.input_size
    crops, expected = packed.get("crops"), packed.get("p_graphene")
    if crops is None or expected is None or crops.shape[1:] != (size, size, 4):
        raise InvalidValue(
            f"reference has {', '.join(sorted(packed)) or 'no arrays'}; it has to have crops "
            f"(n, {size}, {size}, 4) and p_graphene (n,)."
        )
    if not 1 <= len(crops) <= MOST_REFERENCE_CROPS or expected.shape != (len(crops),):
        raise InvalidValue(
            f"reference has {len(crops)} crops and p_graphene of shape {expected.shape}; "
            f"1 to {MOST_REFERENCE_CROPS} crops are needed, and as many probabilities."
        )
    own = classifier.classify(crops.astype(np.float32))
    difference = float(np.abs(own - expected.astype(np.float64)).max())
    if not np.isfinite(difference):
        raise InvalidValue("reference holds a number that is not finite.")
    return difference


def _unpacked(reference: bytes) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(reference)) as archive:
            unpacked_bytes = sum(member.file_size for member in archive.infolist())
        if unpacked_bytes > _MOST_REFERENCE_BYTES:
            raise InvalidValue(
                f"reference unpacks to {unpacked_bytes} bytes; {_MOST_REFERENCE_BYTES} are allowed."
            )
        # Never a pickle: it would run what it says.
        with np.load(io.BytesIO(reference), allow_pickle=False) as packed:
            return {name: packed[name] for name in ("crops", "p_graphene") if name in packed.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise InvalidValue(f"reference is no npz file without pickles: {error}") from error
