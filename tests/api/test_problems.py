"""Every error is a problem document that says what was wrong with this request."""

import asyncio
import errno
import logging
import socket
import struct

import httpx
import numpy as np
import pytest
from fastapi import FastAPI, HTTPException

from service.http.problems import add_error_handlers
from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving


def test_an_unknown_address_names_itself(running: Running):
    document = problem_of(running.http.get("/v1/flake"), 404)

    assert document["detail"] == "There is no GET /v1/flake; /docs lists every call."


def test_a_wrong_method_names_the_right_one(running: Running):
    response = running.http.patch("/v1/flakes/1")

    assert problem_of(response, 405)["title"] == "Method Not Allowed"
    assert "GET" in response.headers["allow"]


def test_every_wrong_field_is_named_with_its_reason(running: Running):
    response = running.http.post("/v1/scans", json={"oxide_nm": "thin", "flip_x": 7, "colour": 1})

    document = problem_of(response, 422)
    reasons = {error["field"]: error["reason"] for error in document["errors"]}
    assert reasons["name"] == "is missing"
    assert reasons["colour"] == "is no field of this call"
    assert reasons["oxide_nm"].endswith("is 'thin'")
    assert reasons.keys() == {"name", "oxide_nm", "flip_x", "colour"}
    assert all(field in document["detail"] for field in reasons)


@pytest.mark.parametrize(
    ("call", "field", "reason"),
    [
        ({"content": b"{", "headers": {"content-type": "application/json"}}, "body", "is not JSON"),
        ({"json": {"name": "chip", "um_per_px": -0.4}}, "um_per_px", "-0.4"),
        ({"json": {"name": " "}}, "name", "empty"),
        ({"json": {"name": "chip", "position_reference": "left"}}, "position_reference", "'left'"),
    ],
    ids=["broken JSON", "negative scale", "empty name", "unknown word"],
)
def test_a_wrong_scan_is_refused_in_words(running: Running, call: dict, field: str, reason: str):
    detail = problem_of(running.http.post("/v1/scans", **call), 422)["detail"]

    assert field in detail
    assert reason in detail


@pytest.mark.parametrize(
    "address",
    ["/v1/scans/999999", "/v1/flakes/999999", "/v1/flakes/999999/crop.png", "/v1/models/none"],
)
def test_what_is_not_there_is_404(running: Running, address: str):
    assert problem_of(running.http.get(address), 404)["type"].endswith(":not-found")


def test_an_id_beyond_64_bit_is_refused_not_fatal(running: Running):
    assert "scan_id" in problem_of(running.http.get(f"/v1/scans/{2**63}"), 422)["detail"]


def test_text_in_place_of_the_image_is_named(running: Running):
    document = problem_of(running.http.post("/v1/screen", data={"image": "flake.png"}), 422)

    assert document["errors"] == [{"field": "image", "reason": "must be a file, is 'flake.png'"}]


def test_a_multipart_body_without_boundary_is_a_bad_request(running: Running):
    headers = {"content-type": "multipart/form-data"}

    problem_of(running.http.post("/v1/screen", content=b"x", headers=headers), 400)


def test_a_body_over_the_limit_is_refused_with_the_limit(running: Running):
    over = bytes(3 * 2**20 + 1)

    document = problem_of(running.http.post("/v1/screen", files={"image": over}), 413)

    assert document["detail"] == "The body is over the limit of 3145728 bytes."


def test_a_chunked_body_is_counted_too(running: Running):
    def endless():
        yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
        for _ in range(64):
            yield bytes(2**16)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = running.http.post("/v1/screen", content=endless(), headers=headers)

    assert problem_of(response, 413)["type"].endswith(":too-large")


class BrokenClassifier:
    """Fails in a way that nobody foresaw."""

    version = "broken"
    input_size = 32
    threshold = 0.5
    provider = "none"

    def classify(self, crops: np.ndarray) -> np.ndarray:
        raise RuntimeError(f"secret inner text about {len(crops)} crops")


def test_a_failure_inside_is_a_500_with_an_id_that_the_log_knows(
    settings: Settings, flake_png: bytes, caplog: pytest.LogCaptureFixture
):
    with serving(settings) as running:
        running.parts.screener.live.serve(BrokenClassifier())
        with caplog.at_level(logging.ERROR):
            response = running.http.post("/v1/screen", files={"image": flake_png})
        alive = running.http.get("/healthz")

    document = problem_of(response, 500)
    assert "secret inner text" not in response.text
    assert document["request_id"] == response.headers["x-request-id"]
    assert document["request_id"] in caplog.text
    assert alive.status_code == 200


