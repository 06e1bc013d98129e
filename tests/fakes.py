"""Working fakes of what production gets from outside, shared by all tests."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FakeClassifier:
    """Calls every crop graphene with the same probability."""

    p_graphene: float = 0.9
    version: str = "fake-1"
    input_size: int = 64
    threshold: float = 0.5
    provider: str = "CPUExecutionProvider"

    def classify(self, crops: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.full(len(crops), self.p_graphene, np.float32)
