"""What several commands share: options, and the check that PyTorch is there."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from service.errors import FlakescopeError, InvalidValue

DataFolder = Annotated[
    Path, typer.Argument(metavar="DATA", help="Folder with frames/frames.csv and crops/index.csv.")
]


def require_torch() -> None:
    """Raise an error that says what to install, where PyTorch is missing."""
    if find_spec("torch") is None:
        raise FlakescopeError("This command needs PyTorch: pip install 'flakescope[cpu,train]'.")


def parted(settings: list[str]) -> list[tuple[str, str]]:
    """Names and values; raises `InvalidValue`."""
    for setting in settings:
        if "=" not in setting:
            raise InvalidValue(f"{setting!r} is not NAME=VALUE.")
    return [(name, value) for name, _, value in (setting.partition("=") for setting in settings)]
