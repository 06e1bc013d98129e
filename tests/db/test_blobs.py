from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from service.db.blobs import FolderBlobStore
from service.errors import NotFound


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_come_back_under_the_name_of_their_digest(tmp_path):
    store = FolderBlobStore(tmp_path / "made" / "when needed")
    content = bytes(range(256))

    name = store.put(content)

    assert name == sha256(content).hexdigest()
    assert store.get(name) == content
    assert files(tmp_path) == [tmp_path / "made" / "when needed" / name[:2] / name[2:4] / name]


def test_many_that_put_the_same_bytes_at_once_leave_one_whole_file(tmp_path):
    store = FolderBlobStore(tmp_path)
    content = b"tile" * 500_000

    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(store.put, [content] * 16))

    assert len(names) == 1
    assert [path.read_bytes() for path in files(tmp_path)] == [content]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path):
    name = sha256(b"tile").hexdigest()
    # A folder where the file should go: the last step, the rename, fails.
    (tmp_path / name[:2] / name[2:4] / name / "in the way").mkdir(parents=True)

    with pytest.raises(OSError, match=name):
        FolderBlobStore(tmp_path).put(b"tile")

    assert files(tmp_path) == []


def test_deleted_bytes_are_not_found_and_deleting_again_is_no_error(tmp_path):
    store = FolderBlobStore(tmp_path)
    name = store.put(b"tile")

    store.delete(name)
    store.delete(name)

    with pytest.raises(NotFound, match=name[:12]):
        store.get(name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_a_name_that_is_no_digest_leads_nowhere(tmp_path, name):
    with pytest.raises(NotFound, match="no name of a blob"):
        FolderBlobStore(tmp_path).get(name)
