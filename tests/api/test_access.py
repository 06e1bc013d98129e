"""Who may call what: by role, by address, by page."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from service.admin.tokens import create_token
from service.app import create_app
from service.http.roles import Needs
from service.settings import Settings
from tests.api.problem import problem_of
from tests.api.serving import Running, serving

# They say nothing that is anybody's, and a browser or a load balancer has no token yet.
OPEN = {
    "GET /",
    "GET /docs",
    "GET /docs/start.js",
    "GET /healthz",
    "GET /readyz",
    "POST /v1/session/cookie",
    "DELETE /v1/session/cookie",
}

# What an operator must not do: destroy, train, promote, let others in.
ADMINS_WORDS = ("delete", "train", "promote", "token", "audit")


def roles() -> Iterator[tuple[str, str, set[str]]]:
    """Each call of the app: method and path, name, roles that it needs."""
    for route in iter_route_contexts(create_app(Settings()).routes):
        dependant = getattr(route, "dependant", None)
        if dependant is None:  # the mounted files of the page, and the OpenAPI document
            continue
        found = {one.call.role for one in dependant.dependencies if isinstance(one.call, Needs)}
        for method in sorted(route.methods or ()):
            yield f"{method} {route.path}", str(route.name), found


def test_every_call_has_a_role_or_is_known_to_be_open():
    assert {call for call, _, found in roles() if not found} == OPEN


def test_what_destroys_trains_promotes_or_lets_in_needs_an_administrator():
    needing = [
        (call, found)
        for call, name, found in roles()
        if call not in OPEN
        and any(word in name for word in ADMINS_WORDS)
        and not (call.startswith("GET ") and "train" in name)
    ]

    assert len(needing) >= 5
    assert [call for call, found in needing if "admin" not in found] == []


def test_the_description_names_the_token_where_one_is_needed():
    document = create_app(Settings()).openapi()

    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert document["paths"]["/v1/scans"]["get"]["security"] == [{"token": []}]
    assert "security" not in document["paths"]["/healthz"]["get"]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[Running]:
    """A service beyond this machine, with no token yet."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        model=tiny_model,
        host="0.0.0.0",
        allowed_origins="https://lab.example",
        requests_per_s=0,
        wrong_tokens_per_s=0,
    )
    with serving(settings) as running:
        yield running


def bearer(running: Running, role: str, name: str | None = None) -> dict[str, str]:
    made = create_token(running.parts.stores.sessions, name or f"{role} {uuid4().hex}", role)
    return {"Authorization": f"Bearer {made.token}"}


def test_without_a_token_nothing_of_the_api_answers(guarded: Running):
    for call in ("GET /v1/scans", "POST /v1/screen", "GET /metrics", "GET /v1/nothing"):
        answer = guarded.http.request(*call.split())
        assert problem_of(answer, 401)["type"].endswith(":invalid-token"), call
        assert answer.headers["www-authenticate"] == "Bearer"
    assert guarded.http.get("/healthz").status_code == 200
    assert guarded.http.get("/docs").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer flk_unknown", "Basic YWRtaW46YWRtaW4=", "Bearer " + "a" * 2000,
     "Bearer ' OR 1=1 --", "Bearer \xff\xfe", "flk_unknown"],
)  # fmt: skip
def test_a_wrong_token_opens_nothing(guarded: Running, header: str):
    answer = guarded.http.get("/v1/scans", headers={"Authorization": header.encode("latin-1")})

    problem_of(answer, 401)


def test_an_operator_uploads_and_reads_and_may_not_delete(guarded: Running, flake_png: bytes):
    headers = bearer(guarded, "operator")
    scan_id = guarded.http.post("/v1/scans", json={"name": "x"}, headers=headers).json()["id"]
    screened = guarded.http.post("/v1/screen", files={"image": flake_png}, headers=headers)
    assert screened.status_code == 200

    for method, path in (
        ("DELETE", f"/v1/scans/{scan_id}"),
        ("GET", "/v1/tokens"),
        ("GET", "/v1/audit"),
        ("DELETE", "/v1/tokens/anna"),
    ):
        answer = guarded.http.request(method, path, headers=headers)
        assert "needs the role admin" in problem_of(answer, 403)["detail"]

    assert guarded.http.get(f"/v1/scans/{scan_id}", headers=headers).status_code == 200


def test_a_revoked_token_opens_nothing_from_that_moment_on(guarded: Running):
    admin, other = bearer(guarded, "admin"), bearer(guarded, "operator", "to be revoked")
    assert guarded.http.get("/v1/scans", headers=other).status_code == 200

    revoked = guarded.http.delete("/v1/tokens/to be revoked", headers=admin)

    assert revoked.json()["revoked_at"]
    answer = guarded.http.get("/v1/scans", headers=other)
    assert problem_of(answer, 401)["detail"] == "The token was revoked."


