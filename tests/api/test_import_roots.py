"""An import root is resolved again where the folder is read: a swapped link leads nowhere."""

from pathlib import Path

import pytest

from service.errors import InvalidValue
from service.intake.archives import ArchiveLimits
from service.intake.folder import Intake


def intake(tmp_path: Path, *roots: Path) -> Intake:
    return Intake(tmp_path / "uploads", 2**30, ArchiveLimits(9, 2**30), roots=roots)


def test_a_folder_that_became_a_link_is_not_read(tmp_path: Path):
    root, secret = tmp_path / "root", tmp_path / "secret"
    for folder in (root / "chip", secret):
        folder.mkdir(parents=True)
    assert intake(tmp_path, root).look_at_folder(root / "chip") == root / "chip"

    (root / "chip").rmdir()
    (root / "chip").symlink_to(secret)

    with pytest.raises(InvalidValue, match="no folder below"):
        intake(tmp_path, root).look_at_folder(root / "chip")


def test_a_link_to_another_folder_below_the_root_is_another_folder(tmp_path: Path):
    root = tmp_path / "root"
    (root / "other").mkdir(parents=True)
    (root / "chip").symlink_to(root / "other")

    with pytest.raises(InvalidValue, match="another folder"):
        intake(tmp_path, root).look_at_folder(root / "chip")


def test_a_root_that_is_no_root_any_more_is_not_read(tmp_path: Path):
    (tmp_path / "chip").mkdir()

    with pytest.raises(InvalidValue, match="No folder may be imported"):
        intake(tmp_path).look_at_folder(tmp_path / "chip")
