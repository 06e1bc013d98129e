"""Screen files one by one, without a database; a bad file does not stop the rest."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from service.errors import FlakescopeError
from service.flakes.flakes import unsaved_flakes
from service.inference.classifier import Classifier
from service.optics.substrate import Substrate
from service.scans.tile_schemas import Flake
from service.screening.screen import ScreenJob, screen_image
from service.vision.decode import Tile
from service.vision.normalise import Light
from service.vision.segment import SegmentParams

Picture = NDArray[np.uint8]

# Layers to R, G, B: far from the pink, violet and blue of oxide on silicon.
COLOURS = {1: (80, 255, 80), 2: (0, 230, 255), 3: (255, 225, 0), 4: (255, 130, 0)}
OTHER = (255, 255, 255)
BLACK = (0, 0, 0)
FONT = cv2.FONT_HERSHEY_SIMPLEX


def write_overlay(tile: Tile, flakes: Sequence[Flake], path: Path) -> None:
    """Write the picture beside nothing it could replace: `a.jpg` becomes `a.overlay.jpg`."""
    # Everything but JPEG becomes PNG: not every viewer shows TIFF.
    suffix = ".jpg" if path.suffix.lower() in {".jpg", ".jpeg"} else ".png"
    _, encoded = cv2.imencode(suffix, cv2.cvtColor(draw_overlay(tile, flakes), cv2.COLOR_RGB2BGR))
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not cv2.imwrite: on Windows it cannot write to every path.
    path.with_name(f"{path.stem}.overlay{suffix}").write_bytes(encoded.tobytes())


def draw_overlay(tile: Tile, flakes: Sequence[Flake]) -> Picture:
    """Draw the tile in 8 bit RGB with each graphene flake outlined and labelled "1L 0.97"."""
    picture = _in_8_bit(tile)
    for flake in flakes:
        if flake.is_graphene:
            _draw(picture, flake)
    return picture


def _in_8_bit(tile: Tile) -> Picture:
    if tile.pixels.dtype == np.uint8:
        return tile.pixels.astype(np.uint8)
    # Cameras of 10 to 14 bits leave the upper range of 16 empty.
    brightest = max(1, int(tile.pixels.max()))
    return (tile.pixels.astype(np.float32) * (255 / brightest)).astype(np.uint8)


def _draw(picture: Picture, flake: Flake) -> None:
    colour = COLOURS.get(flake.layers or 0, OTHER)
    # OpenCV's pixel centres are at integers.
    outline = np.round(np.array(flake.polygon_px) - 0.5).astype(np.int32)
    width_px = max(1, picture.shape[1] // 1000)
    # Black below colour: readable on bright and on dark.
    for tone, extra_px in ((BLACK, 2), (colour, 0)):
        cv2.polylines(picture, [outline], True, tone, width_px + extra_px, cv2.LINE_AA)
    _write(picture, f"{flake.layers or '?'}L {flake.p_graphene:.2f}", flake.bbox_px, colour)


def _write(
    picture: Picture, label: str, bbox_px: tuple[int, int, int, int], colour: tuple[int, int, int]
) -> None:
    size = max(0.4, picture.shape[1] / 2500)
    (width, height), below = cv2.getTextSize(label, FONT, size, 1)
    x, y, _, flake_height = bbox_px
    left = max(0, min(x, picture.shape[1] - width))
    # Above the flake, or below it where there is no room.
    base = y - below - 2 if y > height + below + 2 else y + flake_height + height + 2
    corners = (left, base - height - 1), (left + width, base + below)
    cv2.rectangle(picture, *corners, BLACK, cv2.FILLED)
    cv2.putText(picture, label, (left, base), FONT, size, colour, 1, cv2.LINE_AA)


@dataclass(frozen=True, slots=True)
class ScreenedFile:
    """A file's result: flakes, or the reason why there are none.

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
    """A screener of files with its settings.

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
        decoded: list[Tile] = []
        job = ScreenJob(
            image=path.read_bytes(),
            um_per_px=self.um_per_px,
            oxide_nm=self.oxide_nm,
            flat_field=self.flat_field,
            substrate=self.substrate,
            decoded=decoded.append,
        )
        done = screen_image(job, classifier, params=SegmentParams())
        flakes = unsaved_flakes(done)
        if self.overlays is not None:
            write_overlay(decoded[0], flakes, self.overlays / relative)
        return ScreenedFile(
            path, relative, done.width_px, done.height_px, flakes, done.screening.light
        )


def _outcome(path: Path, relative: Path, result: Future[ScreenedFile]) -> ScreenedFile:
    try:
        return result.result()
    except FlakescopeError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.strerror}."
    return ScreenedFile(path, relative, None, None, [], error=reason)
