"""Lengths with their units, as OME and tables of positions write them."""

from service.formats.values import number

# Symbols of the OME schema, and what people write above their columns. The micro sign exists
# twice in Unicode.
UM_PER_UNIT = {
    "m": 1e6,
    "cm": 1e4,
    "mm": 1e3,
    "µm": 1.0,
    "μm": 1.0,
    "um": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometers": 1.0,
    "micrometre": 1.0,
    "micrometres": 1.0,
    "nm": 1e-3,
    "Å": 1e-4,
    "pm": 1e-6,
    "in": 25_400.0,
    # Bio-Formats has no unit for stage coordinates of which it does not know the origin; their
    # values are micrometres.
    "reference frame": 1.0,
}


def length_um(value: str | None, unit: str | None, um_per_px: float | None = None) -> float | None:
    """A length in um; None where value or unit are unknown. No unit means um.

    "pixel" is a length only where the scale is known.
    """
    parsed = number(value)
    symbol = "um" if unit is None else unit.strip()
    factor = um_per_px if symbol == "pixel" else UM_PER_UNIT.get(symbol)
    # What multiplying leaves beyond a millionth of a nm is no length.
    return None if parsed is None or factor is None else round(parsed * factor, 9)
