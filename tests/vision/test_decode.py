"""Decoding: what is read, what it becomes, and what is refused with which words."""

import gc
import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from service.errors import FlakescopeError, InvalidImage, InvalidValue, TooLarge
from service.vision.decode import Tile, decode

HEIGHT, WIDTH = 40, 64


def picture(dtype: type = np.uint8, channels: int = 3) -> NDArray[np.generic]:
    """Smooth colour ramps with one dark square: survives JPEG, differs in every channel."""
    y, x = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    planes = np.dstack([0.2 + 0.6 * x, 0.7 - 0.4 * y, 0.5 + 0.2 * x * y, np.full_like(x, 0.9)])
    planes[10:20, 10:30, :3] *= 0.8
    return (planes[..., :channels] * np.iinfo(dtype).max).astype(dtype)


RGB8 = picture()
RGB16 = picture(np.uint16)
GREY8, GREY16 = RGB8[..., 0], RGB16[..., 0]
RGBA8, RGBA16 = picture(channels=4), picture(np.uint16, 4)


def pillow(pixels: NDArray[np.generic], form: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def opencv(pixels: NDArray[np.generic], ending: str) -> bytes:
    bgr = pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]
    return cv2.imencode(ending, np.ascontiguousarray(bgr))[1].tobytes()


def tiff(pixels: NDArray[np.generic], **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def ome(pixels: NDArray[np.generic], axes: str, **metadata: object) -> bytes:
    options = {} if axes.endswith("S") else {"photometric": "minisblack"}
    return tiff(pixels, ome=True, metadata={"axes": axes, **metadata}, **options)


def pages(*images: NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for image in images:
            writer.write(image, contiguous=False, metadata=None)
    return file.getvalue()


def animation(form: str) -> bytes:
    frames = [Image.fromarray(RGB8), Image.fromarray(255 - RGB8)]
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:])
    return file.getvalue()


