"""Matching: which place of a position list belongs to which tile. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from service.errors import InvalidValue
from service.formats.names import base_of, natural_key, stem_of
from service.formats.readers.position_list import ListedPosition

MATCH_BY = ("name", "grid", "order")

# So many examples say what is wrong; a thousand would say it no better.
SHOWN = 5


class Tile(Protocol):
    """A tile as matching sees it."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def row(self) -> int | None: ...  # noqa: D102
    @property
    def col(self) -> int | None: ...  # noqa: D102


AnyTile = TypeVar("AnyTile", bound=Tile)


@dataclass(frozen=True, slots=True)
class Match:
    """Places by the id of their tile, and what is left on both sides."""

    places: dict[int, ListedPosition]
    unmatched_positions: list[str]
    unmatched_tiles: list[str]


def match(tiles: Sequence[AnyTile], positions: Sequence[ListedPosition], by: str) -> Match:
    """Match each place with its tile: by 'name' (label), by 'grid' (row and column), or in 'order'.

    Names are compared without folders, endings and case where they differ as a whole. Order is
    the natural one of the tiles' names (9 before 10); of tiles without names that of arrival.

    Raises
    ------
    InvalidValue
        Nothing matches, or more than one thing does.
    """
    if not positions:
        raise InvalidValue("The list holds no positions.")
    if not tiles:
        raise InvalidValue("The scan has no tiles that could get a position.")
    _check_places(positions)
    if by == "order":
        return _in_order(tiles, positions)
    if by == "grid":
        return _by_key(tiles, positions, _grid_of, _grid_of, "row and column")
    places = [one for one in positions if one.label is not None]
    exact = {tile.name for tile in tiles} & {one.label for one in places}
    if exact:
        return _by_key(tiles, positions, lambda tile: tile.name, lambda one: one.label, "name")
    return _by_key(
        tiles, positions, lambda tile: _short(tile.name), lambda one: _short(one.label), "name"
    )


def _check_places(positions: Sequence[ListedPosition]) -> None:
    for number, one in enumerate(positions, 1):
        if one.x_um is None or one.y_um is None:
            raise InvalidValue(f"{_words(number, one)} of the list states no x and y.")
    for same in _groups(positions, lambda one: (one.x_um, one.y_um)).values():
        if len(same) > 1:
            place = same[0][1]
            raise InvalidValue(
                f"{_words(*same[0])} and {_words(*same[1])} of the list are the same place, "
                f"x {place.x_um} um, y {place.y_um} um: two tiles cannot stand there."
            )


def _in_order(tiles: Sequence[AnyTile], positions: Sequence[ListedPosition]) -> Match:
    if len(tiles) != len(positions):
        raise InvalidValue(
            f"The list holds {len(positions):,} positions and the scan {len(tiles):,} tiles: in "
            "order they are matched only where both are as many."
        )
    if all(tile.name is not None for tile in tiles):
        ordered = sorted(tiles, key=lambda tile: natural_key(tile.name or ""))
    else:
        ordered = sorted(tiles, key=lambda tile: tile.id)
    places = {tile.id: place for tile, place in zip(ordered, positions, strict=True)}
    return Match(places, [], [])


def _by_key(
    tiles: Sequence[AnyTile],
    positions: Sequence[ListedPosition],
    key_of_tile: Callable[[AnyTile], Hashable],
    key_of_place: Callable[[ListedPosition], Hashable],
    what: str,
) -> Match:
    by_key = _groups(tiles, key_of_tile)
    places: dict[int, ListedPosition] = {}
    left: list[str] = []
    for key, same in _groups(positions, key_of_place).items():
        wanted = by_key.get(key, []) if key is not None else []
        if not wanted:
            left += [_words(*one) for one in same]
            continue
        if len(same) > 1:
            raise InvalidValue(
                f"{_words(*same[0])} and {_words(*same[1])} of the list have the same {what}."
            )
        if len(wanted) > 1:
            names = ", ".join(_name(tile) for _, tile in wanted[:SHOWN])
            raise InvalidValue(f"{_words(*same[0])} of the list fits several tiles: {names}.")
        places[wanted[0][1].id] = same[0][1]
    if not places:
        raise InvalidValue(_nothing(tiles, left, what))
    return Match(places, left, [_name(tile) for tile in tiles if tile.id not in places])


Item = TypeVar("Item")


def _groups(
    items: Iterable[Item], key: Callable[[Item], Hashable]
) -> dict[Hashable, list[tuple[int, Item]]]:
    """Items with their numbers, from 1 on, by their keys."""
    groups: dict[Hashable, list[tuple[int, Item]]] = defaultdict(list)
    for number, item in enumerate(items, 1):
        groups[key(item)].append((number, item))
    return groups


def _grid_of(one: Tile | ListedPosition) -> tuple[int, int] | None:
    return None if one.row is None or one.col is None else (one.row, one.col)


def _short(name: str | None) -> str | None:
    return None if name is None else stem_of(base_of(name.replace("\\", "/"))).casefold()


def _words(number: int, one: ListedPosition) -> str:
    return f"position {number}" + (f" ({one.label[:80]})" if one.label else "")


def _name(tile: Tile) -> str:
    return tile.name or f"tile {tile.id}"


def _nothing(tiles: Sequence[Tile], left: Sequence[str], what: str) -> str:
    names = ", ".join(_name(tile) for tile in tiles[:SHOWN])
    advice = "; with match=order they are matched one by one" if len(tiles) == len(left) else ""
    return (
        f"No position of the list has the {what} of a tile: the list has "
        f"{', '.join(left[:SHOWN])}, the scan {names}{advice}."
    )
