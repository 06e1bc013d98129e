"""Fetch a file from a service: it appears under its name when it is whole."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import httpx
import typer

from service.cli.connection import authorization
from service.cli.demo_client import TIMEOUT_S, Refused
from service.cli.errors import Unusable

_NAME = re.compile(r'filename="([A-Za-z0-9._-]+)"')


def download(
    url: str, path: str, query: Mapping[str, Any], *, output: Path | None, token: str | None
) -> None:
    """Write what the service answers to a file, `-` for standard output.

    Raises
    ------
    Refused
        The service does not give it.
    Unusable
        The service does not answer, or the file cannot be written.
    """
    # An archive of thousands of pictures takes minutes; between two pieces of it nothing does.
    timeout = httpx.Timeout(TIMEOUT_S, read=None)
    try:
        with (
            httpx.Client(base_url=url, headers=authorization(token), timeout=timeout) as http,
            http.stream("GET", path, params=_texts(query)) as answer,
        ):
            _check(answer)
            _write(answer, output)
            if notes := answer.headers.get("Flakescope-Notes"):
                typer.echo(notes, err=True)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise Unusable(f"The service at {url} does not answer: {error}") from error


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
    }


def _check(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    answer.read()
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = answer.text[:200]
    raise Refused(f"{detail} (status {answer.status_code})")


def _write(answer: httpx.Response, output: Path | None) -> None:
    if output is not None and str(output) == "-":
        _copy(answer, sys.stdout.buffer)
        return
    path = _free_name(answer) if output is None else output
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            _copy(answer, file)
        part.replace(path)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        # Where it was cut off: half a list of positions looks like a whole one.
        part.unlink(missing_ok=True)
    typer.echo(f"{path}", err=True)


def _free_name(answer: httpx.Response) -> Path:
    found = _NAME.search(answer.headers.get("Content-Disposition", ""))
    if found is None:
        raise Unusable("The service states no name for the file: name one with -o.")
    path = Path(found[1])
    if path.exists():
        raise Unusable(f"{path} exists already: name another file, or this one, with -o.")
    return path


def _copy(answer: httpx.Response, file: IO[bytes]) -> None:
    for piece in answer.iter_bytes():
        file.write(piece)
