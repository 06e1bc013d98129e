"""Real examples that are kept for the next time: to make them takes minutes."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from models.examples.labelled import load, save
from models.examples.sources import SourceConfig, Sourced, read_source
from service.vision.crop import PREPROCESSING_VERSION


def read_kept(folder: Path, config: SourceConfig, cache: Path | None) -> Sourced:
    """Read as `read_source` does, from the cache while the folder's files are the same as then.

    The cache is to be emptied when the code that makes examples has changed.
    """
    if cache is None:
        return read_source(folder, config)
    kept = cache / f"real-{_key(folder, config)}"
    verdicts = kept / "verdicts.json"
    if not verdicts.is_file():
        sourced = read_source(folder, config)
        kept.mkdir(parents=True, exist_ok=True)
        save(sourced.train, kept / "train.npz")
        save(sourced.test, kept / "test.npz")
        # Last: it says that the others are whole.
        verdicts.write_text(json.dumps(sourced.verdicts), encoding="utf-8")
    return Sourced(
        load(kept / "train.npz"), load(kept / "test.npz"), json.loads(verdicts.read_text())
    )


def _key(folder: Path, config: SourceConfig) -> str:
    """Digest of the settings and of every file's name, size and time."""
    content = hashlib.sha256(f"p{PREPROCESSING_VERSION} {asdict(config)}".encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            state = path.stat()
            name = path.relative_to(folder).as_posix()
            content.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return content.hexdigest()[:16]
