import pytest

from service.errors import InvalidValue
from service.scans.positions import check_position, position_key
from service.scans.tiles import NewTile


@pytest.mark.parametrize(
    ("position", "message"),
    [
        ({"row": 1}, "row is given without col"),
        ({"col": 1}, "col is given without row"),
        ({"stage_x_um": 1.0}, "stage_x_um is given without stage_y_um"),
        ({"stage_x_um": float("nan"), "stage_y_um": 0.0}, "stage_x_um is nan"),
        ({"stage_x_um": 0.0, "stage_y_um": float("-inf")}, "stage_y_um is -inf"),
        ({"stage_z_um": 1e9}, "stage_z_um is 1e[+]09"),
        ({"um_per_px": -0.3}, "um_per_px is -0.3"),
        ({"um_per_px": 0.0}, "um_per_px is 0;"),
        ({"row": 10**12, "col": 0}, "row is 1e[+]12"),
        ({"name": " "}, "name is empty"),
        ({"name": "x" * 256}, "256 characters; 255"),
        ({"name": "a\0b"}, "control character"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_wrong(position, message):
    with pytest.raises(InvalidValue, match=message):
        check_position(NewTile(image=b"", **position))


def test_stage_positions_are_the_same_to_the_nanometre():
    keys = {
        position_key(NewTile(image=b"", stage_x_um=x, stage_y_um=y))
        for x, y in [(0.0, 12.5), (-0.0, 12.5), (0.0004, 12.4996), (-0.0004, 12.5)]
    }

    assert keys == {"x 0.000 um y 12.500 um"}
