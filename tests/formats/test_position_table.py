from pathlib import Path

import pytest

from service.errors import InvalidValue
from service.formats.read_folder import read_folder
from tests.formats.drawn import grid, noted, places, write_images

NAMES = ["a.png", "b.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_images(tmp_path, NAMES)
    return tmp_path


@pytest.mark.parametrize(
    "table",
    [
        "file,x_um,y_um\na.png,1234.5,-7\nb.png,1334.5,-7\n",
        "Nome_Arquivo;X;Y;Z;Qtd_Flakes;caminho\na.png;1234,5;-7;0;2;C:\\x\nb.png;1334,5;-7;0;0;\n",
        "Nome_Arquivo,Coord_X_um,Coord_Y_um,Foco_Z_um\na.png,1234.5,-7,0\nb.png,1334.5,-7,0\n",
        "Filename\tX (mm)\tY (mm)\na.png\t1.2345\t-0.007\nb.png\t1.3345\t-0.007\n",
        "name;StageX [µm];StageY [μm]\na.png;1.234,5;-7\nb.png;1.334,5;-7\n",
        'image,"Stage position X [nm]","Stage position Y [nm]"\na,1234500,-7000\nb,1334500,-7000\n',
        "row,label,file,y(m),x(m)\n,P,D:\\scan\\A.PNG,-7e-6,1.2345e-3\n,Q,./b.png,-7e-6,1.3345e-3\n",
        "x_px,y_px,file,x,y\n5,6,a.png,1234.5,-7\n5,6,b.png,1334.5,-7\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_tables_of_many_labs_say_the_same(folder, table, encoding):
    (folder / "positions.csv").write_text(table, encoding=encoding)

    scan = read_folder(folder)

    assert scan.format == "table of positions (CSV)"
    assert places(scan) == {"a.png": (1234.5, -7.0), "b.png": (1334.5, -7.0)}
    assert {tile.stage_z_um for tile in scan.tiles} == {None}


def test_rows_columns_height_and_scale_are_read(folder):
    (folder / "p.csv").write_text(
        "file,row,col,z_um,um_per_px,x,y\na.png,0,1,5.5,0.25,1,2\nb.png,1,0,6,0.25,3,4\n"
    )

    scan = read_folder(folder)

    assert grid(scan) == {"a.png": (0, 1), "b.png": (1, 0)}
    assert [tile.stage_z_um for tile in scan.tiles] == [5.5, 6.0]
    assert scan.um_per_px == 0.25
    assert noted(scan, "names no unit for x and y: micrometres are taken")


def test_rows_and_columns_alone_invent_no_micrometres(folder):
    (folder / "p.csv").write_text("file,row,col\na.png,0,0\nb.png,0,1\n")

    scan = read_folder(folder)

    assert grid(scan) == {"a.png": (0, 0), "b.png": (0, 1)}
    assert places(scan) == {"a.png": (None, None), "b.png": (None, None)}


def test_empty_cells_are_unknown_and_half_a_position_is_none(folder):
    (folder / "p.csv").write_text("file,x_um,y_um\na.png,NA,3\nb.png,8,9\n")

    scan = read_folder(folder)

    assert places(scan) == {"a.png": (None, None), "b.png": (8.0, 9.0)}
    assert noted(scan, "1 tiles had half a position")


def test_a_table_with_many_places_for_each_image_is_one_of_flakes(folder):
    lines = [f"{name},{n},{n * n}" for name in NAMES for n in range(5)]
    (folder / "p.csv").write_text("\n".join(["file,x_um,y_um", *lines]))

    scan = read_folder(folder)

    assert scan.format == "images without positions"
    assert noted(scan, "Not read: p.csv.")


def test_contradictions_and_missing_images_are_noted(folder):
    (folder / "p.csv").write_text("file,x_um,y_um\na.png,1,2\na.png,3,4\nc.png,5,6\nb.png,7,8\n")

    scan = read_folder(folder)

    assert places(scan) == {"a.png": (1.0, 2.0), "b.png": (7.0, 8.0)}
    assert noted(scan, "p.csv states a second place for an image in line 3")
    assert noted(scan, "p.csv lists 1 images that are not in the folder: c.png")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("file,x_um,y_um\na.png,here,2\n", "p.csv, line 2: x is 'here', not a number."),
        ("file,row,col\na.png,0,0\nb.png,0.5,1\n", "p.csv, line 3: row is 0.5, not a whole"),
        ("file,x_um,y_um\n" + "a" * 200_000 + ",1,2\n", "p.csv, line 2: field larger than"),
    ],
)
def test_a_wrong_cell_is_named_with_its_line(folder, table, words):
    (folder / "p.csv").write_text(table)

    with pytest.raises(InvalidValue) as caught:
        read_folder(folder)

    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    "table",
    [
        "file,flake,p_graphene,row,col\na.png,1,0.9,5,6\n",
        "N,A(um2),X(mm),Y(mm)\n1,30,5,6\n",
        "just a text about a.png\n",
        "",
        "\0\0\0\0",
    ],
)
def test_a_table_of_something_else_is_left_alone(folder, table):
    (folder / "results.csv").write_text(table)

    scan = read_folder(folder)

    assert scan.format == "images without positions"
    assert noted(scan, "Not read: results.csv.")


def test_no_cell_leads_out_of_the_folder(tmp_path):
    write_images(tmp_path, ["secret.png", "scan/a.png"])
    table = f"file,x_um,y_um\n../secret.png,1,2\n{tmp_path / 'secret.png'},3,4\na.png,5,6\n"
    (tmp_path / "scan" / "p.csv").write_text(table)

    scan = read_folder(tmp_path / "scan")

    assert places(scan) == {"a.png": (5.0, 6.0)}
