"""A multipart body with one large file, written to its place as it comes.

The framework's own form parser fills the system's folder for temporary files, which may be small,
and the file would then be copied.
"""

from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from service.errors import InvalidValue

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# Text beside the file: a name, some numbers; the names of the fields count, too.
_MOST_TEXT_BYTES = 64 * 2**10
# A scan has a dozen.
_MOST_PARTS = 50


class ArchiveForm:
    """Feed it the body piece by piece; then it has the fields, and the file stands at `path`.

    Attributes
    ----------
    fields : dict
        Text by name of the field.
    filename : str or None
        What the client calls the file; None = no file came.
    """

    def __init__(self, content_type: str, path: Path, file_field: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise InvalidValue("The body has to be multipart/form-data with a boundary.")
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self._path = path
        self._file_field = file_field
        self._digest = sha256()
        self._file: IO[bytes] | None = None
        self._is_whole = False
        self._header = [bytearray(), bytearray()]
        self._field = ""
        self._text = bytearray()
        self._text_bytes = 0
        self._parts = 0
        self._parser = MultipartParser(boundary, self._callbacks())

    def feed(self, piece: bytes) -> None:
        """Take the next piece of the body; raises `InvalidValue`."""
        try:
            self._parser.write(piece)
        except MultipartParseError as error:
            raise InvalidValue(f"The body is no proper multipart/form-data: {error}.") from error

    def finish(self) -> None:
        """Check that the body was whole; raises `InvalidValue`."""
        self.close()
        if not self._is_whole:
            raise InvalidValue("The body ends before its last boundary: it was cut off.")
        if self.filename is None:
            raise InvalidValue(f"The file {self._file_field!r} is missing.")

    @property
    def digest(self) -> str:
        """sha256 of the file."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Let go of the file, however far it came."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": self._take,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        self._field, self._text = "", bytearray()
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise InvalidValue(f"The form has over {_MOST_PARTS} fields.")

    def _end_header(self) -> None:
        name, value = (bytes(part) for part in self._header)
        self._header = [bytearray(), bytearray()]
        if name.lower() != b"content-disposition":
            return
        _, options = parse_options_header(value)
        self._count(len(value))
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            self._open(options[b"filename"].decode("utf-8", "replace"))

    def _open(self, filename: str) -> None:
        if self._field != self._file_field or self.filename is not None:
            raise InvalidValue(f"One file is taken, {self._file_field!r}, not {self._field!r}.")
        self.filename = filename
        self._file = self._path.open("xb")

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            some = memoryview(data)[start:end]
            self._file.write(some)
            self._digest.update(some)
            return
        self._count(end - start)
        self._text.extend(data[start:end])

    def _count(self, some_bytes: int) -> None:
        self._text_bytes += some_bytes
        if self._text_bytes > _MOST_TEXT_BYTES:
            raise InvalidValue(f"The fields hold over {_MOST_TEXT_BYTES} bytes of text.")

    def _end_part(self) -> None:
        if self._file is not None:
            self.close()
        elif self._field in self.fields:
            raise InvalidValue(f"The field {self._field[:100]!r} is given more than once.")
        else:
            self.fields[self._field] = self._text.decode("utf-8", "replace")

    def _end(self) -> None:
        self._is_whole = True
