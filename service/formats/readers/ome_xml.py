"""OME-XML: the images it describes, where each was taken and in which page of which file it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from service.errors import InvalidValue
from service.formats.side_file import length_um, number, text, whole

# (focus step, channel, time)
Coordinate = tuple[int, int, int]
# The file's name, None for the file with the XML itself, and the page in it.
Page = tuple[str | None, int]

# Further apart than rounding explains, one number is no scale.
_ANISOTROPY = 0.01
# More planes than an image can sensibly have: a wrong size must not fill the memory.
_MOST_PLANES = 100_000
_MOST_IN_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeImage:
    """One image of an OME document.

    Attributes
    ----------
    frame_xy : (x, y) or None
        A position whose unit is "reference frame": numbers without a unit.
    pages : dict
        The page of each plane.
    channels : int
        Planes for each focus step and time: 1 for interleaved colour, 3 for planar.
    channel_names : tuple of str
    """

    name: str | None
    um_per_px: float | None
    x_um: float | None
    y_um: float | None
    z_um: float | None
    label_off_um: float
    frame_xy: tuple[float, float] | None
    focus_steps: int
    times: int
    channels: int
    channel_names: tuple[str, ...]
    pages: dict[Coordinate, Page]


def read_images(name: str, root: Element, samples: int) -> list[OmeImage]:
    """Read the images of a document; `samples` are the values a pixel has in the file's pages.

    Raises
    ------
    InvalidValue
        It describes more planes than any scan has.
    """
    images: list[OmeImage] = []
    planes = 0
    for image in root.iter("Image"):
        pixels = image.find("Pixels")
        if pixels is not None:
            images.append(_read_image(image, pixels, samples))
            planes += len(images[-1].pages)
        if planes > _MOST_IN_ALL:
            raise InvalidValue(f"{name} describes over {_MOST_IN_ALL:,} planes, the limit.")
    return images


def _read_image(image: Element, pixels: Element, samples: int) -> OmeImage:
    um_per_px = _um_per_px(pixels)
    sizes = {axis: max(whole(pixels.get(f"Size{axis}")) or 1, 1) for axis in "ZCT"}
    channels = pixels.findall("Channel")
    # In interleaved colour one page holds all samples of a channel.
    sizes["C"] = len(channels) or max(sizes["C"] // samples, 1)
    label = image.find("StageLabel")
    x_um, y_um, z_um = _plane_position(pixels, (sizes["Z"] // 2, 0, 0), um_per_px)
    label_x, label_y, label_z = _position(label, "", um_per_px)
    off_um = 0.0
    if x_um is None or y_um is None:
        x_um, y_um = label_x, label_y
    elif label_x is not None and label_y is not None:
        off_um = max(abs(x_um - label_x), abs(y_um - label_y))
    return OmeImage(
        name=text(None if label is None else label.get("Name")) or text(image.get("Name")),
        um_per_px=um_per_px,
        x_um=x_um,
        y_um=y_um,
        z_um=label_z if z_um is None else z_um,
        label_off_um=off_um,
        frame_xy=_frame_xy(pixels, label) if x_um is None or y_um is None else None,
        focus_steps=sizes["Z"],
        times=sizes["T"],
        channels=sizes["C"],
        channel_names=tuple(channel.get("Name", "") for channel in channels),
        pages=dict(_pages(pixels, sizes)),
    )


def _um_per_px(pixels: Element) -> float | None:
    x, y = (
        length_um(pixels.get(name), pixels.get(f"{name}Unit"))
        for name in ("PhysicalSizeX", "PhysicalSizeY")
    )
    if x is None or x <= 0 or (y is not None and abs(x - y) > _ANISOTROPY * x):
        return None
    return x


def _plane_position(
    pixels: Element, wanted: Coordinate, um_per_px: float | None
) -> tuple[float | None, float | None, float | None]:
    """Position of the wanted plane, else of the first that states one."""
    found: tuple[float | None, float | None, float | None] = (None, None, None)
    for plane in pixels.findall("Plane"):
        position = _position(plane, "Position", um_per_px)
        if None in position[:2]:
            continue
        if _coordinate(plane, "The") == wanted:
            return position
        if found[0] is None:
            found = position
    return found


def _position(
    element: Element | None, prefix: str, um_per_px: float | None
) -> tuple[float | None, float | None, float | None]:
    if element is None:
        return None, None, None
    x, y, z = (
        length_um(element.get(f"{prefix}{axis}"), element.get(f"{prefix}{axis}Unit"), um_per_px)
        for axis in "XYZ"
    )
    return x, y, z


def _frame_xy(pixels: Element, label: Element | None) -> tuple[float, float] | None:
    """Numbers in the reference frame: Bio-Formats writes it where it does not know the unit."""
    candidates = [(plane, "Position") for plane in pixels.findall("Plane")]
    candidates += [] if label is None else [(label, "")]
    for element, prefix in candidates:
        x, y = (number(element.get(f"{prefix}{axis}")) for axis in "XY")
        units = {(element.get(f"{prefix}{axis}Unit") or "").strip().lower() for axis in "XY"}
        if units == {"reference frame"} and x is not None and y is not None:
            return x, y
    return None


def _coordinate(element: Element, prefix: str) -> Coordinate:
    z, c, t = (whole(element.get(f"{prefix}{axis}")) or 0 for axis in "ZCT")
    return z, c, t


def _pages(pixels: Element, sizes: dict[str, int]) -> Iterator[tuple[Coordinate, Page]]:
    """Find each plane's page, by the rules of TiffData: what is left out has a default."""
    order = pixels.get("DimensionOrder", "XYZCT")[2:]
    order = order if sorted(order) == ["C", "T", "Z"] else "ZCT"
    total = min(sizes["Z"] * sizes["C"] * sizes["T"], _MOST_PLANES)
    blocks = pixels.findall("TiffData")
    for block in blocks or [pixels]:
        page = whole(block.get("IFD"))
        given = whole(block.get("PlaneCount"))
        # A block that names its page stands for that one; one that does not, for all.
        count = given if given is not None else (1 if page is not None else total)
        uuid = block.find("UUID") if block is not pixels else None
        file = None if uuid is None else uuid.get("FileName")
        start = _coordinate(block, "First") if block is not pixels else (0, 0, 0)
        for step, coordinate in enumerate(_run(start, min(count, total), order, sizes)):
            yield coordinate, (file, (page or 0) + step)


def _run(start: Coordinate, count: int, order: str, sizes: dict[str, int]) -> Iterator[Coordinate]:
    """Coordinates from `start` on, the first axis of `order` running fastest."""
    at = dict(zip("ZCT", start, strict=True))
    for _ in range(count):
        yield at["Z"], at["C"], at["T"]
        for axis in order:
            at[axis] += 1
            if at[axis] < sizes[axis]:
                break
            at[axis] = 0
