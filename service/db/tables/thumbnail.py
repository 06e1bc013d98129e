"""Small pictures of tiles, from which a map of the whole chip is drawn."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.db.base import Base, Id


class Thumbnail(Base):
    """A tile at some 160 px: ten thousand are read in one query, their originals in minutes."""

    __tablename__ = "thumbnail"

    tile_id: Mapped[int] = mapped_column(
        Id, ForeignKey("tile.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    # The sha256 of the image that it shows: of an earlier one where the tile was just replaced.
    # It keeps no blob alive, so its name does not end as the references do.
    made_from: Mapped[str] = mapped_column(String(64))
    # How many bits of the image's numbers are shown: 8, or what a camera gives in 16.
    depth_bits: Mapped[int]
    # Empty where the image cannot be read any more.
    jpeg: Mapped[bytes]
