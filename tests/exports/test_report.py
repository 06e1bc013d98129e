"""The chip report as a reader of PDF shows it."""

from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from service.exports.writers.report import MOST_CROPS
from service.exports.writers.report_map import Labels, bar_um, length_words
from service.exports.writers.report_page import fitted, fitted_end, plain
from tests.exports.conftest import Bring, Filled


def texts(path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return pages


@pytest.fixture(scope="module")
def report(filled: Filled) -> Path:
    return filled.write("pdf")


def test_every_flake_is_in_the_table_with_its_coordinates(filled: Filled, report):
    words = " ".join(texts(report)).split()

    for label, view in filled.flakes.items():
        x_um, y_um = view.centre_um
        at = words.index(label)
        assert words[at + 1 : at + 3] == [f"{x_um:.2f}", f"{y_um:.2f}"]


def test_the_first_page_states_the_facts_and_draws_the_map(report):
    first = texts(report)[0]
    assert "6 screened" in first
    assert "0.3844 µm per pixel" in first
    assert "graphene by a person's verdict, else by the model's" in first.replace("’", "'")
    assert "100 µm" in first  # the scale bar
    page = pypdfium2.PdfDocument(report)[0].render(scale=1).to_numpy()[:, :, :3]
    tiles = np.abs(page.astype(int) - (0xF5, 0xF3, 0xF1)).sum(axis=2) <= 6
    # Six tiles fill the page's width, and 60 % of that in height.
    assert 0.25 < tiles.mean() < 0.5


def test_pictures_show_the_outline_of_each_flake(filled: Filled, report):
    document = pypdfium2.PdfDocument(report)
    pages = [number for number, text in enumerate(texts(report)) if "Pictures" in text]
    assert len(pages) == -(-min(len(filled.flakes), MOST_CROPS) // 12)
    picture = document[pages[0]].render(scale=2).to_numpy()[:, :, :3].astype(int)
    blue, green, red = np.moveaxis(picture, 2, 0)
    yellow = (red > 220) & (green > 180) & (blue < 90)
    assert np.count_nonzero(yellow) > 12 * 100


def test_a_scan_without_coordinates_has_a_report_without_a_map(bring: Bring):
    first = texts(bring(placed=False).write("pdf"))[0]

    assert "No map: the tiles have no stage coordinates" in first
    assert "px" in first


def test_a_scan_without_flakes_has_a_report(bring: Bring):
    (only,) = texts(bring().write("pdf", min_p=0.99))

    assert "0 flakes" in only


def test_a_name_in_other_letters_does_not_stop_the_report(bring: Bring):
    (first, *_) = texts(bring(name="Чип 12 – 芯片 µ").write("pdf"))

    assert "12 – ?? µ" in first


def test_no_number_of_the_map_covers_another():
    labels = Labels()
    spots = np.random.default_rng(3).uniform(0, 200, (120, 2)).tolist()
    placed = [labels.place(str(number), x, y) for number, (x, y) in enumerate(spots)]

    boxes = [(one.x, one.y, one.x + 4, one.y + 5) for one in placed if one is not None]
    assert len(boxes) > 60
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3]
            assert apart or other[1] >= one[3]


@pytest.mark.parametrize(
    ("most_um", "bar"), [(45.3, 20), (50, 50), (999, 500), (0.7, 0.5), (2300, 2000)]
)
def test_a_scale_bar_is_a_round_length(most_um, bar):
    assert bar_um(most_um) == pytest.approx(bar)


def test_lengths_and_texts_are_written_to_fit():
    assert (length_words(500), length_words(2000)) == ("500 µm", "2 mm")
    assert plain("a\nb\t芯") == "a b ?"
    assert fitted("TileScan_001--Stage00.jpg", 60, 8).startswith("TileScan")
    assert fitted_end("TileScan_001--Stage00.jpg", 60, 8).endswith("Stage00.jpg")
