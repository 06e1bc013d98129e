"""Units of length, in all the spellings that microscopes and people write."""

import unicodedata


def _plain(symbol: str) -> str:
    # NFKC folds the micro sign into mu, and the sign of angstrom into the letter.
    return unicodedata.normalize("NFKC", symbol.strip().strip("[]()")).casefold()


_SPELLINGS = {
    "m": 1e6,
    "meter": 1e6,
    "meters": 1e6,
    "metre": 1e6,
    "metres": 1e6,
    "cm": 1e4,
    "mm": 1e3,
    "millimeter": 1e3,
    "millimetre": 1e3,
    "um": 1.0,
    "μm": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometers": 1.0,
    "micrometre": 1.0,
    "micrometres": 1.0,
    "mikrometer": 1.0,
    "μ": 1.0,
    # A micro sign that went through a wrong code page, or that no code page had: UTF-8 read as
    # Latin-1 (once, and with the Greek letter), the replacement signs, Mac Roman, ImageJ's escape.
    "Âµm": 1.0,
    "Î¼m": 1.0,
    "\ufffdm": 1.0,
    "\ufffd\ufffdm": 1.0,
    "?m": 1.0,
    "¬μm": 1.0,
    "\\u00b5m": 1.0,
    "\\u03bcm": 1.0,
    "&#181;m": 1.0,
    "&micro;m": 1.0,
    "nm": 1e-3,
    "nanometer": 1e-3,
    "nanometre": 1e-3,
    "Å": 1e-4,
    "pm": 1e-6,
    "in": 25_400.0,
    "inch": 25_400.0,
}
# As they are looked up.
_UM_PER_UNIT = {_plain(symbol): um for symbol, um in _SPELLINGS.items()}


def um_per_unit(symbol: str) -> float | None:
    """Micrometres of a unit of length; None where it is none, as "pixel" or "reference frame"."""
    return _UM_PER_UNIT.get(_plain(symbol))
