"""Pictures whose data end early are refused, and those that only look so are not."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from hornbook.columns.image.files.open import open_picture
from hornbook.columns.image.files.whole import GROUND, OTHER
from hornbook.errors import DataError
from tests.columns.image.test_open import as_bytes

NOISE = np.random.default_rng(0).integers(0, 255, (64, 48, 4), np.uint8)


def taller(data: bytearray, form: str) -> bytes:
    """Return a picture that says it has more rows than its data have."""
    if form == "PNG":
        data[20:24] = struct.pack(">I", 200)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif form == "GIF":
        at = data.index(b"\x2c\0\0\0\0\x30\0")
        data[8:10] = data[at + 7 : at + 9] = struct.pack("<H", 200)
    else:
        at = data.index(b"\xff\xc0")
        data[at + 5 : at + 7] = struct.pack(">H", 200)
    return bytes(data)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "RGBA", "CMYK"])
@pytest.mark.parametrize("form", ["PNG", "GIF", "JPEG"])
def test_a_picture_whose_data_end_early_is_refused(form: str, mode: str) -> None:
    if (form == "JPEG") != (mode == "CMYK") and mode not in ("L", "RGB"):
        pytest.skip("there is no such file")
    picture = Image.fromarray(NOISE, "RGBA").convert(mode)
    assert open_picture(as_bytes(picture, form, interlace=0)).size == (48, 64)
    with pytest.raises(DataError, match=r"x\.y is cut off"):
        open_picture(taller(bytearray(as_bytes(picture, form, interlace=0)), form), name="x.y")


@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_a_grey_ground_is_no_lack_of_data(quality: int, progressive: bool, whole: bool) -> None:
    grey = Image.fromarray(NOISE[..., :3].copy())
    grey.paste((128, 128, 128), (0, 0 if whole else 30, 48, 64))
    assert open_picture(as_bytes(grey, "JPEG", quality=quality, progressive=progressive))


@pytest.mark.parametrize("value", [GROUND, OTHER])
@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_ground_of_the_colour_that_is_looked_for_is_no_lack_of_data(form: str, value: int) -> None:
    picture = open_picture(as_bytes(Image.new("L", (8, 8), value), form))
    assert picture.convert("L").getpixel((7, 7)) == value


def test_a_tiff_with_data_for_a_part_of_its_rows_is_refused() -> None:
    data = bytearray(as_bytes(Image.fromarray(NOISE[..., 0].copy()), "TIFF"))
    at = data.index(struct.pack("<HHI", 257, 4, 1))  # its height
    data[at + 8 : at + 12] = struct.pack("<I", 9000)
    with pytest.raises(DataError, match=r"x\.tif is cut off"):
        open_picture(bytes(data), name="x.tif")


def test_the_words_of_a_library_are_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(as_bytes(Image.fromarray(NOISE[..., :3].copy()), "TIFF", compression="packbits"))
    data[100:3000] = bytes(2900)
    with pytest.raises(DataError, match="is damaged: copy or download it again"):
        open_picture(bytes(data), name="x.tif")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("ended", [False, True])
def test_a_progressive_jpeg_is_refused_wherever_it_is_cut(mode: str, ended: bool) -> None:
    whole = as_bytes(Image.fromarray(NOISE, "RGBA").convert(mode), "JPEG", progressive=True)
    assert open_picture(whole).size == (48, 64)
    for length in range(300, len(whole) - 20, 97):
        with pytest.raises(DataError, match=r"is cut off|is damaged"):
            open_picture(whole[:length] + b"\xff\xd9" * ended)


@pytest.mark.parametrize("value", [0, 1])
def test_pages_of_one_bit_are_whole_or_refused(value: int) -> None:
    page = bytearray(as_bytes(Image.new("1", (48, 64), value), "PNG"))
    assert open_picture(bytes(page)).size == (48, 64)
    with pytest.raises(DataError, match="cut off"):
        open_picture(taller(page, "PNG"))
