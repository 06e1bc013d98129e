"""TIFF content: whether the first page is the picture, not a preview or the first of a stack."""

import re

import tifffile
from tifffile import TiffPage

from service.errors import InvalidImage

_REDUCED = 1  # flag of NewSubfileType: a smaller copy of another page
_DNG_VERSION, _CFA_PATTERN, _STK_PLANES = 50706, 33422, 33629
_IMAGES = re.compile(r"^images=([0-9]+)", re.MULTILINE)
# ImageJ's way to keep signed numbers: what is 0 in the file is -32,768.
_SIGNED = re.compile(r"^c0=-32768(?:\.0*)?$", re.MULTILINE)
# SubIFDs that are looked at; pyramids have about ten, damaged files thousands.
_MOST_SUB_IFDS = 16


def check_is_picture(tiff: tifffile.TiffFile) -> None:
    """Refuse a file whose first page stands for something larger.

    Raises
    ------
    InvalidImage
        The first page is a preview, a reduced copy, raw data of a camera, the first image of an
        ImageJ or MetaMorph stack, or of signed numbers.
    """
    page = tiff.pages.first
    if _DNG_VERSION in page.tags or _CFA_PATTERN in page.tags:
        raise InvalidImage(
            "The file is camera raw (DNG): its first page is a preview or unprocessed. Develop it "
            "into TIFF or PNG."
        )
    if page.subfiletype & _REDUCED:
        raise InvalidImage(
            f"The TIFF file's first page is a preview of {page.imagewidth} x {page.imagelength} "
            "pixels (NewSubfileType 1): the picture stands elsewhere in it. Save that alone."
        )
    larger = _larger_sub_page(page)
    if larger is not None:
        raise InvalidImage(
            f"The TIFF file's first page has {page.imagewidth} x {page.imagelength} pixels, but "
            f"a picture of {larger[0]} x {larger[1]} stands below it. Save that alone."
        )
    _check_stack(page)


def _larger_sub_page(page: TiffPage) -> tuple[int, int] | None:
    """Sides of a SubIFD that is larger than its page: then the page is the preview."""
    pages = page.pages
    if not page.subifds or pages is None:
        return None
    for index in range(min(len(page.subifds), _MOST_SUB_IFDS)):
        try:
            sub = pages[index]
        except IndexError:
            break
        if not isinstance(sub, TiffPage):
            break
        width, height = int(sub.imagewidth), int(sub.imagelength)
        if width * height > int(page.imagewidth) * int(page.imagelength):
            return width, height
    return None


def _has_second_page(page: TiffPage) -> bool:
    # Asked for alone: the chain of a damaged file may be endless.
    try:
        return page.parent.pages[1] is not None
    except IndexError:
        return False


def _check_stack(page: TiffPage) -> None:
    """Several images under one directory, as ImageJ keeps large stacks, and MetaMorph all."""
    description = page.description
    if description.startswith("ImageJ="):
        images = _IMAGES.search(description)
        if images is not None and int(images[1][:9]) > 1 and not _has_second_page(page):
            raise InvalidImage(
                f"The ImageJ file holds {int(images[1][:9]):,} images, kept as one page; a tile is "
                "one image."
            )
        if _SIGNED.search(description):
            raise InvalidImage(
                "The ImageJ file keeps signed numbers with an offset of 32,768. Convert it to 16 "
                "bit without a sign."
            )
    planes = page.tags.get(_STK_PLANES)
    if planes is not None and int(planes.count) > 1:
        raise InvalidImage(
            f"The MetaMorph stack holds {int(planes.count):,} images; a tile is one."
        )
