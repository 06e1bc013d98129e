"""Screens one image in the bounded pool, with the model that is live."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from service.budget import Budget
from service.http.metrics import Metrics
from service.images.size import pixels_of
from service.registry.following import LiveModel
from service.screening.pool import ScreeningPool
from service.screening.screen import Screened, ScreenJob, screen_image
from service.vision.segment import SegmentParams


@dataclass(frozen=True, slots=True)
class Screener:
    """The parts that screening needs beside the image."""

    pool: ScreeningPool
    live: LiveModel
    params: SegmentParams
    max_pixels: int
    metrics: Metrics
    pixels: Budget

    def screen(self, job: Callable[[], ScreenJob]) -> tuple[Screened, float]:
        """Screen an image; what was found, and how many milliseconds it took.

        The job is made, and its bytes are read, when there is a place to screen them: those that
        wait cost no memory.

        Raises
        ------
        Busy, InvalidImage, InvalidValue, TooLarge
        InvalidModel
            No model is live.
        """

        def work() -> tuple[Screened, float]:
            started = time.perf_counter()
            wanted = job()
            # In the pool: what waits for pixels holds a place, and the next is turned away.
            with self.pixels.holding(pixels_of(wanted.image, self.max_pixels)):
                screened = screen_image(
                    wanted,
                    self.live.classifier,
                    params=self.params,
                    max_pixels=self.max_pixels,
                    done=self.metrics.stages(),
                )
            return screened, 1000 * (time.perf_counter() - started)

        with self.metrics.screening():
            return self.pool.run(work)

    def screen_job(self, job: ScreenJob) -> Screened:
        """Screen an image whose bytes are at hand, for whoever saves it."""
        return self.screen(lambda: job)[0]
