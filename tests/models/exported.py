"""What stands in the exported files of tests."""

from models.export import CLASSES
from service.inference.metadata import ModelMetadata

METADATA = ModelMetadata(
    version="flakenet-test",
    input_size=48,
    classes=CLASSES,
    threshold=0.4,
    temperature=1.7,
    data_digest="sha256:0",
    created="2026-11-20T00:00:00+00:00",
)
