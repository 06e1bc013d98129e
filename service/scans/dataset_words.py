"""What categories of annotations are called: graphene by its layers, or something else."""

import re
from collections.abc import Sequence

from service.errors import InvalidValue

# What a category that is graphene is called: by its layers, or simply so.
_GRAPHENE = re.compile(
    r"(?:graphene|flake)s?"
    r"|(?:graphene)?[ _-]*(?P<layers>[1-4])[ _-]*(?:l|layers?)?|l(?P<number>[1-4])"
    r"|(?P<word>mono|bi|tri|tetra)[ _-]?layer(?:[ _-]graphene)?",
    re.IGNORECASE,
)
# And one that is certainly not.
_OTHER = re.compile(
    r"(?:non|not|no)[ _-]?graphene|other|(?:thick[ _-]?)?graphite|thick|bulk"
    r"|residue|tape|dust|dirt|marks?|scratch(?:es)?",
    re.IGNORECASE,
)
_WORDS = {"mono": 1, "bi": 2, "tri": 3, "tetra": 4}


def layers_of_category(name: str, graphene: Sequence[str] = ()) -> int | None:
    """Layers of a category: 0 is not graphene, None is graphene of unknown layers.

    `graphene` are names of categories that are graphene, where they are called otherwise.

    Raises
    ------
    InvalidValue
        Its name says neither.
    """
    match = _GRAPHENE.fullmatch(name.strip())
    if match and match["word"]:
        return _WORDS[match["word"].lower()]
    if match and (number := match["layers"] or match["number"]):
        return int(number)
    if match or name in graphene:
        return None
    if _OTHER.fullmatch(name.strip()):
        return 0
    raise InvalidValue(
        f"The category {name!r} is neither graphene nor something else by its name; "
        "say which categories are graphene."
    )
