"""Screens files one by one, without a database; a bad file does not stop the rest."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from service.api.schemas.flake import Flake
from service.api.unsaved import unsaved_flakes
from service.cli.overlay import write_overlay
from service.errors import FlakescopeError
from service.inference.classifier import Classifier
from service.optics.substrate import Substrate
from service.screening.pipeline import screen_tile
from service.vision.decode import decode
from service.vision.normalise import Light
from service.vision.segment import SegmentParams


@dataclass(frozen=True, slots=True)
class ScreenedFile:
    """What one file gave: flakes, or the reason why there are none.

    Attributes
    ----------
    relative : Path
        Its path below the folder that was given.
    """

    path: Path
    relative: Path
    width_px: int | None
    height_px: int | None
    flakes: list[Flake]
    light: Light | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FileScreener:
    """How files are screened.

    Attributes
    ----------
    um_per_px, oxide_nm : float or None
        Of every file; None where unknown.
    overlays : Path or None
        Folder for pictures with outlines.
    flat_field : (height, width, 3) float32 or None
    substrate : Substrate or None
        Contrasts that were measured; they override the thin-film model.
    """

    um_per_px: float | None
    oxide_nm: float | None
    overlays: Path | None
    flat_field: NDArray[np.float32] | None = None
    substrate: Substrate | None = None

    def screen_all(
        self, images: Mapping[Path, Path], classifier: Classifier, workers: int
    ) -> Iterator[ScreenedFile]:
        """Results in the order of the files, `workers` of which are screened at once.

        A file's overlay goes to its place relative to the folder that was given.
        """
        cv2.setNumThreads(1)
        with ThreadPoolExecutor(workers) as executor:
            waiting = [
                executor.submit(self._screen, path, relative, classifier)
                for path, relative in images.items()
            ]
            try:
                for (path, relative), result in zip(images.items(), waiting, strict=True):
                    yield _outcome(path, relative, result)
            finally:
                executor.shutdown(cancel_futures=True)

    def _screen(self, path: Path, relative: Path, classifier: Classifier) -> ScreenedFile:
        tile = decode(path.read_bytes(), um_per_px=self.um_per_px, oxide_nm=self.oxide_nm)
        screening = screen_tile(
            tile,
            params=SegmentParams(),
            classifier=classifier,
            flat_field=self.flat_field,
            substrate=self.substrate,
        )
        flakes = unsaved_flakes(tile, screening)
        if self.overlays is not None:
            write_overlay(tile, flakes, self.overlays / relative)
        return ScreenedFile(path, relative, tile.width_px, tile.height_px, flakes, screening.light)


def _outcome(path: Path, relative: Path, result: Future[ScreenedFile]) -> ScreenedFile:
    try:
        return result.result()
    except FlakescopeError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.strerror}."
    return ScreenedFile(path, relative, None, None, [], error=reason)
