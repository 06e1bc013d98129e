"""Networks by name, each with one logit: graphene is always the positive class."""

from models.networks.build import NAMES, build

__all__ = ["NAMES", "build"]
