"""Read side files (JSON, XML, text) and the values and lengths in them."""

import importlib
import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from xml.etree import ElementTree

from service.errors import InvalidValue, TooLarge
from service.formats.listing import Listing
from service.images.units import um_per_unit

# Metadata of 100,000 images with every device property take about 500 MB.
MAX_SIDE_FILE_BYTES = 1_000_000_000

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
# Of 100,000 images, each with thirty values of its own; the deepest that software writes is 12.
MAX_XML_ELEMENTS, MAX_XML_DEPTH = 3_000_000, 100
# The parser is fed so much at once: more would be copied as a whole.
_PIECE_CHARACTERS = 2**20

# Without a document type there are no entities, so nothing can be fetched or blown up.
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

Json = dict[str, Any]
# Whether a key is needed, with its value.
Keeps = Callable[[str, Any], bool]


def read_text(listing: Listing, name: str) -> str:
    """Text of a side file: UTF-8 or UTF-16, else as Windows wrote it in the west.

    Raises
    ------
    InvalidValue
        It cannot be read.
    TooLarge
        It has over MAX_SIDE_FILE_BYTES.
    """
    try:
        with listing.path(name).open("rb") as file:
            size_bytes = file.seek(0, 2)
            if size_bytes > MAX_SIDE_FILE_BYTES:
                raise TooLarge(
                    f"{name} has over {MAX_SIDE_FILE_BYTES:,} bytes, the limit of a side file."
                )
            file.seek(0)
            # As many as there are: Python takes the memory of all that are asked for at once.
            data = file.read(size_bytes)
    except OSError as error:
        raise InvalidValue(f"{name} cannot be read: {error.strerror or 'error'}.") from error
    return decode_text(data)


def read_start(listing: Listing, name: str, most_bytes: int) -> str:
    """Read the beginning of a side file as text; empty where it cannot be read."""
    try:
        with listing.path(name).open("rb") as file:
            return decode_text(file.read(most_bytes))
    except OSError:
        return ""


def decode_text(data: bytes) -> str:
    """Text of bytes by their byte order mark, as UTF-8, or else as Windows-1252."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def parse_json(name: str, text: str, keeps: Keeps | None = None) -> Json:
    """Parse a JSON object, of which only what `keeps` says is kept, at every depth.

    Software writes every property of every device for every image: ten times what is needed.

    Raises
    ------
    InvalidValue
        It is no JSON, or no object.
    """
    try:
        content = json.loads(text, object_pairs_hook=None if keeps is None else _keeping(keeps))
    except json.JSONDecodeError as error:
        raise InvalidValue(
            f"{name} is no valid JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from error
    # A number of thousands of digits, and brackets nested thousands deep.
    except (ValueError, RecursionError) as error:
        raise InvalidValue(f"{name} is no valid JSON: {type(error).__name__}.") from error
    if not isinstance(content, dict):
        raise InvalidValue(f"{name} holds a JSON {type(content).__name__}; an object is expected.")
    return content


def _keeping(keeps: Keeps) -> Callable[[list[tuple[str, Any]]], Json]:
    return lambda pairs: {key: value for key, value in pairs if keeps(key, value)}


def parse_xml(name: str, text: str) -> ElementTree.Element:
    """Parse an XML document and return its root without its namespaces.

    Raises
    ------
    InvalidValue
        It is no XML, or it declares entities.
    TooLarge
        It has over MAX_XML_ELEMENTS, or they are nested over MAX_XML_DEPTH deep.
    """
    if _DOCTYPE.search(text):
        raise InvalidValue(f"{name} declares a document type or entities, which are not read.")
    try:
        # What a declaration says of the encoding holds no longer: this is text already.
        root = _parsed(name, re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1))
    except ElementTree.ParseError as error:
        raise InvalidValue(f"{name} is no valid XML: {error}.") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


class _Bounded(ElementTree.TreeBuilder):
    """Builds a tree of bounded size: an element of four bytes takes a hundred in memory."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._elements = self._depth = 0

    def start(self, tag: str, attrs: dict[Any, Any], /) -> ElementTree.Element:
        self._elements += 1
        self._depth += 1
        if self._elements > MAX_XML_ELEMENTS or self._depth > MAX_XML_DEPTH:
            raise TooLarge(
                f"{self._name} has over {MAX_XML_ELEMENTS:,} elements, or they are nested over "
                f"{MAX_XML_DEPTH} deep: the limits of a side file."
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag)


def _parsed(name: str, text: str) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_Bounded(name))
    for start in range(0, len(text), _PIECE_CHARACTERS):
        parser.feed(text[start : start + _PIECE_CHARACTERS])
    root: ElementTree.Element = parser.close()
    return root


def number(value: Any) -> float | None:
    """Parse a finite number, also in a text; None for everything else, truth values included."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        parsed = float(value)
    # An integer of JSON may be longer than any float.
    except (ValueError, OverflowError):
        return None
    return parsed if math.isfinite(parsed) else None


def scale(value: Any) -> float | None:
    """Parse a scale; software writes 0 where it knows none."""
    parsed = number(value)
    return parsed if parsed is not None and parsed > 0 else None


def whole(value: Any) -> int | None:
    """Parse an integer, also one that is written as text or as 3.0."""
    parsed = number(value)
    return int(parsed) if parsed is not None and parsed.is_integer() else None


def text(value: Any) -> str | None:
    """Parse a text that is not empty; Micro-Manager 1.4 writes a missing name as "null"."""
    if not isinstance(value, str) or value.strip() in ("", "null"):
        return None
    return value.strip()


def mapping(value: Any) -> dict[str, Any]:
    """Return the mapping itself; an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return the list itself; an empty one where something else stands."""
    return value if isinstance(value, list) else []


def length_um(value: str | None, unit: str | None, um_per_px: float | None = None) -> float | None:
    """Convert a length to um; None where value or unit are unknown. No unit means um.

    "pixel" is a length only where the scale is known.
    """
    parsed = number(value)
    symbol = "um" if unit is None else unit.strip()
    factor = um_per_px if symbol == "pixel" else um_per_unit(symbol)
    # What multiplying leaves beyond a millionth of a nm is no length.
    return None if parsed is None or factor is None else round(parsed * factor, 9)


T = TypeVar("T")


def load_extra(module: str, *, extra: str, reads: str) -> Any:
    """Import the module of an optional library.

    Raises
    ------
    InvalidValue
        It is not installed; the message names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InvalidValue(
            f"{reads} is read by the library {module}, which is not installed: "
            f"pip install 'flakescope[{extra}]'."
        ) from error


def readable(names: Sequence[str], read: Callable[[str], T], notes: list[str]) -> list[T]:
    """Read those of some files that can be read; the others are noted.

    Raises
    ------
    InvalidValue
        No file could be read: the error of the first.
    """
    found: list[T] = []
    errors: list[InvalidValue] = []
    for name in names:
        try:
            found.append(read(name))
        except InvalidValue as error:
            errors.append(error)
    if errors and not found:
        raise errors[0]
    notes.extend(f"{error} It is left out." for error in errors)
    return found
