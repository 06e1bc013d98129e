"""OME-TIFF files with positions, as several programs write them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tifffile


def ome(images: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/'
        f'OME/2016-06" UUID="urn:uuid:1">{images}</OME>'
    )


def image(
    plane: str = "",
    *,
    name: str = "",
    sizes: Sequence[int] = (1, 1, 1),
    inside: str = "<TiffData/>",
    pixels: str = 'PhysicalSizeX="0.25" PhysicalSizeY="0.25"',
) -> str:
    """One Image; `sizes` are those of Z, C and T."""
    size = "".join(f' Size{axis}="{count}"' for axis, count in zip("ZCT", sizes, strict=True))
    return (
        f'<Image ID="Image:0" Name="{name}"><Pixels DimensionOrder="XYCZT" Type="uint8" SizeX="24" '
        f'SizeY="20"{size} {pixels}>{inside}{plane}</Pixels></Image>'
    )


def write_pages(path: Path, pages: Sequence[np.ndarray], description: str, **options) -> None:
    """Pages with the XML in the first; grey where they have no colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tifffile.TiffWriter(path, **options) as tiff:
        for number, page in enumerate(pages):
            tiff.write(
                page,
                photometric="rgb" if page.ndim == 3 else "minisblack",
                metadata=None,
                description=description.encode() if number == 0 else None,
            )
