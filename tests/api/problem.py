"""What every error answer must be."""

import httpx


def problem_of(response: httpx.Response, status: int) -> dict:
    """The problem document of an answer, whose form is checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert {"type", "title", "status", "detail"} <= document.keys()
    assert document["status"] == status
    assert "Traceback" not in response.text
    return document
