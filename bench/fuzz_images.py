"""Mutated images against a running service: no 5xx, no crash, and the memory comes back.

    python -m bench.fuzz_images --images 5000 --json fuzz.json

Each image is a drawn tile as JPEG, PNG or TIFF (8 and 16 bit), then cut off, with flipped bytes,
with a wrong header, or all of it. It starts `flakescope serve` by itself, in a folder that it
removes.
"""

import argparse
import io
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

from service.cli.demo_server import Address, running_service

# What the service holds back for good (tables, pools, the allocator's own) shows after some tiles.
WARM_UP = 200

# What comes back late counts as back.
SETTLED_S = 15.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came back, and the service's memory before and after.

    Attributes
    ----------
    statuses : dict
        Answers by status; "none" = no answer.
    rss_mib : list of float
        Resident memory of the serving process after the warm-up and after each round.
    """

    images: int
    seconds: float
    statuses: dict[str, int]
    rss_mib: list[float]
    is_alive: bool

    @property
    def passed(self) -> bool:
        """No 5xx but 503, every call answered, memory within a tenth."""
        failed = sum(n for status, n in self.statuses.items() if status not in _FINE)
        return self.is_alive and not failed and max(self.rss_mib) <= 1.1 * self.rss_mib[0]


_FINE = {"200", "413", "422", "503"}


def seeds(rng: np.random.Generator) -> list[bytes]:
    """Small images of each kind, with something to find."""
    picture = np.full((120, 160, 3), (120, 105, 112), np.float64)
    picture[30:80, 40:110] *= (0.863, 0.86, 0.929)
    tile = np.clip(picture + rng.normal(0, 1.2, picture.shape), 0, 255).astype(np.uint8)
    deep = tile.astype(np.uint16) * 257
    return [
        bytes(imagecodecs.png_encode(tile)),
        bytes(imagecodecs.png_encode(deep)),
        bytes(imagecodecs.jpeg8_encode(tile, level=90)),
        bytes(imagecodecs.jpeg8_encode(tile[..., 0].copy(), level=60)),
        *(_tiff(array, compression) for array in (tile, deep) for compression in (None, "zlib")),
        _tiff(tile, "lzw"),
    ]


def mutations(count: int, seed: int) -> Iterator[bytes]:
    """So many mutated images; the same for the same seed."""
    rng = np.random.default_rng(seed)
    originals = seeds(rng)
    for _ in range(count):
        image = bytearray(originals[rng.integers(len(originals))])
        kind = rng.integers(4)
        if kind in (0, 3):  # the header, where sizes and kinds stand
            for _ in range(rng.integers(1, 5)):
                image[rng.integers(min(64, len(image)))] = rng.integers(256)
        if kind in (1, 3):  # anywhere
            for _ in range(rng.integers(1, 30)):
                image[rng.integers(len(image))] ^= 1 << int(rng.integers(8))
        if kind in (2, 3):
            image = image[: rng.integers(len(image))]
        yield bytes(image)


def fuzz(url: str, pid: int, images: int, seed: int, rounds: int) -> Result:
    """Send so many in each round, four at a time."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:

        def send(image: bytes) -> str:
            try:
                answer = http.post("/v1/screen", files={"image": image})
            except httpx.TransportError as error:
                return f"none: {type(error).__name__}"
            return str(answer.status_code)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(send, mutations(WARM_UP, seed)))
            rss_mib = [_rss_mib(pid)]
            started, statuses = time.perf_counter(), Counter[str]()
            for number in range(1, rounds + 1):
                statuses.update(threads.map(send, mutations(images, seed + number)))
                time.sleep(SETTLED_S)
                rss_mib.append(_rss_mib(pid))
            seconds = time.perf_counter() - started
        alive = http.get("/healthz").is_success
    return Result(rounds * images, seconds, dict(statuses), rss_mib, alive)


def _tiff(array: NDArray[np.uint8] | NDArray[np.uint16], compression: str | None) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, compression=compression, photometric="rgb")
    return file.getvalue()


def _rss_mib(pid: int) -> float:
    """Resident memory of a process, on Linux."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    """Run it and print what came back."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--images", type=int, default=5000)
    arguments.add_argument("--rounds", type=int, default=1, help="of so many images each")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_service(Address("127.0.0.1", 0), Path(folder)) as (url, process),
    ):
        result = fuzz(url, process.pid, given.images, given.seed, given.rounds)
    print(f"{result.images} images in {result.seconds:.0f} s: {result.statuses}")
    print("memory", " -> ".join(f"{rss:.0f}" for rss in result.rss_mib), "MiB")
    print("PASSED" if result.passed else "FAILED")
    if given.json:
        given.json.write_text(json.dumps(asdict(result) | {"passed": result.passed}, indent=1))
    raise SystemExit(not result.passed)


if __name__ == "__main__":
    main()
