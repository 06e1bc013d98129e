"""Which of several channels is the picture of the substrate: chosen by name, never by its place."""

import re
from collections.abc import Sequence

# In the order in which they are preferred; whole words, so that "TLR2-GFP" is no transmitted light.
_LIGHT = tuple(
    re.compile(rf"(?:^|[^a-z])(?:{words})(?![a-z])", re.IGNORECASE)
    for words in (
        r"bright[ _-]?field|hellfeld|bf|bfd",
        r"reflect(?:ed|ion|ance)?(?:[ _-]?light)?|rl|epi[ _-]?bf|widefield reflection",
        r"transmi(?:tted|ssion|ttance)(?:[ _-]?light)?|tl|trans|white(?:[ _-]?light)?|rgb|colou?r"
        r"|lut gr[ae]y",
    )
)
# The whole name: "Texas Red", "FITC green" and "DAPI blue" are dyes, not the light of a picture.
_AROUND = r"(?:led|light|licht|ch|channel|camera|lamp)?"
_COLOURS = tuple(
    re.compile(rf"{_AROUND}[ _:-]*(?:{words})[ _:-]*{_AROUND}[ _]*(?:[0-9]+ ?nm)?", re.IGNORECASE)
    for words in ("red|r|rot", "green|g|gr[uü]n", "blue|b|blau")
)
# "", "Channel 0", "Ch1", "C:2", "Default": nobody named it.
_UNNAMED = re.compile(r"(?:c|ch|channel|default|image|kanal)?[ _:#.-]*[0-9: ]*", re.IGNORECASE)


# More channels than any microscope has: a wrong number must not take the time of millions.
MOST_CHANNELS = 100


def choose_channels(names: Sequence[str]) -> tuple[int, ...]:
    """Places of the channels to show: three as red, green, blue, or one.

    Empty where the names leave it open: several have names, and none is that of a picture in
    white light.
    """
    names = names[:MOST_CHANNELS]
    if len(names) <= 1:
        return tuple(range(len(names)))
    colours = _colours(names)
    if colours:
        return colours
    for light in _LIGHT:
        found = [index for index, name in enumerate(names) if light.search(name)]
        if found:
            return (found[0],)
    if len(names) == 3 and all(is_unnamed(name) for name in names):
        # So colour cameras' pictures are kept, plane by plane.
        return (0, 1, 2)
    return ()


def is_unnamed(name: str) -> bool:
    """Whether a channel's name says nothing about its light."""
    return _UNNAMED.fullmatch(name.strip()) is not None


def _colours(names: Sequence[str]) -> tuple[int, ...]:
    """Places of red, green and blue light; empty unless there is exactly one of each."""
    found = [
        [index for index, name in enumerate(names) if colour.fullmatch(name.strip())]
        for colour in _COLOURS
    ]
    if any(len(places) != 1 for places in found):
        return ()
    places = tuple(one[0] for one in found)
    return places if len(set(places)) == 3 else ()
