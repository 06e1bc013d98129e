"""A tile ready to be posted, in memory or as one file of the spool."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Length of the heading, which stands before the image as one line of JSON.
_LENGTH_BYTES = 8
_MAGIC = b"flktile1"


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a tile: what is sent beside the image.

    Attributes
    ----------
    scan_id, scan_created_at
        Both name the scan: in another database the same id is another scan.
    name : str
        The tile's, or what its file would be called.
    form : dict of str
        Fields of the call.
    """

    scan_id: int
    scan_created_at: str
    name: str
    form: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Letter:
    """A heading and the bytes of an image file."""

    heading: Heading
    image: bytes

    def request(self) -> dict[str, Any]:
        """Arguments of the call that posts it."""
        return {
            "files": {"image": (self.heading.name, self.image)},
            "data": self.heading.form,
        }


def write_letter(letter: Letter, path: Path) -> None:
    """Write it such that it is there whole or not at all, also if the program dies here."""
    heading = json.dumps(asdict(letter.heading)).encode()
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(_MAGIC + len(heading).to_bytes(_LENGTH_BYTES, "little") + heading)
        file.write(letter.image)
    temporary.replace(path)


def read_letter(path: Path) -> Letter:
    """Read one; raises `ValueError` where it is none."""
    content = path.read_bytes()
    start = len(_MAGIC) + _LENGTH_BYTES
    if content[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{path.name} is no tile of a spool.")
    end = start + int.from_bytes(content[len(_MAGIC) : start], "little")
    return Letter(Heading(**json.loads(content[start:end])), content[end:])
