"""How the layers of one flake were read, beside the curve of its scan."""

from pathlib import Path

import numpy as np
import pytest

from service.calibration.substrates import add_substrate
from service.errors import NotFound
from service.flakes.optics import FlakeOptics, flake_optics
from service.inference.onnx_classifier import OnnxClassifier
from service.registry.versions import NewModelVersion, register_model
from service.scans.restating import change_scan
from service.scans.scans import create_scan
from service.scans.schemas import NewScan
from service.scans.tiles import NewTile, Stores, add_tile
from service.screening.pipeline import screen_tile
from service.screening.screen import Screened, ScreenJob
from service.vision.decode import decode
from service.vision.segment import SegmentParams
from tests.api.drawn import MONOLAYER_RGB, draw_tile, png_of
from tests.inference.tiny_model import write_tiny_model

FLAKES = ((40, 60, 60, 50), (200, 100, 80, 40), (300, 220, 50, 50))
MEASURED = {"1": {"contrast": {"r": -0.137, "g": -0.14, "b": -0.071}}}


@pytest.fixture
def one_flake(stores: Stores, tmp_path: Path):
    """A scan of one tile with three monolayers, screened by the real pipeline; one of them."""
    network = write_tiny_model(tmp_path / "tiny.onnx", weight=0, bias=4)
    classifier = OnnxClassifier(network, wish="cpu")
    about = NewModelVersion(version="tiny-1", sha256="4" * 64, input_size_px=32, threshold=0.5)
    register_model(stores.sessions, about)

    def screen(job: ScreenJob) -> Screened:
        tile = decode(job.image, oxide_nm=job.oxide_nm)
        screening = screen_tile(tile, params=SegmentParams(), classifier=classifier)
        return Screened(screening=screening, width_px=tile.width_px, height_px=tile.height_px)

    scan_id = create_scan(stores.sessions, NewScan(name="chip")).id
    tile = NewTile(image=png_of(draw_tile(*FLAKES)), row=0, col=0)
    return add_tile(stores, scan_id, tile, screen=screen).flakes[0]


def greens(optics: FlakeOptics) -> list[float]:
    return [point.contrast_rgb[1] for point in optics.curve]


def test_a_monolayer_lies_on_the_curve_of_the_scans_oxide(stores: Stores, one_flake):
    change_scan(stores, None, one_flake.scan_id, {"oxide_nm": 90.0})

    optics = flake_optics(stores.sessions, one_flake.id)

    assert optics.oxide is not None
    assert (optics.oxide.oxide_nm, optics.oxide.source) == (90.0, "scan")
    assert optics.contrast_rgb == pytest.approx(MONOLAYER_RGB, abs=0.02)
    assert [point.layers for point in optics.curve] == list(range(11))
    one = optics.curve[1]
    off = np.subtract(optics.contrast_rgb, one.contrast_rgb) / one.sigma_rgb
    assert np.abs(off).max() < 3
    assert greens(optics)[:5] == sorted(greens(optics)[:5], reverse=True)
    assert (optics.layers, optics.probability[0].layers) == (1, 1)
    assert optics.probability[0].p > 0.8
    assert sum(one.p for one in optics.probability) + optics.p_other == pytest.approx(1)
    assert optics.p_thin > 0.9


def test_where_nobody_said_the_oxide_its_source_is_told(stores: Stores, one_flake):
    alone = flake_optics(stores.sessions, one_flake.id)
    change_scan(stores, None, one_flake.scan_id, {"oxide_nm": 285.0})
    given = flake_optics(stores.sessions, one_flake.id)

    assert alone.oxide is not None
    # Three flakes agree on the range around 90 nm; whether that is enough is the estimate's word.
    assert alone.oxide.source in {"estimated", "usual"}
    assert alone.oxide.oxide_nm == pytest.approx(90, abs=15)
    assert alone.oxide.sigma_nm > 0
    assert greens(alone)[1] != greens(given)[1]


def test_contrasts_that_were_measured_replace_the_model(stores: Stores, one_flake):
    substrate = add_substrate(stores.sessions, "wafer 12", None, MEASURED)
    change_scan(stores, None, one_flake.scan_id, {"substrate_id": substrate.id})

    optics = flake_optics(stores.sessions, one_flake.id)

    assert (optics.source, optics.substrate, optics.oxide) == ("substrate", "wafer 12", None)
    assert [point.layers for point in optics.curve] == [0, 1]
    assert optics.curve[1].contrast_rgb == pytest.approx((-0.137, -0.14, -0.071))
    assert optics.layers == 1


def test_a_flake_that_is_not_there_has_no_optics(stores: Stores):
    with pytest.raises(NotFound, match="flake 7"):
        flake_optics(stores.sessions, 7)
