"""Take in an exported network from anywhere: tried, checked, kept; it is not active yet."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidModel, InvalidValue
from service.inference.metadata import ModelMetadata
from service.inference.onnx_classifier import OnnxClassifier
from service.registry import schemas
from service.registry.gate import PARITY
from service.registry.versions import NewModelVersion, register_model
from service.scans.tiles import Stores

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
