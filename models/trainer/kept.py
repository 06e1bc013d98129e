"""Examples of a training, as they were when it began: reviews made meanwhile are the next's."""

import json
from pathlib import Path

from models.examples.labelled import load, save
from models.trainer.lab import Parted

SEEN, HELD_OUT, ABOUT = "seen.npz", "held_out.npz", "examples.json"


def keep(parted: Parted, run: Path) -> None:
    """Write examples to a run's folder."""
    save(parted.seen, run / SEEN)
    save(parted.held_out, run / HELD_OUT)
    draft = run / f"{ABOUT}.draft"
    about = {"counts": dict(parted.counts), "notes": list(parted.notes)}
    draft.write_text(json.dumps(about), encoding="utf-8")
    # Last: it says that the others are whole.
    draft.replace(run / ABOUT)


def kept(run: Path) -> Parted | None:
    """Load what `keep` wrote; None where it did not come to its end."""
    if not (run / ABOUT).is_file():
        return None
    about = json.loads((run / ABOUT).read_text(encoding="utf-8"))
    return Parted(load(run / SEEN), load(run / HELD_OUT), about["counts"], about["notes"])
