"""The shadowed tiles as files."""

from tests.api.drawn import png_of
from tests.vision.shadowed import tiles

PICTURES = [png_of(tile.pixels) for tile in tiles(12)]
