"""What surrounds every call: limits, headers, ids, a proxy's prefix."""

import socket
import time
from contextlib import closing

import pytest

from service.admin.tokens import create_token
from service.http.gate import MOST_BUCKETS, Limiter
from service.processes.server import PatientProtocol
from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving


def test_every_answer_says_what_a_browser_may_do_with_it(running: Running):
    for path in ("/healthz", "/docs", "/v1/scans", "/v1/none", "/docs/assets/swagger-ui.css"):
        headers = running.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


def test_the_page_has_no_script_inside(running: Running):
    page = running.http.get("/docs").text

    assert page.count("<script") == page.count("<script src=")
    assert running.http.get("/docs/start.js").headers["content-type"].startswith("text/javascript")


def test_a_sane_request_id_is_kept_and_another_is_not(running: Running):
    def answered(given: str) -> str:
        return running.http.get("/healthz", headers={"X-Request-ID": given}).headers["x-request-id"]

    assert answered("scan-7.tile_3") == "scan-7.tile_3"
    for given in ("a b", "<script>", "x" * 65, '"'):
        assert answered(given) != given


def test_other_pages_may_read_only_where_they_were_named(running: Running, settings: Settings):
    asked = {"Origin": "https://lab.example", "Access-Control-Request-Method": "POST"}
    refused = running.http.options("/v1/scans", headers=asked)
    named = settings.model_copy(update={"allowed_origins": "https://lab.example"})
    with serving(named) as other:
        allowed = other.http.options("/v1/scans", headers=asked)
        foreign = other.http.options(
            "/v1/scans", headers=asked | {"Origin": "https://evil.example"}
        )
        read = other.http.get("/v1/scans", headers={"Origin": "https://lab.example"})

    assert "access-control-allow-origin" not in refused.headers
    assert allowed.headers["access-control-allow-origin"] == "https://lab.example"
    assert "access-control-allow-origin" not in foreign.headers
    assert read.headers["access-control-allow-origin"] == "https://lab.example"


@pytest.fixture
def impatient(settings: Settings) -> Settings:
    return settings.model_copy(update={"body_patience_s": 0.4, "least_bytes_per_s": 100_000})


def test_a_body_that_comes_too_slowly_is_cut_off(impatient: Settings):
    with serving(impatient) as running:
        url = running.http.base_url
        with closing(socket.create_connection((url.host, url.port), timeout=20)) as slow:
            slow.sendall(
                b"POST /v1/screen HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
            )
            answer = slow.recv(65536)
            rest = slow.recv(65536)
            while rest:
                answer, rest = answer + rest, slow.recv(65536)
        alive = running.http.get("/healthz")

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"100000 bytes a second are needed" in answer
    assert alive.status_code == 200


def test_a_service_that_thinks_longer_than_a_body_may_take_is_not_cut_off(impatient: Settings):
    with serving(impatient) as running:
        pool = running.parts.screener.pool
        assert pool.run(lambda: time.sleep(0.6)) is None
        answer = running.http.post("/v1/scans", json={"name": "chip"})

    assert answer.status_code == 201


def test_a_connection_on_which_no_call_begins_is_closed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(PatientProtocol, "patience_s", 0.3)
    with serving(settings) as running:
        url = running.http.base_url
        with closing(socket.create_connection((url.host, url.port), timeout=20)) as slow:
            started = time.monotonic()
            slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")
            for _ in range(8):
                time.sleep(0.05)
                try:
                    slow.sendall(b"h")
                except OSError:
                    break
            assert slow.recv(100) == b""
            closed_s = time.monotonic() - started
        # One that has begun goes on as long as it likes.
        assert running.http.get("/v1/scans").status_code == 200
        time.sleep(0.4)
        assert running.http.get("/v1/scans").status_code == 200

    assert closed_s < 15


def test_headers_without_end_are_refused(running: Running):
    answer = running.http.get("/healthz", headers={"X-Long": "a" * 64 * 2**10})

    assert problem_of(answer, 431)["detail"] == "The headers are over the limit of 32768 bytes."
    assert running.http.get("/healthz").status_code == 200


