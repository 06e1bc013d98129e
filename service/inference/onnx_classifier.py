"""The classifier that serves: an exported network on onnxruntime."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.errors import InvalidModel
from service.inference.metadata import ModelMetadata, read_metadata
from service.inference.session import Provider, open_session, read_model

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