def test_no_connection_to_the_database_is_503_and_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.ERROR), serving(settings) as other:
        other.parts.engine.dispose()
        settings.data_dir.joinpath("flakescope.db").unlink()
        settings.data_dir.joinpath("flakescope.db").mkdir()
        response = other.http.get("/v1/scans")
        ready = other.http.get("/readyz")

    assert problem_of(response, 503)["type"].endswith(":no-database")
    assert "unable to open database file" in caplog.text
    assert "unable to open" not in response.text
    assert "retry-after" in response.headers
    assert problem_of(ready, 503)["detail"] == "The database does not answer."


def test_every_answer_carries_a_request_id(running: Running):
    ids = {running.http.get(path).headers["x-request-id"] for path in ("/healthz", "/none")}

    assert len(ids) == 2


def test_a_client_that_closes_early_does_no_harm(
    running: Running, flake_png: bytes, caplog: pytest.LogCaptureFixture
):
    to_the_service = (running.http.base_url.host, running.http.base_url.port)
    form = httpx.Request(
        "POST", running.http.base_url.join("/v1/screen"), files={"image": flake_png}
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in form.headers.items())
    request = f"POST /v1/screen HTTP/1.1\r\n{head}\r\n".encode() + form.read()
    for sent in (len(request) // 2, len(request)):
        with socket.create_connection(to_the_service, timeout=5) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(request[:sent])

    after = running.http.post("/v1/screen", files={"image": flake_png})

    assert after.status_code == 200
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("place", ["the call", "the body"])
def test_a_full_disk_is_said_with_507_wherever_it_is_met(place: str):
    app = FastAPI()
    add_error_handlers(app)

    @app.post("/")
    def call() -> None:
        if place == "the call":
            raise OSError(errno.ENOSPC, "No space left on device", "/srv/secret")
        # What the framework makes of any error while it receives a form.
        raise HTTPException(400, "There was an error parsing the body") from OSError(
            errno.ENOSPC, "No space left on device"
        )

    response = _ask(app, "POST")

    document = problem_of(response, 507)
    assert document["type"].endswith(":storage-full")
    assert "secret" not in response.text
    assert int(response.headers["retry-after"]) > 0


def test_another_fault_of_the_system_is_no_full_disk():
    app = FastAPI()
    add_error_handlers(app)

    @app.get("/")
    def call() -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        _ask(app, "GET")


def _ask(app: FastAPI, method: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            return await http.request(method, "/")

    return asyncio.run(ask())


def test_two_images_in_one_call_are_refused_wherever_an_image_goes(
    running: Running, flake_png: bytes, empty_png: bytes
):
    scan_id = running.open_scan()
    two = [("image", ("a.png", flake_png)), ("image", ("b.png", empty_png))]

    answers = [
        running.http.post("/v1/screen", files=two),
        running.http.post(f"/v1/scans/{scan_id}/tiles", files=two),
        running.http.put(f"/v1/scans/{scan_id}/flat-field", files=two),
    ]

    for answer in answers:
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"] == [
            {"field": "image", "reason": "is given more than once; a call takes one"}
        ]
    assert running.http.get(f"/v1/scans/{scan_id}/tiles").json()["items"] == []


def test_a_field_of_a_form_or_query_that_comes_twice_is_refused(running: Running, flake_png: bytes):
    twice = running.http.post(
        "/v1/screen",
        files=[
            ("image", ("a.png", flake_png)),
            ("oxide_nm", (None, "90")),
            ("oxide_nm", (None, "285")),
        ],
    )
    limits = running.http.get("/v1/scans?limit=1&limit=2")

    assert (twice.status_code, limits.status_code) == (422, 422)
    assert "oxide_nm is given more than once" in twice.json()["detail"]
    assert "limit is given more than once" in limits.json()["detail"]


@pytest.mark.parametrize(
    "address",
    [
        "/v1/scans?nmae=x",
        "/v1/scans/1?nmae=x",
        "/v1/flakes/1?nmae=x",
        "/v1/models?nmae=x",
        "/v1/substrates?nmae=x",
        "/v1/trainings?nmae=x",
        "/healthz?nmae=x",
    ],
)
def test_a_query_field_that_no_call_knows_is_refused_everywhere(running: Running, address: str):
    answer = running.http.get(address)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"] == [{"field": "nmae", "reason": "is no field of this call"}]


def test_a_list_in_the_query_may_come_in_parts(running: Running):
    scan_id = running.open_scan()

    answer = running.http.get(f"/v1/scans/{scan_id}/flakes?layers=1&layers=2")

    assert answer.status_code == 200, answer.text


def test_a_position_in_the_query_belongs_into_the_form(running: Running, flake_png: bytes):
    scan_id = running.open_scan()

    answer = running.http.post(
        f"/v1/scans/{scan_id}/tiles?stage_x_um=5.5&stage_y_um=6.6&replace=true",
        files={"image": ("a.png", flake_png)},
    )

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["stage_x_um", "stage_y_um"]
    assert "stage_x_um is no query field: it belongs into the form" in answer.json()["detail"]
    assert running.http.get(f"/v1/scans/{scan_id}/tiles").json()["items"] == []