def test_a_bucket_lets_so_many_through_and_then_fills_again():
    now = 0.0
    limiter = Limiter(2.0, clock=lambda: now)

    taken = [limiter.take("anna") for _ in range(11)]
    other = limiter.take("ben")
    now = 0.5

    assert taken[:10] == [0.0] * 10
    assert taken[10] == pytest.approx(0.5)
    assert other == 0.0
    assert limiter.take("anna") == 0.0
    assert limiter.take("anna") > 0
    assert Limiter(0).take("anna") == 0.0


def test_a_bucket_holds_five_seconds_of_calls_however_long_nobody_called():
    now = 0.0
    limiter = Limiter(2.0, clock=lambda: now)
    for _ in range(10):
        assert limiter.take("anna") == 0.0

    now = 3600.0
    taken = [limiter.take("anna") for _ in range(11)]

    assert taken[:10] == [0.0] * 10
    assert taken[10] == pytest.approx(0.5)


def test_of_ten_thousand_callers_the_one_not_seen_longest_is_forgotten():
    limiter = Limiter(0.1, clock=lambda: 0.0)
    for caller in ("first", "second"):
        assert limiter.take(caller) == 0.0
    for number in range(MOST_BUCKETS - 2):
        limiter.take(str(number))
    # Both are still kept, and each was seen once more now: the second longer ago.
    assert limiter.take("second") > 0
    assert limiter.take("first") > 0

    for number in range(MOST_BUCKETS - 1):
        limiter.take(f"other {number}")

    assert limiter.take("first") > 0
    assert limiter.take("second") == 0.0


def test_who_calls_too_often_is_told_when_to_come_back(settings: Settings):
    strict = settings.model_copy(
        update={"host": "0.0.0.0", "requests_per_s": 0.1, "wrong_tokens_per_s": 0.1}
    )
    with serving(strict) as running:
        headers = {
            name: {"Authorization": f"Bearer {made.token}"}
            for name in ("anna", "ben")
            for made in [create_token(running.parts.stores.sessions, name, "operator")]
        }
        answers = [running.http.get("/v1/session", headers=headers["anna"]) for _ in range(3)]
        other = running.http.get("/v1/session", headers=headers["ben"])
        wrong = [
            running.http.get("/v1/scans", headers={"Authorization": f"Bearer flk_{i}"})
            for i in range(4)
        ]

    late = [answer for answer in answers if answer.status_code == 429]
    assert late
    assert problem_of(late[0], 429)["type"].endswith(":too-many-calls")
    assert int(late[0].headers["retry-after"]) >= 1
    assert other.status_code == 200
    assert {answer.status_code for answer in wrong} == {401, 429}


def test_a_proxy_may_show_the_service_under_a_prefix(settings: Settings):
    under = settings.model_copy(update={"root_path": "/flakes"})
    with serving(under) as running:
        for prefix in ("/flakes", ""):  # a proxy that keeps the prefix, and one that takes it off
            assert running.http.get(f"{prefix}/v1/scans").status_code == 200
            assert "Flakescope" in running.http.get(f"{prefix}/").text
            assert running.http.get(f"{prefix}/docs").status_code == 200
            assert running.http.get(f"{prefix}/docs/assets/swagger-ui.css").status_code == 200
        document = running.http.get("/flakes/openapi.json").json()
        large = running.http.post("/flakes/v1/none", content=b"")

    assert document["servers"] == [{"url": "/flakes"}]
    problem_of(large, 404)


@pytest.mark.parametrize(("trusted", "seen"), [("", "127.0.0.1"), ("127.0.0.1", "192.0.2.7")])
def test_the_callers_address_is_a_proxys_word_only_where_it_is_trusted(
    settings: Settings, trusted: str, seen: str
):
    with serving(
        settings.model_copy(update={"host": "0.0.0.0", "trusted_proxies": trusted})
    ) as running:
        made = create_token(running.parts.stores.sessions, "anna", "admin")
        headers = {"Authorization": f"Bearer {made.token}", "X-Forwarded-For": "192.0.2.7"}
        running.http.delete("/v1/scans/1", headers=headers)
        entry = running.http.get("/v1/audit", headers=headers).json()["items"][0]

    assert entry["address"] == seen


def test_a_client_that_waits_to_be_told_is_told_at_once(running: Running):
    url = running.http.base_url
    with closing(socket.create_connection((url.host, url.port), timeout=20)) as client:
        client.sendall(
            b"POST /v1/screen HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            b"Content-Length: 1099511627776\r\nContent-Type: image/png\r\n\r\n"
        )
        answer = client.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413")
