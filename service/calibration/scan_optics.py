"""Read a scan's light and oxide from its tiles and flakes together."""

from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.calibration import schemas
from service.calibration.schemas import Drift, ScanOptics
from service.checks import found
from service.db.engine import Sessions
from service.db.tables import Flake, Scan, Tile
from service.optics.oxide import MOST_FLAKES, OxideEstimate, estimate_oxide
from service.screening.pipeline import trust
from service.vision.light import light_change, light_drift, usual_light

# More tiles would not change the median; a big scan is looked at evenly from its first to its last.
MOST_TILES = 2000


def scan_drift(session: Session, scan_id: int) -> tuple[int, list[Drift]]:
    """How many tiles were compared, and those under another light, the worst first."""
    lights = _lights(session, scan_id)
    usual = usual_light([own for *_, own in lights])
    drift = []
    for tile_id, name, own in lights:
        warning, changed = light_drift(own, usual), light_change(own, usual)
        if warning is not None and changed is not None:
            shown = name or f"tile {tile_id}"
            drift.append(Drift(tile_id=tile_id, warning=warning, name=shown, change=changed[1]))
    return len(lights), sorted(drift, key=lambda one: (-abs(one.change), one.tile_id))


def scan_optics(sessions: Sessions, scan_id: int) -> ScanOptics:
    """Oxide by the flakes, and the tiles under another light; raises `NotFound`."""
    with sessions() as session:
        found(session.get(Scan, scan_id), f"scan {scan_id}")
        compared, drift = scan_drift(session, scan_id)
        flakes = telling_flakes(session, scan_id)
    oxide = oxide_by(flakes)
    return ScanOptics(
        oxide=None if oxide is None else schemas.OxideEstimate.read(oxide),
        tiles_compared=compared,
        drift=drift,
    )


Rgb = tuple[float, float, float]
# Contrast of a flake, and how much it may tell.
Telling = tuple[Rgb, float]


# A page asks for flake after flake of one scan, and each time it takes a tenth of a second.
@lru_cache(maxsize=16)
def oxide_by(flakes: tuple[Telling, ...]) -> OxideEstimate | None:
    """Oxide under some flakes of one scan; None without any."""
    return estimate_oxide(
        [contrast for contrast, _ in flakes], weights=[weight for _, weight in flakes]
    )


def _lights(session: Session, scan_id: int) -> list[tuple[int, str | None, Rgb]]:
    query = (
        select(Tile.id, Tile.name, Tile.background_rgb)
        .where(Tile.scan_id == scan_id, Tile.state == "screened")
        .order_by(Tile.id)
    )
    rows = session.execute(query).all()
    every = max(-(-len(rows) // MOST_TILES), 1)
    return [(id_, name, (rgb[0], rgb[1], rgb[2])) for id_, name, rgb in rows[::every] if rgb]


def telling_flakes(session: Session, scan_id: int) -> tuple[Telling, ...]:
    """Contrast of the largest graphene flakes, and how much each may tell."""
    query = (
        select(
            Flake.contrast_r, Flake.contrast_g, Flake.contrast_b, Flake.p_graphene, Flake.area_px
        )
        .where(Flake.scan_id == scan_id, Flake.is_graphene, ~Flake.is_lost)
        .order_by(Flake.area_px.desc(), Flake.id)
        .limit(MOST_FLAKES)
    )
    return tuple(
        ((red, green, blue), trust(p_graphene, area_px))
        for red, green, blue, p_graphene, area_px in session.execute(query)
    )
