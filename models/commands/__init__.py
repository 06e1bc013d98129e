"""The commands that need PyTorch; each imports it when it runs, so that `--help` is quick."""

from models.commands.adapt import adapt
from models.commands.clean import clean
from models.commands.compare import compare
from models.commands.evaluate import evaluate
from models.commands.export import export
from models.commands.search import search
from models.commands.train import train
from models.commands.trainer import trainer

__all__ = ["adapt", "clean", "compare", "evaluate", "export", "search", "train", "trainer"]
