"""Settings from the environment (`FLAKESCOPE_*`); read only where the parts are built."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import InvalidValue
from service.vision.image_header import DEFAULT_MAX_PIXELS

CORES = os.cpu_count() or 1


class Settings(BaseSettings):
    """How one process serves.

    Attributes
    ----------
    data_dir : Path
        Folder of everything that is kept: the database unless it is elsewhere, the images.
    database_url : str
        `sqlite:///...` or `postgresql+psycopg://...`.
    blob_store : str
        Where the images are kept: `s3://bucket/prefix`, or empty for a folder of `data_dir`.
    model : Path or None
        ONNX file that classifies; None = the shipped one.
    provider : {"auto", "cpu", "cuda"}
        Where the network should run.
    workers, waiting : int
        Images that are screened at once, and that wait; the next is answered 503.
    max_body_bytes, max_pixels : int
        Larger bodies and images are refused before they are read or unpacked.
    max_archive_bytes, max_unpacked_bytes, max_archive_members : int
        Of an uploaded scan: its zip, what is in it, and how many files.
    import_roots : str
        Folders below which folders may be imported, separated as in PATH; none by default.
    embedded_worker : bool
        Whether `serve` starts a worker of its own.
    alive_file : Path or None
        A file that a worker touches every two seconds while it and its database live.
    open : bool
        Whether a loopback address needs no token even when there are some.
    bootstrap_token, bootstrap_token_file : str, Path
        A token that is let in as an administrator, or the file that holds it.
    metrics_open : bool
        Whether `/metrics` needs no token.
    allowed_origins : str
        Web pages elsewhere that may call, separated by commas: "https://lab.example".
    root_path, trusted_proxies : str
        The prefix under which a proxy shows the service, and addresses of proxies whose word on
        the caller's address is taken, separated by commas.
    requests_per_s, wrong_tokens_per_s : float
        Calls a second of one token, and refused ones of one address; 0 = no limit.
    body_patience_s, least_bytes_per_s : float
        How late a body may be, and how slow after that.
    log_format, access_log
        Lines for people or JSON, and whether each call has one.
    """

    model_config = SettingsConfigDict(env_prefix="FLAKESCOPE_", env_ignore_empty=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    data_dir: Path = Path("var")
    database_url: str = ""
    blob_store: str = ""
    model: Path | None = None
    provider: Literal["auto", "cpu", "cuda"] = "auto"
    # Together they stay well under the 40 threads that answer requests: reading goes on meanwhile.
    workers: int = Field(default=min(4, CORES), ge=1, le=16)
    waiting: int = Field(default=16, ge=0, le=16)
    max_pixels: int = Field(default=DEFAULT_MAX_PIXELS, ge=1)
    # 16 bit RGB of 40 megapixels without compression; all that fit `max_pixels` in PNG.
    max_body_bytes: int = Field(default=256 * 2**20, ge=1)

    max_archive_bytes: int = Field(default=64 * 2**30, ge=1)
    max_unpacked_bytes: int = Field(default=256 * 2**30, ge=1)
    # Twice the files of the largest scan.
    max_archive_members: int = Field(default=200_000, ge=1)
    import_roots: str = ""
    embedded_worker: bool = True
    alive_file: Path | None = None

    open: bool = False
    # Secrets stay out of what is handed to child processes and of what is printed.
    bootstrap_token: SecretStr | None = Field(default=None, exclude=True)
    bootstrap_token_file: Path | None = Field(default=None, exclude=True)
    metrics_open: bool = False
    allowed_origins: str = ""
    root_path: str = Field(default="", pattern=r"^(/[\w.~-]+)*$")
    trusted_proxies: str = ""
    # A scan folder is sent at 50 tiles a second at most; a page of crops asks for 100 at once.
    requests_per_s: float = Field(default=100, ge=0)
    wrong_tokens_per_s: float = Field(default=5, ge=0)
    # A microscope's computer on a bad network manages 10 kB/s; who is slower holds a place.
    body_patience_s: float = Field(default=30, gt=0)
    least_bytes_per_s: float = Field(default=10_000, gt=0)
    # Of a training beside screening, which comes first; 0 for one that may run at full speed.
    training_nice: int = Field(default=10, ge=0, le=19)
    log_format: Literal["plain", "json"] = "plain"
    access_log: bool = False

    @property
    def roots(self) -> list[Path]:
        """The folders of `import_roots`."""
        return [Path(root) for root in self.import_roots.split(os.pathsep) if root]

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
