"""Check: do rows and images agree, and does all that waits have somebody to wait for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from service.db.base import utc_now
from service.db.blobs import BlobStore, is_sound
from service.db.engine import Sessions, writing
from service.db.queries.blobs import all_blobs_in_use, blobs_in_use, sweep_blobs
from service.db.tables import Detection, Flake, Review, Scan, Tile
from service.scans.queue import Queue
from service.scans.runs import rescreen
from service.scans.tiles import Stores

# A tile that was sent so long ago has been screened, unless nobody works on it any more.
WAITED_TOO_LONG = timedelta(hours=1)

_AT_ONCE = 500

Repair = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of disagreement.

    Attributes
    ----------
    what : str
        In words, with the number.
    examples : list of str
        The first few.
    repair : callable or None
        Mends it; None where only a backup can.
    """

    what: str
    examples: list[str]
    repair: Repair | None


def check(stores: Stores, queue: Queue, *, deep: bool) -> list[Finding]:
    """Everything that does not agree; nothing is changed.

    Parameters
    ----------
    deep : bool
        Read every image again and compare it with its name, which costs as much as a backup.
    """
    found = [
        _lost_images(stores.sessions, stores.blobs, deep=deep),
        _superfluous_images(stores.sessions, stores.blobs),
        _waiting_scans(stores.sessions, queue),
        _empty_flakes(stores.sessions),
    ]
    return [finding for finding in found if finding is not None]


def _lost_images(sessions: Sessions, blobs: BlobStore, *, deep: bool) -> Finding | None:
    with sessions() as session:
        names = sorted(set(all_blobs_in_use(session)))
    lost = [name for name in names if not (is_sound(blobs, name) if deep else blobs.has(name))]
    if not lost:
        return None
    return Finding(f"{len(lost)} images are lost or damaged", lost[:5], None)


def users_of(sessions: Sessions, names: Sequence[str]) -> dict[str, str]:
    """Say of which tile each of some images is, by the image's name: "tile 7 of scan 2, a.png"."""
    found: dict[str, str] = {}
    for start in range(0, len(names), _AT_ONCE):
        query = select(Tile).where(Tile.sha256.in_(names[start : start + _AT_ONCE]))
        with sessions() as session:
            for tile in session.scalars(query):
                found[tile.sha256] = f"tile {tile.id} of scan {tile.scan_id}, {tile.name}"
    return found


def _superfluous_images(sessions: Sessions, blobs: BlobStore) -> Finding | None:
    unused = [name for some in _batches(blobs.names()) for name in _unused(sessions, some)]
    if not unused:
        return None
    return Finding(
        f"{len(unused)} images belong to nothing",
        unused[:5],
        # Once more under the lock: a tile that just came may refer to one now.
        lambda: sweep_blobs(sessions, blobs, unused),
    )


def _batches(names: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(names, _AT_ONCE)):
        yield some


def _unused(sessions: Sessions, names: list[str]) -> list[str]:
    with sessions() as session:
        in_use = blobs_in_use(session, names)
    return [name for name in names if name not in in_use]


def _waiting_scans(sessions: Sessions, queue: Queue) -> Finding | None:
    query = (
        select(Scan.id)
        .join(Tile, Tile.scan_id == Scan.id)
        .where(Scan.state.in_(("open", "done")), Tile.state == "queued")
        .where(Tile.created_at < utc_now() - WAITED_TOO_LONG)
        .distinct()
    )
    with sessions() as session:
        scans = list(session.scalars(query))
    if not scans:
        return None

    def repair() -> None:
        for scan_id in scans:
            rescreen(sessions, queue, scan_id, missing=True)

    words = f"{len(scans)} scans have tiles that wait for more than an hour"
    return Finding(words, [f"scan {scan_id}" for scan_id in scans[:5]], repair)


def _empty_flakes(sessions: Sessions) -> Finding | None:
    with sessions() as session:
        flakes = _without_detections(session)
    if not flakes:
        return None

    def repair() -> None:
        with writing(sessions) as session:
            # Looked up again: a merge may have gone on meanwhile.
            session.execute(delete(Flake).where(Flake.id.in_(_without_detections(session))))

    words = f"{len(flakes)} flakes have neither a detection nor a review"
    return Finding(words, [f"flake {flake_id}" for flake_id in flakes[:5]], repair)


def _without_detections(session: Session) -> list[int]:
    seen = exists().where(Detection.flake_id == Flake.id)
    reviewed = exists().where(Review.flake_id == Flake.id)
    return list(session.scalars(select(Flake.id).where(~seen, ~reviewed)))
