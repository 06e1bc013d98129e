"""The study that this project began with, as published and with graphene as the positive class."""

from dataclasses import dataclass

SOURCE = "Rager and Wang, Columbia University, 2024"
REMARK = (
    "Other data and another question: 100 test pictures of their own, ImageNet weights, pictures "
    "of 224 or 299 px, one GPU; a random split without validation, probably with leakage. The "
    "numbers stand here for orientation and must not be ranked against those above. Their class "
    "folders were sorted by the alphabet, so that precision and F1 as published are those of "
    "NON-graphene. 'Graphene positive' is computed from their confusion matrices."
)


@dataclass(frozen=True, slots=True)
class Published:
    """One row of the study.

    Attributes
    ----------
    confusion : (graphene found, graphene missed, others called graphene, others)
    """

    network: str
    accuracy: float
    precision: float
    f1: float
    auc: float
    seconds: float
    parameters_millions: float
    confusion: tuple[int, int, int, int]

    @property
    def corrected(self) -> tuple[float, float, float]:
        """Precision, recall and F1 of graphene."""
        found, missed, false, _ = self.confusion
        return (
            found / (found + false),
            found / (found + missed),
            2 * found / (2 * found + missed + false),
        )


STUDY = (
    Published("AlexNet", 0.95, 0.91, 0.95, 0.97, 189.64, 61.1, (45, 5, 0, 50)),
    Published("VGG16", 0.91, 0.85, 0.92, 0.91, 418.92, 138.4, (41, 9, 0, 50)),
    Published("ResNet50", 0.84, 0.77, 0.86, 0.99, 583.52, 25.6, (35, 15, 1, 49)),
    Published("EfficientNet-B0", 0.89, 0.82, 0.90, 0.97, 355.70, 5.3, (39, 11, 0, 50)),
    Published("Inception v3", 0.96, 0.93, 0.96, 1.00, 816.22, 27.2, (46, 4, 0, 50)),
)
