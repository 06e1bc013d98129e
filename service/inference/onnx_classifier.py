"""Classify crops with an exported network on onnxruntime: CUDA where present, else the CPU."""

import hashlib
import logging
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidModel
from service.inference.metadata import ModelMetadata, read_metadata
from service.inference.onnx_file import check_file

if TYPE_CHECKING:
    import onnxruntime


Provider = Literal["auto", "cpu", "cuda"]

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"

_log = logging.getLogger(__name__)


def read_model(path: Path) -> bytes:
    """Content of a model file; raises `InvalidModel`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidModel(f"The model {path.name!r} cannot be read: {error.strerror}.") from error


def open_session(content: bytes, *, threads: int, wish: Provider) -> "onnxruntime.InferenceSession":
    """Open a session on the wished provider; warns where the CPU answers in place of the GPU.

    Parameters
    ----------
    threads : int
        CPU threads that one call may use.

    Raises
    ------
    InvalidModel
        onnxruntime is not installed, or cannot load the content; or the content is refused by
        `service.inference.onnx_file`.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - an extra: who only reads the database lives without
    except ImportError as error:
        raise InvalidModel(
            "onnxruntime is not installed: "
            "pip install 'flakescope[cpu]', or 'flakescope[gpu]' where there is an NVIDIA GPU."
        ) from error
    check_file(content)
    providers = _providers(onnxruntime, wish)
    try:
        session = onnxruntime.InferenceSession(
            content, _options(onnxruntime, threads), providers=providers
        )
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        # Its words may quote what the file made it read: they are for the log alone.
        _log.warning("onnxruntime cannot load a model: %s", error)
        raise InvalidModel(
            "onnxruntime cannot load the model: it has an operator, a type or a shape that is not "
            "supported here, or is damaged. The log says which."
        ) from error
    wanted = CUDA if wish == "cuda" else providers[0][0]
    if session.get_providers()[0] != wanted:
        _log.warning("%s was asked for, but %s is active", wanted, session.get_providers()[0])
    return session


def _providers(runtime: ModuleType, wish: Provider) -> list[tuple[str, dict[str, str]]]:
    cpu: list[tuple[str, dict[str, str]]] = [(CPU, {})]
    if wish == "cpu" or CUDA not in runtime.get_available_providers():
        return cpu
    # Finds the CUDA and cuDNN libraries that pip installed; the loader's path does not hold them.
    runtime.preload_dlls()
    # The default searches every convolution again for each new batch size: seconds a time.
    return [(CUDA, {"cudnn_conv_algo_search": "HEURISTIC"}), *cpu]


def _options(runtime: ModuleType, threads: int) -> "onnxruntime.SessionOptions":
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Idle threads that spin take the cores from the OpenCV steps of the other tiles.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # 3 = errors: the fallback to the CPU is reported above, once and in words.
    options.log_severity_level = 3
    return options


INPUT = "crops"
OUTPUT = "logit"

# Bounds the memory of one call: a tile full of dust can have thousands of candidates.
BATCH = 64


class OnnxClassifier:
    """A model version, loaded and warm; its session is shared by threads.

    Parameters
    ----------
    source : Path or bytes
        ONNX file, or its content, with the metadata of `ModelMetadata`; input `crops`
        (n, size, size, 4) float32, output `logit` (n,) or (n, 1).
    threads : int
        CPU threads that one call may use.
    wish : {"auto", "cpu", "cuda"}
        Where it should run; `provider` says where it does.

    Raises
    ------
    InvalidModel
        The file is unreadable, or not what serving needs; the message says which.
    """

    def __init__(self, source: Path | bytes, *, threads: int = 1, wish: Provider = "auto") -> None:
        content = source if isinstance(source, bytes) else read_model(source)
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._session = open_session(content, threads=threads, wish=wish)
        self.metadata: ModelMetadata = read_metadata(
            self._session.get_modelmeta().custom_metadata_map
        )
        self._check_interface()
        self._warm_up()

    @property
    def version(self) -> str:
        """Name of the model version."""
        return self.metadata.version

    @property
    def input_size(self) -> int:
        """Side of a crop in pixels."""
        return self.metadata.input_size

    @property
    def threshold(self) -> float:
        """From which probability on a crop is graphene."""
        return self.metadata.threshold

    @property
    def provider(self) -> str:
        """The execution provider that is really active."""
        return str(self._session.get_providers()[0])

    def classify(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of graphene for each crop, see `Classifier.classify`."""
        batches = [crops[start : start + BATCH] for start in range(0, len(crops), BATCH)]
        logits = [self._session.run([OUTPUT], {INPUT: batch})[0].reshape(-1) for batch in batches]
        scaled = np.concatenate([np.empty(0), *logits]) / self.metadata.temperature
        # exp of more than 88 is infinite in float32; a probability there is 0 or 1 anyway.
        p_graphene = 1 / (1 + np.exp(-np.clip(scaled, -80, 80)))
        return p_graphene.astype(np.float32)

    def _check_interface(self) -> None:
        inputs = {node.name: node for node in self._session.get_inputs()}
        outputs = {node.name: node for node in self._session.get_outputs()}
        if set(inputs) != {INPUT} or OUTPUT not in outputs:
            raise InvalidModel(
                f"The model has inputs {sorted(inputs)} and outputs {sorted(outputs)}; "
                f"it must have the input '{INPUT}' and the output '{OUTPUT}'."
            )
        batch, *shape = inputs[INPUT].shape
        size = self.input_size
        fits = all(
            not isinstance(has, int) or has == want
            for has, want in zip(shape, (size, size, 4), strict=False)
        )
        if isinstance(batch, int) or len(shape) != 3 or not fits:
            raise InvalidModel(
                f"The model's input is {inputs[INPUT].shape}; "
                f"it must be (n, {size}, {size}, 4) with n free."
            )
        if inputs[INPUT].type != "tensor(float)":
            raise InvalidModel(f"The model's input is {inputs[INPUT].type}; it must be float32.")

    def _warm_up(self) -> None:
        # Batches of 1 and 2: some exports have a batch axis that only looks free.
        for n in (1, 2):
            crops = np.zeros((n, self.input_size, self.input_size, 4), np.float32)
            try:
                (logit,) = self._session.run([OUTPUT], {INPUT: crops})
            except Exception as error:  # onnxruntime's errors share no base class but Exception
                raise InvalidModel(f"The model fails on {n} crop(s): {error}") from error
            if logit.shape not in {(n,), (n, 1)} or not np.isfinite(logit).all():
                raise InvalidModel(
                    f"The model answers {n} crop(s) with {logit.tolist()}; "
                    "it must give one finite logit for each."
                )
