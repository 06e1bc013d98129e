"""Scale bars: round lengths and their words."""

from math import floor, log10


def bar_um(most_um: float) -> float:
    """The longest of 1, 2 and 5 times a power of ten that fits."""
    power = 10.0 ** floor(log10(most_um))
    return max(step * power for step in (1, 2, 5) if step * power <= most_um)


def length_words(length_um: float) -> str:
    """A length in the unit that a person would choose."""
    return f"{length_um / 1000:g} mm" if length_um >= 1000 else f"{length_um:g} µm"
