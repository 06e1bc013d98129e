"""Select the flakes of an export, page by page, and what they lie on."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge

import numpy as np

from service.checks import MOST_PER_PAGE, found
from service.db.engine import Sessions
from service.db.queries.chip_map import masks_of_flakes, model_versions_of_scan
from service.db.queries.flakes import FlakeFilter
from service.db.queries.scans import page_of_tiles, tiles_by_id
from service.db.tables import Scan, Tile
from service.exports.words import criteria
from service.exports.writers.rows import (
    ExportedFlake,
    ExportedScan,
    ExportedTile,
    Points,
)
from service.flakes.flakes import list_flakes
from service.scans.positions import stage_map_of
from service.scans.reading import read_scans
from service.scans.rows import decode_mask, rounded
from service.scans.tile_schemas import Flake
from service.vision.stage import from_micro_manager, orient


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A selection of a scan's flakes, and their order.

    Attributes
    ----------
    which : FlakeFilter
        As for a list. Where it leaves `graphene` open, what counts as graphene is exported: by a
        person's verdict where there is one, else by the model's.
    everything : bool
        Also what does not count as graphene.
    """

    which: FlakeFilter
    sort: str = "-area_um2"
    everything: bool = False


def exported_scan(
    sessions: Sessions, scan_id: int, chosen: Selection, now: datetime
) -> ExportedScan:
    """Read the facts of a scan; raises `NotFound`."""
    with sessions() as session:
        scan = found(session.get(Scan, scan_id), f"scan {scan_id}")
        (shown,) = read_scans(session, [scan])
        versions = model_versions_of_scan(session, scan_id)
    return ExportedScan(
        id=shown.id,
        name=shown.name,
        material=shown.material,
        oxide_nm=shown.oxide_nm,
        um_per_px=shown.um_per_px,
        image_to_stage=_image_to_stage(scan),
        state=shown.state,
        tiles_screened=shown.tiles.screened,
        tiles_failed=shown.tiles.failed,
        flakes_graphene=shown.flakes.graphene,
        flakes_other=shown.flakes.other,
        model_versions=tuple(versions),
        created_at=shown.created_at,
        exported_at=now,
        criteria=criteria(chosen.which, chosen.sort, everything=chosen.everything),
    )


def exported_tiles(sessions: Sessions, scan_id: int) -> Iterator[ExportedTile]:
    """List every tile of a scan, in the order in which they came."""
    after_id = 0
    while True:
        with sessions() as session:
            scan = found(session.get(Scan, scan_id), f"scan {scan_id}")
            tiles = page_of_tiles(session, scan_id, after_id, MOST_PER_PAGE)
        for tile in tiles:
            yield _tile(scan, tile)
        if len(tiles) < MOST_PER_PAGE:
            return
        after_id = tiles[-1].id


def exported_flakes(
    sessions: Sessions, chosen: Selection, *, with_masks: bool = False
) -> Iterator[ExportedFlake]:
    """Iterate over the flakes that were asked for; a page of them is in memory at a time.

    Pages are read one after the other: a flake that is changed meanwhile is given as it then is.
    """
    for some in _in_pages(_selected(sessions, chosen)):
        yield from _described(sessions, some, with_masks=with_masks)


def _selected(sessions: Sessions, chosen: Selection) -> Iterator[Flake]:
    which, sort = chosen.which, chosen.sort
    if chosen.everything or which.graphene is not None:
        return _listed(sessions, which, sort)
    # Neither stream holds the many that both the model and everyone leave aside.
    by_model = _listed(sessions, replace(which, graphene=True), sort)
    kept = (one for one in by_model if _label(one) != "not_graphene")
    if which.reviewed is False:
        return kept
    other = _listed(sessions, replace(which, graphene=False, reviewed=True), sort)
    return merge(kept, (one for one in other if _label(one) == "graphene"), key=_place_in(sort))


def _listed(sessions: Sessions, which: FlakeFilter, sort: str) -> Iterator[Flake]:
    cursor = None
    while True:
        page = list_flakes(sessions, which, sort=sort, limit=MOST_PER_PAGE, cursor=cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _label(flake: Flake) -> str | None:
    return None if flake.review is None else flake.review.label


def _place_in(sort: str) -> Callable[[Flake], tuple[bool, float, int]]:
    """Build the sort key of `list_flakes`: unknown values last, equal ones by id, the same way."""
    column, sign = sort.removeprefix("-"), -1 if sort.startswith("-") else 1

    def place(flake: Flake) -> tuple[bool, float, int]:
        value = getattr(flake, column)
        return value is None, 0.0 if value is None else sign * value, sign * flake.saved_id

    return place


def _in_pages(flakes: Iterable[Flake]) -> Iterator[list[Flake]]:
    page: list[Flake] = []
    for flake in flakes:
        page.append(flake)
        if len(page) == MOST_PER_PAGE:
            yield page
            page = []
    if page:
        yield page


def _described(
    sessions: Sessions, flakes: Collection[Flake], *, with_masks: bool
) -> Iterator[ExportedFlake]:
    with sessions() as session:
        rows = tiles_by_id(session, {flake.saved_tile_id for flake in flakes})
        scans = {tile.scan_id: session.get_one(Scan, tile.scan_id) for tile in rows.values()}
        ids = [flake.saved_id for flake in flakes]
        masks = masks_of_flakes(session, ids) if with_masks else {}
    tiles = {key: _tile(scans[row.scan_id], row) for key, row in rows.items()}
    for flake in flakes:
        # A tile that was deleted since its page was read took its flakes along.
        if flake.saved_tile_id in tiles:
            png = masks.get(flake.saved_id)
            # Checked when it was read from its row.
            yield ExportedFlake.model_construct(
                **dict(flake),
                tile=tiles[flake.saved_tile_id],
                mask=None if png is None else decode_mask(png),
            )


def _tile(scan: Scan, tile: Tile) -> ExportedTile:
    return ExportedTile(
        id=tile.id,
        name=tile.name,
        row=tile.row,
        col=tile.col,
        stage_x_um=tile.stage_x_um,
        stage_y_um=tile.stage_y_um,
        stage_z_um=tile.stage_z_um,
        um_per_px=tile.um_per_px,
        width_px=tile.width_px,
        height_px=tile.height_px,
        state=tile.state,
        corners_um=_corners_um(scan, tile),
    )


def _corners_um(scan: Scan, tile: Tile) -> Points | None:
    stage = stage_map_of(scan, tile)
    if stage is None or tile.width_px is None or tile.height_px is None:
        return None
    width, height = tile.width_px, tile.height_px
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    return rounded(stage.to_stage(corners))


def _image_to_stage(scan: Scan) -> tuple[float, float, float, float]:
    if scan.affine is not None:
        affine = from_micro_manager(scan.affine)
    else:
        affine = orient(1.0, flip_x=scan.flip_x, flip_y=scan.flip_y, swap_xy=scan.swap_xy)
    (xx, xy), (yx, yy) = affine[:, :2].tolist()
    return xx, xy, yx, yy
