"""What screening needs from a network."""

from typing import Any, Protocol, overload

import numpy as np
from numpy.typing import NDArray


@overload
def is_called(p_graphene: float, threshold: float) -> bool: ...
@overload
def is_called(p_graphene: NDArray[Any], threshold: float) -> NDArray[np.bool_]: ...
def is_called(p_graphene: Any, threshold: float) -> Any:
    """Tell which probabilities are called graphene: those at the threshold, too."""
    return p_graphene >= threshold


class Classifier(Protocol):
    """One model version, ready to classify.

    Attributes
    ----------
    version : str
        Name of the model version.
    input_size : int
        Side of a crop in pixels.
    threshold : float
        From here on a crop is called graphene: see `is_called`.
    provider : str
        The onnxruntime execution provider that is really active.
    """

    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def input_size(self) -> int: ...  # noqa: D102
    @property
    def threshold(self) -> float: ...  # noqa: D102
    @property
    def provider(self) -> str: ...  # noqa: D102

    def classify(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of graphene for each crop.

        Parameters
        ----------
        crops : (n, size, size, 4) float32
            From `service.vision.crop`: contrast R, G, B and the candidate's mask. n may be 0.

        Returns
        -------
        (n,) float32 in [0, 1]
        """
        ...
