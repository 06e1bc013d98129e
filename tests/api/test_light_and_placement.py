"""Flat fields, substrates, placement over HTTP: what they do is tested in tests/scans."""

from tests.api.drawn import draw_tile, png_of
from tests.optics.trained_references import TRAINED


def test_a_flat_field_is_put_read_and_dropped(running, empty_png):
    scan_id = running.open_scan()
    address = f"/v1/scans/{scan_id}/flat-field"

    put = running.http.put(address, files={"image": ("empty.png", empty_png)})
    got = running.http.get(address)
    dropped = running.http.delete(address)

    assert (put.status_code, put.json()["flat_field"]) == (200, "given")
    assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
    assert got.content == empty_png
    assert dropped.status_code == 204
    assert running.http.get(address).status_code == 404


def test_what_is_no_image_is_refused_as_a_flat_field(running):
    address = f"/v1/scans/{running.open_scan()}/flat-field"

    answer = running.http.put(address, files={"image": ("empty.png", b"light")})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_tile_is_screened_by_the_scans_flat_field(running, flake_png, empty_png):
    scan_id = running.open_scan()
    other = png_of(draw_tile()[:200])
    running.http.put(f"/v1/scans/{scan_id}/flat-field", files={"image": ("e.png", empty_png)})
    good = running.post_tile(scan_id, flake_png, name="a").json()["tile"]
    running.http.put(f"/v1/scans/{scan_id}/flat-field", files={"image": ("e.png", other)})
    warned = running.post_tile(scan_id, flake_png, name="b").json()["tile"]

    assert good["warnings"] == []
    assert "400x200 px, the tile 400x300" in warned["warnings"][0]


def test_a_substrate_is_kept_and_a_scan_refers_to_it(running):
    body = {"name": "90 nm, 20x", "oxide_nm": 90, "reference_contrasts": TRAINED}
    made = running.http.post("/v1/substrates", json=body)
    substrate = made.json()
    scan_id = running.open_scan(substrate_id=substrate["id"])

    listed = running.http.get("/v1/substrates").json()["items"]
    refused = running.http.delete(f"/v1/substrates/{substrate['id']}")
    changed = running.http.patch(f"/v1/scans/{scan_id}", json={"substrate_id": None})
    deleted = running.http.delete(f"/v1/substrates/{substrate['id']}")

    assert made.status_code == 201
    assert substrate["reference_contrasts"]["1"]["contrast"]["r"] == -0.137
    assert listed == [substrate]
    assert (refused.status_code, deleted.status_code) == (409, 204)
    assert changed.json()["substrate_id"] is None
    assert running.http.get(f"/v1/substrates/{substrate['id']}").status_code == 404


def test_a_wrong_document_of_contrasts_is_refused_with_what_it_lacks(running):
    body = {"name": "x", "reference_contrasts": {"1": {"contrast": {"r": 0.1}}}}

    answer = running.http.post("/v1/substrates", json=body)

    assert answer.status_code == 422
    assert "layer 1, g" in answer.json()["detail"]


def test_a_scan_that_names_no_substrate_is_refused(running):
    answer = running.http.post("/v1/scans", json={"name": "a", "substrate_id": 999})

    assert answer.status_code == 422
    assert "999" in answer.json()["detail"]


def test_placement_is_told_and_the_map_is_asked_to_be_drawn_anew(running, flake_png):
    scan_id = running.open_scan(um_per_px=0.5)
    running.post_tile(scan_id, flake_png, stage_x_um=0, stage_y_um=0)

    told = running.http.get(f"/v1/scans/{scan_id}/placement")
    asked = running.http.put(f"/v1/scans/{scan_id}/placement", json={"positions": "corrected"})
    again = running.http.put(f"/v1/scans/{scan_id}/placement", json={"positions": "stated"})
    wrong = running.http.put(f"/v1/scans/{scan_id}/placement", json={"positions": "guessed"})

    assert told.json()["verdict"] == "unknown"
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    assert (again.status_code, wrong.status_code) == (409, 422)
    assert running.http.get("/v1/scans/99999/placement").status_code == 404


def test_a_scan_is_put_right_by_patch(running, flake_png):
    scan_id = running.open_scan(um_per_px=0.5)
    running.post_tile(scan_id, flake_png, name="a", stage_x_um=0, stage_y_um=0)
    address = f"/v1/scans/{scan_id}"

    named = running.http.patch(address, json={"name": "chip 13", "oxide_nm": 285})
    put = running.http.patch(address, json={"um_per_px": 0.2, "flip_y": True})
    busy = running.http.patch(address, json={"um_per_px": 0.3})
    wrong = running.http.patch(address, json={"um_per_px": -1})

    assert (named.json()["name"], named.json()["state"]) == ("chip 13", "open")
    assert put.status_code == 200, put.text
    assert (put.json()["um_per_px"], put.json()["flip_y"]) == (0.2, True)
    assert (put.json()["um_per_px_from"], put.json()["state"]) == ("stated", "queued")
    assert (busy.status_code, wrong.status_code) == (409, 422)
    assert running.http.get(address).json()["um_per_px"] == 0.2
