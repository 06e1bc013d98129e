import os
from pathlib import Path

import pytest

from service.errors import InvalidValue, NotFound, TooLarge
from service.formats.read_folder import read_folder
from tests.formats.drawn import noted, write_image, write_images


def names(folder: Path) -> list[str]:
    return [tile.path.relative_to(folder).as_posix() for tile in read_folder(folder).tiles]


def test_masks_thumbnails_hidden_files_and_our_pictures_are_no_tiles(tmp_path):
    write_images(
        tmp_path,
        [
            "chip/tile 2.png",
            "chip/tile 10.png",
            "chip/mask_aligner_3.png",
            "chip/tile 2.mask.png",
            "chip/tile 2.overlay.png",
            "chip/tile_2_mask.tif",
            "chip/thumb_2.jpg",
            "chip/._tile 2.png",
            "masks/tile 2.png",
            "chip/.thumbnails/tile 2.png",
            "__MACOSX/chip/tile 2.png",
        ],
    )
    (tmp_path / "chip" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "truth.json").write_text("{")

    assert names(tmp_path) == ["chip/mask_aligner_3.png", "chip/tile 2.png", "chip/tile 10.png"]
    assert noted(read_folder(tmp_path), "4 masks, thumbnails or overlays are left out.")


def test_no_link_is_followed_neither_out_of_the_folder_nor_in_circles(tmp_path):
    inside, outside = tmp_path / "scan", tmp_path / "elsewhere"
    write_image(inside / "a.png")
    write_image(outside / "b.png")
    (inside / "b.png").symlink_to(outside / "b.png")
    (inside / "more").symlink_to(outside)
    (inside / "again").symlink_to(inside)

    assert names(inside) == ["a.png"]
    assert noted(read_folder(inside), "3 symbolic links are not followed.")


def test_a_folder_without_images_says_what_it_holds(tmp_path):
    with pytest.raises(InvalidValue, match=r"holds no image\. It is empty\."):
        read_folder(tmp_path)
    (tmp_path / "notes.txt").write_text("chip 7")
    write_image(tmp_path / "a_mask.png")

    with pytest.raises(InvalidValue) as caught:
        read_folder(tmp_path)

    assert "It holds 1 masks, thumbnails or overlays, 1 other file (notes.txt)." in str(
        caught.value
    )
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFound, match=r"^There is no folder 'nowhere'\.$"):
        read_folder(tmp_path / "nowhere")


def test_a_whole_disk_is_refused_at_the_limit(tmp_path):
    write_images(tmp_path, [f"{number}.png" for number in range(6)])

    assert len(read_folder(tmp_path, max_files=6).tiles) == 6
    with pytest.raises(TooLarge, match="over 5 files"):
        read_folder(tmp_path, max_files=5)


@pytest.mark.skipif(os.name == "nt", reason="Windows holds no names that are no text")
def test_names_that_are_no_text_get_one_and_stay_apart(tmp_path):
    for name in (b"tile\xff.png", b"tile\xfe.png", b"new\nline.png"):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(write_image(tmp_path / "a.png").read_bytes())
    (tmp_path / "a.png").unlink()

    found = [tile.name for tile in read_folder(tmp_path).tiles]

    assert len(set(found)) == 3
    assert all(name.isprintable() and name.encode() for name in found)


def test_a_deep_folder_and_a_long_name_are_read(tmp_path):
    deep = tmp_path.joinpath(*["level"] * 60)
    write_images(deep, ["x" * 240 + ".png"])
    write_images(tmp_path / "other", ["x" * 240 + ".png"])

    found = [tile.name for tile in read_folder(tmp_path).tiles]

    assert len(set(found)) == 2
    assert max(map(len, found)) <= 255