def cmyk(form: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(RGB8).convert("CMYK").save(file, form)
    return file.getvalue()


def with_thumbnail() -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(RGB8, metadata=None)
        writer.write(RGB8[::2, ::2], metadata=None, subfiletype=1)
    return file.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png_of(content: bytes, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = png_chunk(b"IDAT", content)
    return b"\x89PNG\r\n\x1a\n" + header + body + png_chunk(b"IEND", b"")


def tiff_claiming(width: int, height: int) -> bytes:
    file = tiff(RGB8, metadata=None)
    with tifffile.TiffFile(io.BytesIO(file)) as parsed:
        offsets = [parsed.pages.first.tags[tag].valueoffset for tag in (256, 257)]
        kind = parsed.pages.first.tags[256].dtype
    edited = bytearray(file)
    for offset, value in zip(offsets, (width, height), strict=True):
        struct.pack_into("<H" if kind == 3 else "<I", edited, offset, value)
    return bytes(edited)


def exact(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.dstack([pixels] * 3) if pixels.ndim == 2 else pixels[..., :3]


PALETTE = Image.fromarray(RGB8).quantize(64)
PALETTE_RGB = np.asarray(PALETTE.convert("RGB"))


def palette_file(form: str) -> bytes:
    file = io.BytesIO()
    PALETTE.save(file, form)
    return file.getvalue()


LOSSLESS = {
    "png rgb 8": (opencv(RGB8, ".png"), RGB8),
    "png rgb 16": (opencv(RGB16, ".png"), RGB16),
    "png grey 8": (opencv(GREY8, ".png"), GREY8),
    "png grey 16": (opencv(GREY16, ".png"), GREY16),
    "png rgba 8": (opencv(RGBA8, ".png"), RGBA8),
    "png rgba 16": (opencv(RGBA16, ".png"), RGBA16),
    "png grey and alpha": (pillow(RGBA8[..., [0, 3]], "png"), GREY8),
    "png palette": (palette_file("png"), PALETTE_RGB),
    "png one transparent colour": (pillow(RGB8, "png", transparency=(1, 2, 3)), RGB8),
    "bmp rgb": (opencv(RGB8, ".bmp"), RGB8),
    "bmp palette": (palette_file("bmp"), PALETTE_RGB),
    "tiff rgb 8": (tiff(RGB8), RGB8),
    "tiff rgb 16": (tiff(RGB16), RGB16),
    "tiff grey 16": (tiff(GREY16), GREY16),
    "tiff rgba 16": (tiff(RGBA16), RGBA16),
    "tiff big-endian 16": (tiff(RGB16, byteorder=">"), RGB16),
    "tiff planar": (
        tiff(np.moveaxis(RGB16, 2, 0), planarconfig="separate", photometric="rgb"),
        RGB16,
    ),
    "tiff planar rgba": (
        tiff(np.moveaxis(RGBA8, 2, 0), planarconfig="separate", photometric="rgb"),
        RGBA8,
    ),
    "tiff grey and alpha": (
        tiff(RGBA16[..., [0, 3]], photometric="minisblack", extrasamples=["unassalpha"]),
        GREY16,
    ),
    "tiff lzw in tiles": (tiff(RGB8, compression="lzw", tile=(16, 16), predictor=True), RGB8),
    "tiff deflate in strips": (tiff(RGB16, compression="zlib", rowsperstrip=7), RGB16),
    "tiff packbits": (tiff(RGB8, compression="packbits"), RGB8),
    "tiff zstd": (tiff(RGB16, compression="zstd"), RGB16),
    "tiff white is zero": (tiff(255 - GREY8, photometric="miniswhite"), GREY8),
    "tiff palette": (palette_file("tiff"), PALETTE_RGB),
    "tiff bigtiff": (tiff(RGB16, bigtiff=True), RGB16),
    "tiff with a thumbnail": (with_thumbnail(), RGB8),
    "ome-tiff interleaved": (ome(RGB16, "YXS"), RGB16),
    "ome-tiff of three planes": (ome(np.moveaxis(RGB16, 2, 0), "CYX"), RGB16),
    "ome-tiff with its planes named": (
        ome(
            np.moveaxis(RGB16, 2, 0)[[2, 1, 0]],
            "CYX",
            Channel={"Name": ["Blue", "Green", "Red"]},
        ),
        RGB16,
    ),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_lossless_file_keeps_every_number_as_rgb(name: str) -> None:
    data, pixels = LOSSLESS[name]
    tile = decode(data)
    assert tile.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(tile.pixels, exact(pixels))
    assert tile.pixels.flags.c_contiguous


JPEGS = {
    "colour": (pillow(RGB8, "jpeg", quality=95), RGB8),
    "progressive": (pillow(RGB8, "jpeg", quality=95, progressive=True), RGB8),
    "not subsampled": (pillow(RGB8, "jpeg", quality=95, subsampling=0), RGB8),
    "grey": (pillow(GREY8, "jpeg", quality=95), GREY8),
    "with bytes after its end": (pillow(RGB8, "jpeg", quality=95) + bytes(100), RGB8),
    "in tiff": (tiff(RGB8, compression="jpeg"), RGB8),
}


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_is_read_as_rgb(name: str) -> None:
    data, pixels = JPEGS[name]
    difference = decode(data).pixels.astype(int) - exact(pixels)
    assert np.abs(difference).mean() < 4


def test_twelve_bits_in_sixteen_keep_their_numbers() -> None:
    sensor = (RGB16 >> 4).astype(np.uint16)
    for data in (opencv(sensor, ".png"), tiff(sensor)):
        np.testing.assert_array_equal(decode(data).pixels, sensor)


def test_packed_twelve_bits_become_sixteen_with_the_same_numbers() -> None:
    data = tiff((GREY16 >> 4).astype(np.uint16), bitspersample=12)
    np.testing.assert_array_equal(decode(data).pixels, exact(GREY16 >> 4))


@pytest.mark.parametrize("form", ["jpeg", "png", "tiff"])
def test_exif_rotation_is_not_applied(form: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    tile = decode(pillow(RGB8, form, exif=exif))
    assert (tile.width_px, tile.height_px) == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("size", "unit", "um_per_px"),
    [
        (0.3844, "µm", 0.3844),
        (0.3844, None, 0.3844),
        (384.4, "nm", 0.3844),
        (0.0003844, "mm", 0.3844),
        (1.0, "pixel", None),
        (1.0, "reference frame", None),
        (0.0, "µm", None),
        (float("nan"), "µm", None),
    ],
)
def test_the_scale_of_an_ome_tiff_is_taken_in_its_unit(
    size: float, unit: str | None, um_per_px: float | None
) -> None:
    units = {} if unit is None else {"PhysicalSizeXUnit": unit, "PhysicalSizeYUnit": unit}
    data = ome(RGB8, "YXS", PhysicalSizeX=size, PhysicalSizeY=size, **units)
    assert decode(data).um_per_px == (None if um_per_px is None else pytest.approx(um_per_px))


def test_a_scale_that_differs_along_x_and_y_is_not_taken() -> None:
    assert decode(ome(RGB8, "YXS", PhysicalSizeX=0.3, PhysicalSizeY=0.4)).um_per_px is None


def test_the_scale_given_wins_over_that_of_the_file() -> None:
    data = ome(RGB8, "YXS", PhysicalSizeX=0.3844, PhysicalSizeY=0.3844)
    tile = decode(data, um_per_px=0.5, oxide_nm=90)
    assert (tile.um_per_px, tile.oxide_nm) == (0.5, 90)


def test_a_resolution_tag_is_no_scale() -> None:
    assert decode(tiff(RGB8, resolution=(300, 300), resolutionunit="INCH")).um_per_px is None
    assert decode(pillow(RGB8, "png", dpi=(300, 300))).um_per_px is None


JPEG, PNG, TIFF = JPEGS["colour"][0], opencv(RGB8, ".png"), tiff(RGB8)

REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "0 bytes"),
    "text": (b"stage_x,stage_y\n1,2\n", "looks like text"),
    "text that begins like a bitmap": (b"BMW is a maker of cars and motorcycles\n" * 4, "text"),
    "html": (b"\n<!DOCTYPE html><html>", "HTML"),
    "zip": (b"PK\x03\x04" + bytes(50), "zip archive"),
    "pdf": (b"%PDF-1.7\n" + bytes(50), "PDF document"),
    "noise": (bytes(range(200, 256)), "begin with c8 c9"),
    "gif": (animation("gif"), "GIF"),
    "animated webp": (animation("webp"), "WebP"),
    "animated png": (animation("png"), "animation"),
    "jpeg cut in half": (JPEG[: len(JPEG) // 2], "cut short"),
    "jpeg without its last byte": (JPEG[:-1], "cut short"),
    "jpeg cut in its header": (JPEG[:100], "cut short"),
    "progressive jpeg cut": (JPEGS["progressive"][0][:-40], "cut short"),
    "png cut in half": (PNG[: len(PNG) // 2], "PNG file is cut short: its"),
    "png cut in its header": (PNG[:20], "cut short in its header"),
    "png with a wrong checksum": (
        PNG[:60] + b"\0\xff" + PNG[62:],
        "IDAT chunk has a wrong checksum",
    ),
    "png of pixels that do not unpack": (png_of(b"\0" * 50), "cannot be unpacked"),
    "png of too few pixels": (png_of(zlib.compress(bytes(9))), "cannot be unpacked"),
    "bmp cut": (opencv(RGB8, ".bmp")[:-10], "cut short"),
    "bmp cut in its header": (opencv(RGB8, ".bmp")[:30], "cut short"),
    "tiff cut in half": (TIFF[: len(TIFF) // 2], "cut short"),
    "tiff without its last strip": (TIFF[:-1], "cut short"),
    "tiff of a header alone": (b"II*\0\x08\0\0\0", "cut short or damaged"),
    "one pixel": (pillow(RGB8[:1, :1], "png"), "1 x 1 pixels; each side needs at least 16"),
    "narrow": (pillow(RGB8[:, :15], "png"), "15 x 40"),
    "one bit": (pillow(RGB8[..., 0] > 100, "png"), "1 bits of grey"),
    "one bit tiff": (pillow(RGB8[..., 0] > 100, "tiff"), "1 bits"),
    "cmyk jpeg": (cmyk("jpeg"), "CMYK"),
    "cmyk tiff": (cmyk("tiff"), "SEPARATED"),
    "float tiff": (tiff(np.full((40, 40), np.nan, np.float32)), "float32"),
    "signed tiff": (tiff(GREY16.astype(np.int16)), "int16"),
    "32 bit tiff": (tiff(GREY16.astype(np.uint32)), "uint32"),
    "two pages": (pages(RGB8, RGB8), "2 pages"),
    "three grey pages": (pages(GREY8, GREY8, GREY8), "3 pages"),
    "a hundred pages": (pages(*[GREY8] * 100), "5 or more pages"),
    "ome-tiff over time": (ome(np.stack([GREY8] * 3), "TYX"), "3 pages"),
    "five channels": (tiff(np.zeros((40, 40, 5), np.uint8), photometric="rgb"), "5 values"),
    "jpeg 2000 in tiff": (tiff(RGB8, compression="jpeg2000"), "JPEG2000"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_screened_is_refused_with_its_reason(name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(InvalidImage) as raised:
        decode(data)
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    "data",
    [
        png_of(zlib.compress(bytes(1000)), 30_000, 30_000),
        tiff_claiming(30_000, 30_000),
        JPEG.replace(struct.pack(">HH", HEIGHT, WIDTH), struct.pack(">HH", 30_000, 30_000)),
        opencv(RGB8, ".bmp").replace(
            struct.pack("<ii", WIDTH, HEIGHT), struct.pack("<ii", 30_000, 30_000)
        ),
    ],
    ids=["png", "tiff", "jpeg", "bmp"],
)
def test_a_header_that_claims_too_many_pixels_is_refused(data: bytes) -> None:
    with pytest.raises(TooLarge, match=r"900,000,000 pixels; the limit is 100,000,000"):
        decode(data)


def test_the_limit_of_pixels_can_be_lower() -> None:
    assert decode(PNG, max_pixels=HEIGHT * WIDTH).width_px == WIDTH
    with pytest.raises(TooLarge, match="the limit is 2,559"):
        decode(PNG, max_pixels=HEIGHT * WIDTH - 1)


def test_a_strip_that_unpacks_to_more_than_it_may_is_refused() -> None:
    # 64 MiB of zeros in a file of a few kilobytes, where 7,680 bytes belong.
    bomb = zlib.compress(bytes(64 << 20), 9)
    good = tiff(RGB8, compression="zlib", metadata=None, rowsperstrip=HEIGHT)
    with tifffile.TiffFile(io.BytesIO(good)) as parsed:
        tags = parsed.pages.first.tags
        places = {code: tags[code].valueoffset for code in (273, 279)}
        is_short = tags[279].dtype == 3
    assert not is_short or len(bomb) < 65536
    edited = bytearray(good + bomb)
    struct.pack_into("<I", edited, places[273], len(good))
    struct.pack_into("<H" if is_short else "<I", edited, places[279], len(bomb))
    tracemalloc.start()
    with pytest.raises(InvalidImage):
        decode(bytes(edited))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_jpeg_larger_than_its_strip_is_refused() -> None:
    large = pillow(np.zeros((400, 640, 3), np.uint8), "jpeg")
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(
            iter([large]),
            shape=RGB8.shape,
            dtype=np.uint8,
            compression="jpeg",
            photometric="ycbcr",
            rowsperstrip=HEIGHT,
            metadata=None,
        )
    with pytest.raises(InvalidImage, match="larger than the strip"):
        decode(file.getvalue())


def test_other_files_named_by_ome_metadata_are_not_opened(tmp_path: Path) -> None:
    other = tmp_path / "other.ome.tif"
    other.write_bytes(ome(np.stack([GREY16, GREY16]), "CYX"))
    xml = (
        '<OME><Image><Pixels SizeX="64" SizeY="40" SizeC="1" SizeZ="1" SizeT="1" Type="uint8" '
        f'DimensionOrder="XYZCT"><TiffData><UUID FileName="{other}">urn:uuid:1</UUID></TiffData>'
        "</Pixels></Image></OME>"
    )
    data = tiff(GREY8, description=xml, metadata=None)
    np.testing.assert_array_equal(decode(data).pixels, exact(GREY8))


def test_refusing_files_wears_nothing_out() -> None:
    # A codec that loses a reference to None with every failure ends the process in the end.
    gc.collect()
    before = sys.getrefcount(None)
    for _ in range(50):
        for data, _ in REFUSED.values():
            with pytest.raises(InvalidImage):
                decode(data)
    gc.collect()
    assert sys.getrefcount(None) > before - 40


def test_nothing_is_printed_about_an_odd_file() -> None:
    # In a process of its own: pytest catches what loggers would print.
    odd_profile = PNG[:33] + png_chunk(b"iCCP", b"x\0\0" + zlib.compress(b"abc")) + PNG[33:]
    odd_tag = bytearray(TIFF)
    odd_tag[12:14] = b"\xff\xff"
    code = (
        "import sys; from service.vision.decode import decode\n"
        "from service.errors import FlakescopeError\n"
        "for text in sys.argv[1:]:\n"
        "    try: decode(bytes.fromhex(text))\n"
        "    except FlakescopeError: pass\n"
    )
    files = [odd_profile, bytes(odd_tag), TIFF[:-1], JPEG[:-40] + JPEG[-2:]]
    command = [sys.executable, "-c", code, *(data.hex() for data in files)]
    run = subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    assert (run.stdout, run.stderr) == (b"", b"")


@pytest.mark.parametrize("name", ["um_per_px", "oxide_nm"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, -0.4, 1e9])
def test_a_scale_or_oxide_that_cannot_be_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidValue, match=rf"{name} is .*; it has to be from"):
        decode(PNG, **{name: value})


def test_many_threads_decode_the_same_pixels() -> None:
    files = [data for data, _ in LOSSLESS.values()] * 8
    with ThreadPoolExecutor(8) as pool:
        tiles = list(pool.map(decode, files))
    for tile, (_, pixels) in zip(tiles, list(LOSSLESS.values()) * 8, strict=True):
        np.testing.assert_array_equal(tile.pixels, exact(pixels))


SEEDS = [
    *(data for data, _ in LOSSLESS.values()),
    *(data for data, _ in JPEGS.values()),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 6))):
        # Headers stand at the beginning, the tags of a TIFF there or at the end.
        place = draw(
            st.one_of(
                st.integers(0, min(len(data) - 1, 300)),
                st.integers(max(len(data) - 300, 0), len(data) - 1),
                st.integers(0, len(data) - 1),
            )
        )
        data[place] = draw(st.one_of(st.sampled_from([0, 1, 127, 255]), st.integers(0, 255)))
    return bytes(data[: draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))])


@settings(max_examples=600, deadline=None)
@given(damaged())
def test_a_damaged_file_gives_a_tile_or_a_named_error(data: bytes) -> None:
    try:
        tile = decode(data, max_pixels=1_000_000)
    except FlakescopeError as error:
        message = str(error)
    else:
        message = "."
        assert isinstance(tile, Tile)
        assert tile.pixels.dtype in (np.uint8, np.uint16)
        assert tile.pixels.shape[2] == 3
    assert message.endswith(".")


@pytest.mark.parametrize(
    ("progressive", "words"), [(False, "more than one scan"), (True, "over 64 passes")]
)
def test_a_jpeg_cannot_be_read_over_and_over(progressive: bool, words: str):
    file = io.BytesIO()
    Image.fromarray(RGB8).save(file, "JPEG", progressive=progressive)
    whole = file.getvalue()
    last_scan = whole[whole.rindex(b"\xff\xda") : -2]

    with pytest.raises(InvalidImage, match=words):
        decode(whole[:-2] + 100 * last_scan + whole[-2:])
