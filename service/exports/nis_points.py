"""Nikon NIS-Elements: points for its ND acquisition, XML in UTF-16."""

import codecs
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import quoteattr

from service.exports.rows import Position

_HEAD = """<?xml version="1.0" encoding="UTF-16"?>
<variant version="1.0">
<no_name runtype="CLxListVariant">
<bIncludeZ runtype="bool" value="{has_focus}"/>
<bPFSEnabled runtype="bool" value="false"/>
"""
_POINT = """<Point{number:05d} runtype="NDSetupMultipointListItem">
<bChecked runtype="bool" value="true"/>
<strName runtype="CLxStringW" value={name}/>
<dXPosition runtype="double" value="{x_um:.4f}"/>
<dYPosition runtype="double" value="{y_um:.4f}"/>
<dZPosition runtype="double" value="{z_um:.4f}"/>
<dPFSOffset runtype="double" value="-1.0"/>
<baUserData runtype="CLxByteArray" value=""/>
</Point{number:05d}>
"""
_TAIL = """</no_name>
</variant>
"""


def nis_points(positions: Sequence[Position]) -> Iterator[bytes]:
    """Points in order; their focus is used only where that of all is known."""
    # One switch holds for the list: a point whose focus is unknown would be driven to 0.
    has_focus = bool(positions) and all(one.z_um is not None for one in positions)
    yield codecs.BOM_UTF16_LE + _encoded(_HEAD.format(has_focus=str(has_focus).lower()))
    for number, position in enumerate(positions):
        point = _POINT.format(
            number=number,
            name=quoteattr(position.label),
            x_um=position.x_um,
            y_um=position.y_um,
            z_um=(position.z_um or 0.0) if has_focus else 0.0,
        )
        yield _encoded(point)
    yield _encoded(_TAIL)


def _encoded(text: str) -> bytes:
    return text.encode("utf-16-le")
