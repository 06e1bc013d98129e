"""Settings from the environment (`FLAKESCOPE_*`); read only where the parts are built."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import InvalidValue
from service.images.image_header import DEFAULT_MAX_PIXELS

CORES = os.cpu_count() or 1
# Defaults that differ from machine to machine, in words.
_OF_THE_MACHINE = {"workers": "the cores, at most 4"}


# Screening an image takes at most so much for each of its pixels, as measured (docs/security.md).
BYTES_PER_PIXEL = 30
# The process at rest with its libraries, its network, bodies in flight and what pages show.
RESERVED_BYTES = 700 * 2**20
# A camera of 5 megapixels is screened however little memory there is.
LEAST_PIXELS = 5_000_000

# Where a container finds its limit, by version of its kernel's groups.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
# Where nothing says how much there is: a small computer of today.
_USUAL_BYTES = 8 * 2**30


def memory_bytes() -> int:
    """Memory that this process and its children may use: the container's limit or the machine's."""
    try:
        found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    except (AttributeError, ValueError, OSError):
        found = [_USUAL_BYTES]
    for path in _LIMITS:
        with suppress(OSError, ValueError):
            found.append(int(Path(path).read_text()))
    return min(found)


class Settings(BaseSettings):
    """Settings of one process; each says what it means, and `flakescope settings` lists them."""

    model_config = SettingsConfigDict(
        env_prefix="FLAKESCOPE_", env_ignore_empty=True, use_attribute_docstrings=True
    )

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on; 0 = a free one."""
    data_dir: Path = Path("var")
    """Folder of everything that is kept: the database unless it is elsewhere, the images."""
    database_url: str = ""
    """`sqlite:///FILE` or `postgresql://...`; empty = SQLite in the data folder."""
    blob_store: str = ""
    """Where images are kept: `s3://bucket/prefix`; empty = a folder of the data folder."""
    model: Path | None = None
    """ONNX file that classifies; empty = the active version, at first the shipped one."""
    provider: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the network should run: `auto`, `cpu` or `cuda`."""
    # Together they stay well under the 40 threads that answer requests: reading goes on meanwhile.
    workers: int = Field(default=min(4, CORES), ge=1, le=16)
    """Images that are screened at once."""
    waiting: int = Field(default=16, ge=0, le=16)
    """Images that wait for a place; the next is answered 503."""
    max_pixels: int = Field(default=DEFAULT_MAX_PIXELS, ge=1)
    """Pixels of an image; a larger one is refused before it is unpacked."""
    # 16 bit RGB of 40 megapixels without compression; all that fit `max_pixels` in PNG.
    max_body_bytes: int = Field(default=256 * 2**20, ge=1)
    """Bytes of a body; a larger one is refused before it is read."""

    max_bytes_in_flight: int = Field(default=0, ge=0)
    """Bytes of all bodies in memory at once; 0 = one body of the largest size."""
    max_pixels_in_flight: int = Field(default=0, ge=0)
    """Pixels of all images screened at once; 0 = what the memory of container or machine allows."""

    max_archive_bytes: int = Field(default=64 * 2**30, ge=1)
    """Bytes of an uploaded zip of a scan."""
    max_unpacked_bytes: int = Field(default=256 * 2**30, ge=1)
    """Bytes of what is in such a zip."""
    # Twice the files of the largest scan.
    max_archive_members: int = Field(default=200_000, ge=1)
    """Files in such a zip."""
    # Half of what a container of compose has; the largest tile that is taken needs about as much.
    child_bytes: int = Field(default=2**30, ge=256 * 2**20)
    """Memory of a process that brings in a scan or tries a network; what takes more is ended."""
    import_roots: str = ""
    """Folders below which folders may be imported, separated as in PATH; empty = none."""
    embedded_worker: bool = True
    """Whether `serve` starts a worker of its own."""
    alive_file: Path | None = None
    """A file that a worker touches every two seconds while it and its database live."""

    open: bool = False
    """Whether a loopback address needs no token even when there are some."""
    # Secrets stay out of what is handed to child processes and of what is printed.
    bootstrap_token: SecretStr | None = Field(default=None, exclude=True)
    """A token that is let in as an administrator."""
    bootstrap_token_file: Path | None = Field(default=None, exclude=True)
    """The file that holds such a token."""
    metrics_open: bool = False
    """Whether `/metrics` needs no token."""
    allowed_origins: str = ""
    """Web pages elsewhere that may call, separated by commas: `https://lab.example`."""
    root_path: str = Field(default="", pattern=r"^(/[\w.~-]+)*$")
    """The prefix under which a proxy shows the service: `/flakes`."""
    trusted_proxies: str = ""
    """Addresses of proxies whose word on the caller's address is taken, separated by commas."""
    # A scan folder is sent at 50 tiles a second at most; a page of crops asks for 100 at once.
    requests_per_s: float = Field(default=100, ge=0)
    """Calls a second of one token; 0 = no limit."""
    wrong_tokens_per_s: float = Field(default=5, ge=0)
    """Refused tokens a second from one address; 0 = no limit."""
    # A microscope's computer on a bad network manages 10 kB/s; who is slower holds a place.
    body_patience_s: float = Field(default=30, gt=0)
    """Seconds until the first bytes of a body must have come."""
    least_bytes_per_s: float = Field(default=10_000, gt=0)
    """Bytes a second at which a body must come after that."""
    # Of a training beside screening, which comes first; 0 for one that may run at full speed.
    training_nice: int = Field(default=10, ge=0, le=19)
    """How much a training steps back for screening, 0 to 19."""
    log_format: Literal["plain", "json"] = "plain"
    """Lines of the log: `plain` for people or `json`."""
    access_log: bool = False
    """Whether each call has a line in the log."""

    @property
    def roots(self) -> list[Path]:
        """The folders of `import_roots`."""
        return [Path(root) for root in self.import_roots.split(os.pathsep) if root]

    @property
    def bytes_in_flight(self) -> int:
        """Bytes of bodies that are in memory at once: never fewer than one body may have."""
        return max(self.max_bytes_in_flight, self.max_body_bytes)

    @property
    def pixels_in_flight(self) -> int:
        """Pixels that are screened at once."""
        return self.max_pixels_in_flight or max(
            LEAST_PIXELS, (memory_bytes() - RESERVED_BYTES) // BYTES_PER_PIXEL
        )

    @property
    def largest_pixels(self) -> int:
        """Pixels of the largest image that is screened here."""
        return min(self.max_pixels, self.pixels_in_flight)

    @property
    def origins(self) -> tuple[str, ...]:
        """The pages of `allowed_origins`."""
        return tuple(one.strip() for one in self.allowed_origins.split(",") if one.strip())

    @property
    def proxies(self) -> list[str]:
        """The addresses of `trusted_proxies`."""
        return [one.strip() for one in self.trusted_proxies.split(",") if one.strip()]

    @property
    def url(self) -> str:
        """Address of the database: the given one, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'flakescope.db'}"

    @property
    def threads(self) -> int:
        """CPU threads of one call of the network: the cores, shared by the workers."""
        return max(1, CORES // self.workers)


def read_settings(**given: Any) -> Settings:
    """Settings from the environment, with what is given and not None in their place.

    Raises
    ------
    InvalidValue
        A value is wrong; the message names its variable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = error.errors()[0]
        name = f"FLAKESCOPE_{wrong['loc'][0]}".upper()
        raise InvalidValue(f"{name} is {wrong['input']!r}: {wrong['msg'].lower()}.") from error


def settings_table() -> str:
    """Write every setting with its default and its meaning as a table in Markdown."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = _OF_THE_MACHINE.get(name, field.default)
        shown = "" if default in (None, "") else f"`{default}`"
        rows.append(f"| `FLAKESCOPE_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows) + "\n"
