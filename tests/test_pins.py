"""What is tested is what is shipped: one set of pins, one Python, everywhere."""

import re
import sys
from importlib.metadata import distributions

import pytest

from tests.conftest import ROOT


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines]
    assert len({canonical(name) for name, _ in pairs}) == len(pairs), "a package has two versions"
    return {canonical(name): version for name, version in pairs}


def python() -> str:
    return (ROOT / ".python-version").read_text().strip()


def test_the_image_has_the_python_of_development():
    assert re.findall(r"^ARG PYTHON=(\S+)$", (ROOT / "Dockerfile").read_text(), re.M) == [python()]


def test_development_and_images_install_by_the_same_pins():
    installs = [
        line
        for name in ("Dockerfile", "Makefile")
        for line in (ROOT / name).read_text().replace("\\\n", " ").splitlines()
        if ("uv pip install" in line and "pyproject.toml" in line) or "INSTALL := " in line
    ]
    assert len(installs) == 4
    assert all(
        "constraint constraints.txt" in one or "-c constraints.txt" in one for one in installs
    )


def test_what_is_installed_here_is_what_is_pinned():
    if sys.version_info[:2] != tuple(map(int, python().split("."))):
        pytest.skip(f"the pins are of Python {python()}")
    # A GPU's runtime takes the place of the CPU's: both are never here.
    installed = {canonical(one.metadata["Name"]): one.version for one in distributions()}
    pinned = pins()
    differ = {
        name: (version, pinned[name])
        for name, version in installed.items()
        if name in pinned and pinned[name] != version
    }
    assert differ == {}
    assert {"czifile", "nd2", "onnxruntime", "opencv-python-headless"} <= set(pinned)
