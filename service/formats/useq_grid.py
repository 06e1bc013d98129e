"""Rows and columns of a useq grid plan, in the order in which its places are visited."""

from typing import Any

from service.formats.grid_names import Grid
from service.formats.values import whole

# As many places as a scan may have tiles.
_LARGEST = 1_000_000


def grid_order(plan: dict[str, Any]) -> list[Grid]:
    """Row and column of each place; empty where the plan does not fix them beforehand.

    A spiral and plans by area depend on more than is written, and give no rows.
    """
    rows, columns = whole(plan.get("rows")), whole(plan.get("columns"))
    mode = str(plan.get("mode", "row_wise_snake"))
    if rows is None or columns is None or not 0 < rows * columns <= _LARGEST or rows < 1:
        return []
    by_row = mode.startswith("row_wise")
    if not by_row and not mode.startswith("column_wise"):
        return []
    outer, inner = (rows, columns) if by_row else (columns, rows)
    order = []
    for line in range(outer):
        backwards = mode.endswith("snake") and line % 2 == 1
        for step in reversed(range(inner)) if backwards else range(inner):
            order.append((line, step) if by_row else (step, line))
    return order
