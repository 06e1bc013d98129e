"""Groups by file name: which pictures share a chip, a light and a camera."""

import re
from collections.abc import Callable

from service.errors import InvalidValue

# Of a picture's path below its class folder, with / between parts, to its group.
Grouping = Callable[[str], str]


def grouping(rule: str) -> Grouping:
    """Make the rule by which names become groups.

    Parameters
    ----------
    rule : str
        "none": every picture is a group of its own. "folder": the first folder of its path.
        Anything else is a regular expression that is searched for in the path; its first bracket,
        or all of it where there is none, is the group.

    Raises
    ------
    InvalidValue
        The expression is wrong; or, on use, a name does not match.
    """
    if rule == "none":
        return lambda name: name
    if rule == "folder":
        return _first_folder
    try:
        pattern = re.compile(rule)
    except re.error as error:
        raise InvalidValue(f"group-by is {rule!r}, which is no regular expression: {error}.") from (
            error
        )
    return lambda name: _matched(pattern, name)


def _first_folder(name: str) -> str:
    folder, slash, _ = name.partition("/")
    if not slash:
        raise InvalidValue(
            f"group-by is 'folder', but {name!r} lies in no folder: pictures of one chip or scan "
            "have to share one. Otherwise give a regular expression, or 'none'."
        )
    return folder


def _matched(pattern: re.Pattern[str], name: str) -> str:
    match = pattern.search(name)
    if match is None:
        raise InvalidValue(f"group-by is {pattern.pattern!r}, which {name!r} does not match.")
    group = match.group(1) if pattern.groups else match.group(0)
    return str(group)
