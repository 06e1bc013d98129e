"""Memory has a sum: bodies in flight, pixels in flight, fields of forms, annotations."""

import asyncio
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from starlette.exceptions import HTTPException

from service.budget import Budget
from service.http.body import Body, BodyLimits
from service.http.guard import MOST_TEXT_BYTES
from service.images.size import pixels_of
from service.settings import BYTES_PER_PIXEL, RESERVED_BYTES, Settings, memory_bytes
from tests.api.problem import problem_of
from tests.api.serving import Running, serving

MIB = 2**20


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[Running]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("small"),
        model=tiny_model,
        max_body_bytes=5 * MIB,
        max_pixels_in_flight=500_000,
        child_bytes=256 * MIB,
    )
    with serving(settings) as running:
        yield running


def body_of(flight: Budget, pieces: list[bytes]) -> Body:
    messages = [{"type": "http.request", "body": one, "more_body": True} for one in pieces]

    async def receive():
        return messages.pop(0)

    return Body(receive, BodyLimits(100, 0, 30, 1000), flight)


def test_bodies_in_flight_have_a_sum_and_the_next_is_told_to_come_back():
    async def bodies() -> None:
        flight = Budget(10)
        first, second = body_of(flight, [b"1234", b"567"]), body_of(flight, [b"12", b"345"])
        await first.receive()
        await second.receive()
        await first.receive()
        with pytest.raises(HTTPException, match="10 are allowed at once") as refused:
            await second.receive()
        assert (refused.value.status_code, refused.value.headers["Retry-After"]) == (503, "2")
        for body in (first, second, first):
            body.close()
        assert flight.used == 0

    asyncio.run(bodies())


def test_what_a_body_held_is_given_back_with_its_answer(small: Running):
    for _ in range(4):
        answer = small.http.post("/v1/screen", files={"image": bytes(4 * MIB)})
        assert answer.status_code == 422  # no image


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "Application/JSON; a=b"]
)
def test_a_body_that_is_taken_apart_in_memory_has_a_small_limit(small: Running, kind: str):
    answer = small.http.post(
        "/v1/scans", content=b"[" * (MOST_TEXT_BYTES + 1), headers={"content-type": kind}
    )

    assert str(MOST_TEXT_BYTES) in problem_of(answer, 413)["detail"]


def form_of(parts: int, name: str = "f") -> bytes:
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n\r\n'
    return ("".join(part.format(f"{name}{n}") for n in range(parts)) + "--x--\r\n").encode()


@pytest.mark.parametrize("form", [form_of(60), form_of(30, "n" * 4000)], ids=["many", "long names"])
@pytest.mark.parametrize("path", ["/v1/scans/upload", "/v1/datasets"])
def test_an_endless_form_is_refused(small: Running, form: bytes, path: str):
    answer = small.http.post(
        path, content=form, headers={"content-type": "multipart/form-data; boundary=x"}
    )

    assert "fields" in problem_of(answer, 422)["detail"]


def test_a_picture_that_never_fits_is_refused_with_the_limit_that_applies(small: Running):
    png = cv2.imencode(".png", np.zeros((1000, 1000, 3), np.uint8))[1].tobytes()

    answer = small.http.post("/v1/screen", files={"image": png})

    assert "the limit is 500,000" in problem_of(answer, 413)["detail"]


def test_the_limit_follows_from_the_memory_that_there_is():
    settings = Settings()
    assert settings.pixels_in_flight == (memory_bytes() - RESERVED_BYTES) // BYTES_PER_PIXEL
    assert settings.largest_pixels <= settings.max_pixels


def test_no_more_pixels_are_held_at_once_than_the_sum():
    budget, most = Budget(10), Counter()

    def work(amount: int) -> None:
        with budget.holding(amount):
            most["used"] = max(most["used"], budget.used)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [3, 4, 10, 1, 50, 7, 0, 9] * 20))

    assert (budget.used, most["used"]) == (0, 10)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp"])
def test_pixels_are_counted_before_they_are_decoded(suffix: str):
    content = cv2.imencode(suffix, np.zeros((120, 100, 3), np.uint8))[1].tobytes()

    assert pixels_of(content, 10**6) == 12_000
    assert pixels_of(content, 10) == 0  # decoding refuses it
    assert pixels_of(content[:20], 10**6) == 0
    assert pixels_of(b"", 10**6) == 0


def test_annotations_that_would_take_gigabytes_are_refused_with_the_limit(small: Running):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        lists = b"[]," * (12 * MIB // 3)
        archive.writestr("annotations/train300.json", b'{"images":[' + lists + b"[]]}")
        archive.writestr("train_images/a.png", b"x")
    assert len(file.getvalue()) < MIB

    answer = small.http.post("/v1/datasets", files={"archive": ("a.zip", file.getvalue())})

    assert "268,435,456 bytes of memory" in problem_of(answer, 422)["detail"]


def test_outlines_of_annotations_cost_nothing(small: Running, flake_png: bytes):
    file = io.BytesIO()
    outline = [[0.5] * 1000]
    marks = [{"id": n, "image_id": 1, "category_id": 1, "segmentation": outline} for n in range(50)]
    coco = {
        "images": [{"id": 1, "file_name": "a.png", "width": 9, "height": 9}],
        "annotations": marks,
        "categories": [{"id": 1, "name": "graphene"}],
    }
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("annotations/train300.json", json.dumps(coco))
        archive.writestr("train_images/a.png", flake_png)

    answer = small.http.post("/v1/datasets", files={"archive": ("a.zip", file.getvalue())})

    assert answer.status_code == 201, answer.text
    assert answer.json()["graphene"] == 50
