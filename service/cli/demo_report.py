"""What the demo prints: found against true, in a table and in one line."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from service.cli.client import Json
from service.render.truth import Comparison, FoundFlake

# Smaller flakes are too small to make anything of; nobody promises to find them.
LEAST_AREA_PX = 300
# A false alarm costs a look at one picture; more than this on a chip this small is a fault.
MOST_FALSE = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """The demo's verdict in a line: whether it found what it had drawn."""

    passed: bool
    line: str


def judge(comparison: Comparison, um_per_px: float) -> Verdict:
    """Pass where no flake of at least `LEAST_AREA_PX` is missed, with `MOST_FALSE` false ones."""
    least_um2 = LEAST_AREA_PX * um_per_px**2
    large = [flake for flake in comparison.missed if flake.area_um2 >= least_um2]
    found = [match for match in comparison.matches if match.true.area_um2 >= least_um2]
    right = sum(match.true.layers == match.found.layers for match in found)
    false = len(comparison.false)
    passed = not large and false <= MOST_FALSE
    return Verdict(
        passed,
        f"{'PASSED' if passed else 'FAILED'}: found {len(found)} of {len(found) + len(large)} "
        f"flakes of at least {LEAST_AREA_PX} px ({least_um2:.0f} um2), "
        f"{right} of them with the right number of layers; {false} false "
        f"({MOST_FALSE} allowed).",
    )


def table_of(comparison: Comparison, um_per_px: float) -> Table:
    """Build a table, one row a flake: found, then missed and false; tiny ones nobody promises."""
    # Eighty columns hold a row: names of the quantities are in the first line, units in the second.
    table = Table(
        "flake", "layers", "read", "area\num2", "found\num2", "p", "off\num", "x\num", "y\num"
    )
    for match in comparison.matches:
        same = match.true.layers == match.found.layers
        read = _layers(match.found)
        table.add_row(
            "[green]found[/]",
            str(match.true.layers),
            read if same else f"[yellow]{read}[/]",
            f"{match.true.area_um2:.1f}",
            f"{match.found.area_um2:.1f}",
            f"{match.found.p_graphene:.3f}",
            f"{match.distance_um:.2f}",
            *_point(match.true.centre_um),
        )
    for true in sorted(comparison.missed, key=lambda flake: -flake.area_um2):
        small = true.area_um2 < LEAST_AREA_PX * um_per_px**2
        label = "[dim]tiny[/]" if small else "[red]missed[/]"
        area = f"{true.area_um2:.1f}"
        table.add_row(label, str(true.layers), "-", area, "-", "-", "-", *_point(true.centre_um))
    for found in comparison.false:
        area, p = f"{found.area_um2:.1f}", f"{found.p_graphene:.3f}"
        table.add_row(
            "[red]false[/]", "-", _layers(found), "-", area, p, "-", *_point(found.centre_um)
        )
    return table


def folder_table(images: Sequence[tuple[str, Sequence[Json]]]) -> Table:
    """Graphene flakes of images whose truth nobody knows, one a row.

    `images` has each image's name and its flakes as the API gives them.
    """
    table = Table("image", "flake", "layers", "p", "area\npx", "x\npx", "y\npx")
    for name, flakes in images:
        for number, flake in enumerate(flakes, 1):
            table.add_row(
                escape(name),
                str(number),
                "?" if flake["layers"] is None else str(flake["layers"]),
                f"{flake['p_graphene']:.3f}",
                str(flake["area_px"]),
                *_point(flake["centre_px"]),
            )
        if not flakes:
            table.add_row(escape(name), "[dim]none[/]")
    return table


def _layers(found: FoundFlake) -> str:
    return "?" if found.layers is None else str(found.layers)


def _point(point: Sequence[float]) -> tuple[str, str]:
    return f"{point[0]:.1f}", f"{point[1]:.1f}"
