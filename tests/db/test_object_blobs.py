from hashlib import sha256

import httpx
import pytest

from service.db.blobs import FolderBlobStore, open_blobs
from service.errors import InvalidValue, NotFound, Unavailable

pytest.importorskip("obstore", reason="flakescope[s3] is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto is not installed")


@pytest.fixture
def endpoint(monkeypatch):
    """A stand-in for an S3 server on loopback, with the bucket `lab`."""
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "operator",
        "AWS_SECRET_ACCESS_KEY": "not a secret",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.put(f"{address}/lab").raise_for_status()
    yield address
    server.stop()


def test_bytes_come_back_from_an_object_store_under_the_name_of_their_digest(endpoint, tmp_path):
    store = open_blobs("s3://lab/chips", tmp_path)
    content = bytes(range(256)) * 100

    name = store.put(content)
    again = store.put(content)

    assert name == again == sha256(content).hexdigest()
    assert store.get(name) == content
    assert list(store.names()) == [name]
    assert list(tmp_path.iterdir()) == []


def test_what_was_deleted_from_an_object_store_is_not_found(endpoint, tmp_path):
    store = open_blobs("s3://lab", tmp_path)
    name = store.put(b"tile")

    store.delete(name)
    store.delete(name)

    assert not store.has(name)
    with pytest.raises(NotFound, match=name[:12]):
        store.get(name)


def test_a_bucket_that_is_not_there_is_told_without_its_address(endpoint, tmp_path):
    store = open_blobs("s3://elsewhere", tmp_path)

    with pytest.raises((Unavailable, NotFound)) as told:
        store.put(b"tile")

    assert "127.0.0.1" not in str(told.value)


def test_no_location_is_the_folder_and_another_kind_of_location_is_refused(tmp_path):
    assert isinstance(open_blobs("", tmp_path), FolderBlobStore)
    with pytest.raises(InvalidValue, match="s3://bucket/prefix"):
        open_blobs("ftp://lab", tmp_path)
