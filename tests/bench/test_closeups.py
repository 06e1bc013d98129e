"""Close-ups of annotated frames: the flake that fills the view must not pass for the substrate."""

from pathlib import Path

import numpy as np
import pytest

from bench.quality.closeups import close_ups, screen_close_ups
from bench.quality.metrics import counts
from bench.quality.screen import of_set
from bench.quality.truth import load_frames
from service.vision.decode import decode
from service.vision.segment import SegmentParams
from tests.bench.frames import write_frames

# A 90 nm frame and four on 285 nm, one of them with a red cast: 60 close-ups in a few seconds.
FEW = ("gh_acb69ba8", "mi_chip_3_FW", "mi_chip_3_NZ", "mi_chip_3_VZ", "mi_red_chip_8_DI_50x")


def test_a_close_up_shows_its_flake_at_the_share_asked_for(tmp_path: Path) -> None:
    write_frames(tmp_path)
    frame = load_frames(tmp_path, min_area_px=300)[0]
    tile = decode(frame.path.read_bytes(), um_per_px=frame.um_per_px)

    plain, enlarged = close_ups(frame, tile, shares=(0.35,))

    (cut, close), (large, larger) = plain, enlarged
    (flake,) = cut.flakes
    assert flake.region.area_px / close.pixels[..., 0].size == pytest.approx(0.35, abs=0.02)
    assert flake.layers == frame.flakes[0].layers
    assert np.array(larger.pixels.shape[:2]) == pytest.approx(2 * np.array(close.pixels.shape[:2]))
    assert large.um_per_px == pytest.approx(0.2)
    assert cut.sets == ("35 % as it is", "close-ups")


def test_a_flake_that_fills_the_view_is_found_on_real_frames(shared_data: Path) -> None:
    frames = [f for f in load_frames(shared_data / "frames", 300) if f.name in FEW]

    screened = screen_close_ups(frames, None, SegmentParams())

    for share in ("<= 20", "35", "50"):
        for size in ("as it is", "enlarged"):
            found = counts(of_set(screened, f"{share} % {size}"))
            assert found["candidate_hits"] >= 0.7 * found["flakes"] > 0, (share, size, found)