def test_a_token_is_made_over_http_and_its_text_is_shown_once(guarded: Running):
    admin = bearer(guarded, "admin")
    new = {"name": "by http", "role": "operator", "expires_days": 1}

    made = guarded.http.post("/v1/tokens", json=new, headers=admin)
    listed = guarded.http.get("/v1/tokens", headers=admin)

    assert made.status_code == 201
    text = made.json()["token"]
    assert text not in listed.text
    assert "digest" not in listed.text
    own = {"Authorization": f"Bearer {text}"}
    assert guarded.http.get("/v1/session", headers=own).json() == {
        "name": "by http", "role": "operator", "needs_token": True
    }  # fmt: skip


def test_a_review_is_signed_with_the_tokens_name(guarded: Running, flake_png: bytes):
    headers = bearer(guarded, "operator", "anna")
    scan_id = guarded.http.post("/v1/scans", json={"name": "x"}, headers=headers).json()["id"]
    added = guarded.http.post(
        f"/v1/scans/{scan_id}/tiles", files={"image": flake_png}, headers=headers
    )
    flake_id = added.json()["flakes"][0]["id"]

    review = {"label": "graphene"}
    answer = guarded.http.put(f"/v1/flakes/{flake_id}/review", json=review, headers=headers)

    assert answer.json()["review"]["reviewer"] == "anna"


def test_what_an_administrator_does_is_written_down_also_where_it_is_refused(guarded: Running):
    admin = bearer(guarded, "admin", "the boss")
    scan_id = guarded.http.post("/v1/scans", json={"name": "x"}, headers=admin).json()["id"]
    guarded.http.delete(f"/v1/scans/{scan_id}", headers=admin)
    guarded.http.delete("/v1/scans/999999", headers=admin)

    entries = guarded.http.get("/v1/audit", headers=admin).json()["items"]

    refused, done = entries[:2]
    assert (done["who"], done["action"], done["object"], done["outcome"]) == (
        "the boss", "delete_scan", f"/v1/scans/{scan_id}", "done"
    )  # fmt: skip
    assert refused["outcome"] == "refused: There is no scan 999999."
    assert done["address"] == "127.0.0.1"


def test_a_browser_comes_in_by_a_cookie_that_only_this_page_may_use(guarded: Running):
    token = bearer(guarded, "operator")["Authorization"].split()[1]
    with httpx.Client(base_url=guarded.http.base_url) as browser:
        opened = browser.post("/v1/session/cookie", json={"token": token})
        kept = opened.headers["set-cookie"].lower()
        own = {"Origin": str(browser.base_url).rstrip("/")}
        assert all(word in kept for word in ("httponly", "samesite=strict", "path=/"))

        assert browser.get("/v1/scans").status_code == 200
        assert browser.post("/v1/scans", json={"name": "x"}, headers=own).status_code == 201
        lab = {"Origin": "https://lab.example"}
        assert browser.post("/v1/scans", json={"name": "x"}, headers=lab).status_code == 201
        for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                        {"Sec-Fetch-Site": "cross-site"}):  # fmt: skip
            problem_of(browser.post("/v1/scans", json={"name": "x"}, headers=foreign), 403)

        assert browser.delete("/v1/session/cookie").status_code == 204
        problem_of(browser.get("/v1/scans"), 401)


def test_a_wrong_token_gets_no_cookie(guarded: Running):
    answer = guarded.http.post("/v1/session/cookie", json={"token": "flk_none"})

    problem_of(answer, 401)
    assert "set-cookie" not in answer.headers


def test_on_this_machine_the_service_is_open_until_there_is_a_token(settings: Settings):
    with serving(settings) as running:
        before = running.http.get("/v1/session").json()
        made = running.http.post("/v1/tokens", json={"name": "anna", "role": "admin"}).json()
        after = running.http.get("/v1/session")
        with_token = running.http.get(
            "/v1/session", headers={"Authorization": f"Bearer {made['token']}"}
        )
    with serving(settings.model_copy(update={"open": True})) as running:
        opened = running.http.get("/v1/session")

    assert before == {"name": "local", "role": "admin", "needs_token": False}
    problem_of(after, 401)
    assert with_token.json()["name"] == "anna"
    assert opened.json()["name"] == "local"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8000"},
        {"Host": "192.0.2.7"},
        {"X-Forwarded-For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
    ],
)
def test_an_open_service_answers_no_other_name_and_no_proxy(running: Running, headers: dict):
    problem_of(running.http.get("/v1/scans", headers=headers), 403)


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1", "[::1]:8000"])
def test_an_open_service_answers_this_machines_names(running: Running, host: str):
    assert running.http.get("/v1/scans", headers={"Host": host}).status_code == 200


def test_another_web_page_changes_nothing_in_an_open_service(running: Running):
    before = running.http.get("/v1/scans").json()["total"]
    own = {"Origin": str(running.http.base_url).rstrip("/")}

    foreign = running.http.post(
        "/v1/scans", json={"name": "x"}, headers={"Origin": "https://evil.example"}
    )

    problem_of(foreign, 403)
    assert running.http.get("/v1/scans").json()["total"] == before
    assert running.http.post("/v1/scans", json={"name": "x"}, headers=own).status_code == 201
