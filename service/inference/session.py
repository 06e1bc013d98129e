"""Open an ONNX file with onnxruntime, on the GPU where there is one."""

import logging
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from service.errors import InvalidModel

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
        onnxruntime is not installed, or cannot load the content.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - an extra: who only reads the database lives without
    except ImportError as error:
        raise InvalidModel(
            "onnxruntime is not installed: "
            "pip install 'flakescope[cpu]', or 'flakescope[gpu]' where there is an NVIDIA GPU."
        ) from error
    providers = _providers(onnxruntime, wish)
    try:
        session = onnxruntime.InferenceSession(
            content, _options(onnxruntime, threads), providers=providers
        )
    except Exception as error:  # onnxruntime's errors share no base class but Exception
        raise InvalidModel(f"onnxruntime cannot load the model: {error}") from error
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
