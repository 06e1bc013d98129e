"""Parts of names relative to a scan's folder, which have "/" on every system.

Plain text, because a hundred thousand `PurePath` take seconds.
"""


def folder_of(name: str) -> str:
    """The folder part; empty at the top."""
    return name.rpartition("/")[0]


def base_of(name: str) -> str:
    """The last part."""
    return name.rpartition("/")[2]


def stem_of(name: str) -> str:
    """The last part without its suffix, and without the ".ome" before it."""
    base = base_of(name)
    stem = base.rpartition(".")[0] or base
    return stem[:-4] if stem.lower().endswith(".ome") else stem


def suffix_of(name: str) -> str:
    """The suffix in small letters with its point; empty where there is none."""
    stem, point, suffix = base_of(name).rpartition(".")
    return point + suffix.lower() if stem else ""
