"""Keeping: the small picture of a tile beside its row."""

from sqlalchemy.orm import Session

from service.db.hooks import note_map_changes
from service.db.tables import Thumbnail, Tile
from service.vision.thumbnail import SmallPicture


def keep_thumbnail(session: Session, tile: Tile, picture: SmallPicture | None) -> None:
    """Keep a tile's small picture; the scan is locked, and the tile has its id and image."""
    if picture is None:
        return
    there = session.get(Thumbnail, tile.id)
    if there is not None and there.made_from == tile.sha256:
        return
    if there is None:
        add_thumbnail(session, tile, picture)
    else:
        there.made_from, there.jpeg = tile.sha256, picture.jpeg
        there.depth_bits = picture.depth_bits
    note_map_changes(session, {tile.scan_id})


def add_thumbnail(session: Session, tile: Tile, picture: SmallPicture | None) -> None:
    """Keep the small picture of a tile that is new: its map has changed with it already."""
    if picture is not None:
        session.add(
            Thumbnail(
                tile_id=tile.id,
                made_from=tile.sha256,
                jpeg=picture.jpeg,
                depth_bits=picture.depth_bits,
            )
        )
