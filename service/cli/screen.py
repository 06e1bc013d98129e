"""The order of work of `flakescope screen`."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from service.cli.images import find_images
from service.cli.report import Reports, table_of
from service.cli.screening import FileScreener, ScreenedFile
from service.cli.summary import drift_lines, oxide_line
from service.errors import InvalidImage
from service.inference.onnx_classifier import OnnxClassifier
from service.inference.shipped import shipped_model
from service.settings import Settings


def screen_files(
    paths: Sequence[Path], screener: FileScreener, reports: Reports, settings: Settings
) -> int:
    """Screen, show and write; the exit status: 1 if any file failed.

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
