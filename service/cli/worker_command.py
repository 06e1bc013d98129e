"""How this process starts another of its kind, with the same settings."""

import os
import sys

from service.settings import Settings

EMBEDDED, ONE_TILE = "--embedded", "--one-tile"


def worker_command(*options: str) -> list[str]:
    """The command that runs a worker."""
    return [sys.executable, "-m", "service", "worker", *options]


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a child with these settings: a password must not stand in a command."""
    given = {name: value for name, value in settings.model_dump().items() if value is not None}
    return os.environ | {f"FLAKESCOPE_{name.upper()}": str(value) for name, value in given.items()}
