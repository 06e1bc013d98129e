"""`POST /v1/screen` finds flakes and saves nothing."""

import pytest

from tests.api.drawn import FLAKE_PX
from tests.api.serving import Running


def test_a_drawn_flake_is_found_where_it_is(running: Running, flake_png: bytes):
    before = running.http.get("/v1/flakes").json()["total"]
    response = running.http.post(
        "/v1/screen", files={"image": flake_png}, data={"um_per_px": 0.5, "oxide_nm": 90}
    )

    assert response.status_code == 200
    body = response.json()
    (flake,) = body["flakes"]
    x, y, width, height = FLAKE_PX
    assert (body["width_px"], body["height_px"], body["candidates"]) == (400, 300, 1)
    assert body["model_version"] == flake["model_version"] == "tiny-1"
    assert body["timing_ms"] > 0
    assert flake["p_graphene"] == pytest.approx(0.880797, abs=1e-5)
    assert flake["is_graphene"] is True
    assert flake["bbox_px"] == pytest.approx(FLAKE_PX, abs=2)
    assert flake["centre_px"] == pytest.approx((x + width / 2, y + height / 2), abs=1)
    assert flake["area_um2"] == pytest.approx(width * height * 0.25, rel=0.05)
    assert flake["contrast_rgb"] == pytest.approx([-0.137, -0.140, -0.071], abs=0.015)
    unknown = ("id", "scan_id", "tile_id", "centre_um", "polygon_um", "review")
    assert [flake[field] for field in unknown] == [None] * 6
    assert running.http.get("/v1/flakes").json()["total"] == before


def test_without_a_scale_the_area_in_um2_is_unknown(running: Running, flake_png: bytes):
    body = running.http.post("/v1/screen", files={"image": flake_png}).json()

    assert body["flakes"][0]["area_um2"] is None


def test_bare_substrate_gives_no_flakes(running: Running, empty_png: bytes):
    body = running.http.post("/v1/screen", files={"image": empty_png}).json()

    assert (body["flakes"], body["candidates"]) == ([], 0)
