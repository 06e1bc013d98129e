"""`flakescope screen`: screen images and print what was found."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from service.cli.report import Reports, table_of
from service.cli.screen_files import FileScreener, ScreenedFile
from service.errors import FlakescopeError, InvalidImage
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.shipped import shipped_model
from service.optics.oxide import estimate_oxide
from service.optics.references import read_references
from service.optics.substrate import Substrate
from service.processes.setup import Unusable
from service.screening.pipeline import trust
from service.settings import Settings
from service.vision.decode import decode
from service.vision.light import ENOUGH_TILES, MOST_TILES, FlatField, light_drift, usual_light


def oxide_line(screened: Iterable[ScreenedFile]) -> str | None:
    """Describe the oxide as the graphene flakes tell it; None without any."""
    flakes = [flake for file in screened for flake in file.flakes if flake.is_graphene]
    estimate = estimate_oxide(
        [flake.contrast_rgb for flake in flakes],
        weights=[trust(flake.p_graphene, flake.area_px) for flake in flakes],
    )
    if estimate is None:
        return None
    sure = "" if estimate.confident else ", not sure: too few flakes agree"
    return f"Oxide by the flakes: {estimate.oxide_nm:.0f} +- {estimate.sigma_nm:.0f} nm{sure}"


def drift_lines(screened: Sequence[ScreenedFile]) -> Iterator[str]:
    """Images whose light differs from that of the others."""
    lights = [(file, file.light) for file in screened if file.light is not None]
    usual = usual_light([light.background_rgb for _, light in lights])
    for file, light in lights:
        warning = light_drift(light.background_rgb, usual)
        if warning is not None:
            yield f"{file.relative}: {warning}"


SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})
# Annotations, and what `--overlay` wrote earlier.
SKIPPED = (".mask", ".overlay")


def find_images(paths: Sequence[Path]) -> dict[Path, Path]:
    """Find every image once: its path, and the same relative to the folder that was given.

    A folder is searched with all below it; a file that is named itself is taken whatever its name.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            for image in sorted(one for one in path.rglob("*") if _is_image(one)):
                found.setdefault(image, image.relative_to(path))
        else:
            found.setdefault(path, Path(path.name))
    return found


def _is_image(path: Path) -> bool:
    return (
        path.suffix.lower() in SUFFIXES
        and not path.stem.endswith(SKIPPED)
        # macOS leaves "._name.png" beside each file on foreign disks.
        and not path.name.startswith(".")
        and path.is_file()
    )


def screen_files(
    paths: Sequence[Path], screener: FileScreener, reports: Reports, settings: Settings
) -> int:
    """Screen, show and write files; return the exit status: 1 if any file failed.

    Raises
    ------
    InvalidImage
        There is no image to screen.
    InvalidModel, Unusable
    """
    images = find_images(paths)
    if not images:
        raise InvalidImage("There is no image in what was given.")
    # A folder that cannot be written shows now, not after an hour of screening.
    reports.make_folders()
    classifier = OnnxClassifier(
        settings.model or shipped_model(), threads=settings.threads, wish=settings.provider
    )
    screened = list(
        _with_progress(screener.screen_all(images, classifier, settings.workers), len(images))
    )
    reports.write(screened, classifier.version)
    Console().print(table_of(screened))
    return _sum_up(screened)


def _with_progress(screened: Iterable[ScreenedFile], total: int) -> Iterable[ScreenedFile]:
    console = Console(stderr=True)
    return track(
        screened,
        "Screening",
        total=total,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _sum_up(screened: Sequence[ScreenedFile]) -> int:
    failed = [file for file in screened if file.error]
    found = sum(flake.is_graphene for file in screened for flake in file.flakes)
    candidates = sum(len(file.flakes) for file in screened)
    images = len(screened) - len(failed)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"Images: {images}, candidates: {candidates}, graphene flakes: {found}")
    if (oxide := oxide_line(screened)) is not None:
        console.print(oxide)
    for warning in drift_lines(screened):
        console.print(warning, style="yellow", markup=False)
    for file in failed:
        console.print(f"{file.path}: {file.error}", style="red", markup=False)
    return 1 if failed else 0


LEARN = "auto"


def find_flat_field(wish: str | None, paths: Sequence[Path]) -> NDArray[np.float32] | None:
    """Light over the field of view, from a picture of empty substrate or learnt from the images.

    Raises
    ------
    Unusable
        The picture cannot be read, or the images are too few or of different sizes.
    """
    if wish is None:
        return None
    return _learnt(list(find_images(paths))) if wish == LEARN else _pictured(Path(wish))


def _pictured(path: Path) -> NDArray[np.float32]:
    try:
        tile = decode(path.read_bytes())
    except (OSError, FlakescopeError) as error:
        raise Unusable(f"The flat field {path} cannot be read: {error}") from error
    # Noise and specks of the picture must not go into every tile.
    smooth = cv2.GaussianBlur(tile.pixels.astype(np.float32), (0, 0), 2)
    return np.asarray(smooth / smooth.mean(axis=(0, 1)), np.float32)


def _learnt(images: list[Path]) -> NDArray[np.float32]:
    field = FlatField()
    # Spread over the scan: neighbours may show the same big flake.
    for path in images[:: max(len(images) // MOST_TILES, 1)]:
        try:
            field.add(decode(path.read_bytes()).pixels)
        except ValueError as error:
            raise Unusable(f"No flat field can be learnt: {path.name} is {error}.") from error
        except (OSError, FlakescopeError):
            continue  # named with its reason when its turn to be screened comes
    estimate = field.estimate()
    if estimate is None:
        raise Unusable(
            f"No flat field can be learnt from {len(images)} images: at least {ENOUGH_TILES} must "
            "show bare substrate."
        )
    return estimate


def read_substrate(path: Path | None, oxide_nm: float | None) -> Substrate | None:
    """Measured contrasts from a file; raises `Unusable` or `InvalidValue` with what is wrong."""
    if path is None:
        return None
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Unusable(f"The substrate {path} cannot be read: {error.strerror}.") from error
    return Substrate(path.stem, oxide_nm, read_references(text))
