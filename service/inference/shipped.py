"""Find the shipped networks and the holdout crops by which every network is judged."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import service
from service.errors import InvalidModel
from service.inference.onnx_classifier import OnnxClassifier
from service.vision.crop import PREPROCESSING_VERSION

# Beside the package, in a checkout and in an installed wheel.
ZOO = Path(service.__file__).parents[1] / "models" / "zoo"


def shipped_model(zoo: Path = ZOO) -> Path:
    """Find the newest shipped ONNX file, by its own date; raises `InvalidModel` if none ships."""
    paths = sorted(zoo.glob("*.onnx"))
    if not paths:
        raise InvalidModel("No model ships with this installation; name an ONNX file.")
    if len(paths) == 1:
        return paths[0]
    return max(paths, key=lambda path: OnnxClassifier(path).metadata.created)


# Contrast is kept in steps of 1/127: about one grey value of an 8 bit camera.
STEPS = 127


@dataclass(frozen=True, slots=True, eq=False)
class Holdout:
    """Labelled crops.

    Attributes
    ----------
    name : str
        Of the file: figures of different holdouts cannot be compared.
    crops : (n, size, size, 4) float32
        As `service.vision.crop` gives them.
    is_graphene : (n,) bool
    """

    name: str
    crops: NDArray[np.float32]
    is_graphene: NDArray[np.bool_]

    def of_size(self, size: int) -> NDArray[np.float32]:
        """Resize the crops to another side, in pixels."""
        stored = self.crops.shape[1]
        if size == stored:
            return self.crops
        how = cv2.INTER_AREA if size < stored else cv2.INTER_LINEAR
        resized = [cv2.resize(one, (size, size), interpolation=how) for one in self.crops]
        return np.asarray(resized, np.float32)


def save_holdout(path: Path, crops: NDArray[np.float32], is_graphene: NDArray[np.bool_]) -> None:
    """Write crops and labels, packed."""
    np.savez_compressed(
        path,
        contrast=np.round(crops[..., :3] * STEPS).astype(np.int8),
        mask=np.round(crops[..., 3] * 255).astype(np.uint8),
        is_graphene=is_graphene,
        preprocessing_version=np.array(PREPROCESSING_VERSION),
    )


def load_holdout(zoo: Path = ZOO) -> Holdout:
    """Load the shipped holdout, the last by name.

    Raises
    ------
    InvalidModel
        None ships, or it was cut by another version of the preprocessing.
    """
    paths = sorted(zoo.glob("holdout-*.npz"))
    if not paths:
        raise InvalidModel("No holdout ships with this installation: models cannot be compared.")
    with np.load(paths[-1], allow_pickle=False) as packed:
        made_for = str(packed["preprocessing_version"])
        contrast, mask = packed["contrast"], packed["mask"]
        is_graphene = packed["is_graphene"].astype(bool)
    if made_for != PREPROCESSING_VERSION:
        raise InvalidModel(
            f"The holdout {paths[-1].name} was cut by preprocessing version {made_for}, "
            f"this service has version {PREPROCESSING_VERSION}: make it again."
        )
    crops = np.concatenate(
        [contrast.astype(np.float32) / STEPS, mask[..., None].astype(np.float32) / 255], axis=3
    )
    return Holdout(paths[-1].stem, crops, is_graphene)
