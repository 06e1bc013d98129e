"""Screens one image in the bounded pool, with the model that is live."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from service.http.metrics import Metrics
from service.optics.substrate import Substrate
from service.registry.following import LiveModel
from service.scans.tiles import Screened, ScreenJob
from service.screening.pipeline import Screening, screen_tile
from service.screening.pool import ScreeningPool
from service.vision.decode import Tile, decode
from service.vision.light import flat_field_of
from service.vision.segment import SegmentParams
from service.vision.thumbnail import small_picture


@dataclass(frozen=True, slots=True, eq=False)
class TimedScreening:
    """A decoded image, what was found on it, and how long both took."""

    tile: Tile
    screening: Screening
    duration_ms: float
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screener:
    """What screening needs beside the image."""

    pool: ScreeningPool
    live: LiveModel
    params: SegmentParams
    max_pixels: int
    metrics: Metrics

    def screen(
        self,
        read: Callable[[], bytes],
        *,
        um_per_px: float | None,
        oxide_nm: float | None,
        flat_field: bytes | None = None,
        substrate: Substrate | None = None,
        decoded: Callable[[], object] = lambda: None,
    ) -> TimedScreening:
        """Screen the image that `read` gives.

        The bytes are read when there is a place to screen them: those that wait cost no memory.
        `decoded` is called when they have turned out to be an image.

        Raises
        ------
        Busy, InvalidImage, InvalidValue, TooLarge
        InvalidModel
            No model is live.
        """

        def work() -> TimedScreening:
            started = time.perf_counter()
            done = self.metrics.stages()
            tile = decode(
                read(), max_pixels=self.max_pixels, um_per_px=um_per_px, oxide_nm=oxide_nm
            )
            done("decode")
            decoded()
            field, warnings = flat_field_of(flat_field, tile)
            screening = screen_tile(
                tile,
                params=self.params,
                classifier=self.live.classifier,
                flat_field=field,
                substrate=substrate,
                done=done,
            )
            duration_ms = 1000 * (time.perf_counter() - started)
            return TimedScreening(tile, screening, duration_ms, warnings)

        with self.metrics.screening():
            return self.pool.run(work)

    def screen_job(self, job: ScreenJob) -> Screened:
        """The same for a tile that will be saved."""
        done = self.screen(
            lambda: job.image,
            um_per_px=job.um_per_px,
            oxide_nm=job.oxide_nm,
            flat_field=job.flat_field,
            substrate=job.substrate,
            decoded=job.decoded,
        )
        return Screened(
            screening=done.screening,
            width_px=done.tile.width_px,
            height_px=done.tile.height_px,
            # Where the job had no scale, the tile's is the file's own.
            um_per_px=done.tile.um_per_px if job.um_per_px is None else None,
            warnings=done.warnings,
            thumbnail=small_picture(done.tile.pixels),
        )
