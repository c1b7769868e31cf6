"""Pictures of every kind come in upright and plain; what is broken or hostile ends in one sentence."""

from __future__ import annotations

import base64
import io
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hornbook.columns import ImageColumn
from hornbook.columns.image.files.open import MAX_PIXELS, open_picture
from hornbook.errors import DataError


def corner() -> Image.Image:
    """Return 40 x 20 pixels, white, with a black square in the upper left corner."""
    picture = Image.new("RGB", (40, 20), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 9, 9), fill="black")
    return picture


def as_bytes(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def grey(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(picture.convert("L"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_each_format_is_read_whatever_the_extension(kind: str, tmp_path: Path) -> None:
    path = tmp_path / ("really_a_jpeg.png" if kind == "JPEG" else "a.jpg")
    path.write_bytes(as_bytes(corner(), kind))
    assert open_picture(str(path)).size == (40, 20)
    picture = open_picture(path)
    assert picture.mode in ("L", "RGB")
    assert picture.size == (40, 20)
    assert grey(picture)[4, 4] < 40
    assert grey(picture)[4, 30] > 215


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "I", "F", "I;16", "HSV", "LAB"]
)
def test_each_mode_becomes_grey_or_colour(mode: str) -> None:
    if mode == "I;16":
        source = Image.fromarray(grey(corner()).astype(np.uint16) * 257)
    elif mode in ("LAB", "HSV"):
        source = Image.new(mode, (40, 20))
    else:
        source = corner().convert(mode)
    picture = open_picture(source)
    assert picture.mode in ("L", "RGB")
    assert picture.size == (40, 20)
    if mode not in ("LAB", "HSV"):
        assert grey(picture)[4, 4] < 10
        assert grey(picture)[4, 30] > 245


def test_sixteen_bits_keep_their_levels() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    assert np.array_equal(np.asarray(open_picture(as_bytes(Image.fromarray(ramp)))).ravel(), np.arange(256))
    assert np.array_equal(np.asarray(open_picture(ramp)).ravel(), np.arange(256))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_it_is_upright(orientation: int, kind: str) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = corner().transpose(back[orientation]) if orientation in back else corner()
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(as_bytes(stored, kind, exif=exif))
    assert picture.size == (40, 20)
    assert grey(picture)[4, 4] < 60
    assert grey(picture)[15, 35] > 195


HEIC = (
    b"0000SW^{RQXk}?*00000ZE0pPXk}?*ZE0a<0004eZDn*}000000000XXk=`10000000000aA{+7000000000000000"
    b"00000B57=IV*mgE07O6l0RRC200001pa1~?00000002J#001LtX>Mi!000000RR916=`l}WdZ;I000310BCk&F#rGn"
    b"01j|zbZr0t000010002|X>f9I0002oX>en20001WXm(>m0RwOV0058x000009`FGC{rLC*01pFT0096PKmiN^|NjGU"
    b"00093kN^M!000939=ZZRVE_RDDMA4O18@KU0|1Z!00RI30{|YNAb|yz>aLpR;31&EfB*mtfB*mk0EA)y0RRR>0l{;@"
    b"i2wiq6Ju{|a&BX6cmM$a4FCp!0000KX>)L8000000000$0000$0000eV{Bn?0000e000010000K00001|NsB!00002"
    b"|NsBg000020000GaA|mH000000|*ER0000OX>e^}0000000001009Mo0s{qv0000-ZDe6|0000xC;_h-A)h2j_W`Rn"
    b";y>;EM*=JwC1nP&7p}~L9-)-z*i`8MJIttPXTJ$q|DX!eGS#D(hLeDoXS8$"
)
"""`corner` as a phone would have it."""


def test_a_heic_photo_is_read_with_its_plug_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(
        DataError, match=r'x is a HEIC photo: to have such read, pip install "hornbook\[heic\]"'
    ):
        open_picture(base64.b85decode(HEIC), name="x")
    monkeypatch.undo()
    pytest.importorskip("pi_heif")
    picture = open_picture(base64.b85decode(HEIC))
    assert picture.size == (40, 20)
    assert grey(picture)[4, 4] < 60 < 195 < grey(picture)[15, 35]
    with pytest.raises(DataError, match="damaged"):
        open_picture(base64.b85decode(HEIC)[:300])


def test_avif_is_read() -> None:
    for orientation in (1, 6):
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = corner() if orientation == 1 else corner().transpose(Image.Transpose.ROTATE_90)
        picture = open_picture(as_bytes(stored, "AVIF", exif=exif))
        assert picture.size == (40, 20)
        assert grey(picture)[4, 4] < 60 < 195 < grey(picture)[15, 35]


def test_damaged_exif_does_not_lose_the_picture() -> None:
    data = as_bytes(corner(), "JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 30)
    assert open_picture(data).size == (40, 20)


@pytest.mark.parametrize(
    ("ink", "ground"), [((0, 0, 0), 255), ((200, 30, 30), 255), ((255, 255, 255), 0), ((250, 240, 90), 0)]
)
def test_a_transparent_drawing_gets_a_ground_it_is_seen_on(ink: tuple[int, int, int], ground: int) -> None:
    drawing = Image.new("RGBA", (30, 30), (*ink, 0))
    ImageDraw.Draw(drawing).line((5, 5, 25, 25), fill=(*ink, 255), width=3)
    page = Image.new("RGBA", (30, 30), (240, 240, 240, 255))
    ImageDraw.Draw(page).rectangle((0, 0, 4, 4), fill=(0, 0, 0, 0))
    assert grey(open_picture(page))[1, 1] == 255  # holes in a page are of the page
    for source in (drawing, as_bytes(drawing), as_bytes(drawing, "WEBP", lossless=True), np.asarray(drawing)):
        assert grey(open_picture(source))[2, 28] == ground


@pytest.mark.parametrize("cover", [0.2, 0.45, 0.55, 0.9])
def test_the_ground_of_stickers_of_middle_grey_is_the_same(cover: float) -> None:
    side = int(30 * cover**0.5)
    for shade in range(70, 190, 5):
        sticker = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
        sticker.paste((shade, shade, shade, 255), (1, 1, 1 + side, 1 + side))
        assert grey(open_picture(sticker))[29, 29] == 255


def test_a_palette_with_transparency_is_composited() -> None:
    palette = Image.new("P", (10, 10), 0)
    palette.putpalette([255, 0, 255, 0, 0, 0] + [0] * 762)
    palette.paste(1, (4, 0, 6, 10))
    data = as_bytes(palette, "GIF", transparency=0)
    assert grey(open_picture(data))[0, 0] == 255
    assert grey(open_picture(data))[0, 5] == 0


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("L", (8, 8), level) for level in (0, 255)]
    for kind in ("GIF", "WEBP", "TIFF"):
        data = as_bytes(frames[0], kind, save_all=True, append_images=frames[1:])
        assert grey(open_picture(data)).max() < 5


def test_a_large_jpeg_may_be_read_smaller_but_not_too_small() -> None:
    data = as_bytes(Image.new("L", (1600, 1200), 90), "JPEG")
    assert open_picture(data).size == (1600, 1200)
    assert open_picture(data, at_least=300).size == (400, 300)
    assert open_picture(data, at_least=1000).size == (1600, 1200)


def test_a_strip_keeps_its_shorter_side() -> None:
    strip = Image.new("L", (1600, 100), 90)
    data = as_bytes(strip, "JPEG")
    assert open_picture(data, at_least=(200, 50)).size == (800, 50)
    assert open_picture(data, at_least=(200, 100)).size == (1600, 100)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = as_bytes(strip, "JPEG", exif=exif)
    assert open_picture(turned, at_least=(50, 200)).size == (50, 800)
    # What a file and what an open picture become is the same but for the rounding of JPEG.
    noise = np.random.default_rng(0).integers(0, 256, (40, 600), np.uint8)
    wide = as_bytes(Image.fromarray(noise).resize((6000, 400)), "JPEG", quality=95)
    column = ImageColumn(size=(128, 128), channels=1)
    apart = column.encode(wide).astype(int) - column.encode(Image.open(io.BytesIO(wide))).astype(int)
    assert np.abs(apart).mean() < 6


def test_the_callers_picture_stays_as_it_is() -> None:
    source = corner()
    picture = open_picture(source)
    picture.putpixel((0, 0), (9, 9, 9))
    assert source.getpixel((0, 0)) == (0, 0, 0)
    assert "stored" not in source.info


@pytest.mark.parametrize(
    "array",
    [
        np.full((5, 7), 255, np.uint8),
        np.full((5, 7, 1), 255, np.uint8),
        np.full((5, 7, 3), 255, np.uint8),
        np.full((5, 7, 4), 255, np.uint8),
        np.full((5, 7), 65535, np.uint16),
        np.ones((5, 7), np.bool_),
        np.ones((5, 7), np.float32),
        np.ones((5, 7, 3)),
        np.full((5, 7), 255, np.int64),
        np.full((7, 5), 255, np.uint8).T,
    ],
)
def test_arrays(array: NDArray[Any]) -> None:
    picture = open_picture(array)
    assert picture.size == (7, 5)
    assert grey(picture).min() == 255


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((5,), np.uint8), "shape (5,)"),
        (np.zeros((5, 5, 2), np.uint8), "shape (5, 5, 2)"),
        (np.zeros((3, 5, 7), np.uint8), "give array.transpose(1, 2, 0)"),
        (np.zeros((0, 5), np.uint8), "shape (0, 5)"),
        (np.zeros((2, 3, 5, 5), np.uint8), "shape (2, 3, 5, 5)"),
        (np.full((5, 5), 200.0), "from 0 to 1"),
        (np.full((5, 5), -0.5), "from 0 to 1"),
        (np.full((5, 5), np.nan), "nan"),
        (np.full((5, 5), 300), "from 0 to 255"),
        (np.full((5, 5), "x"), "<U1"),
        (np.full((5, 5), 1j), "complex128"),
    ],
)
def test_arrays_that_are_no_pictures(array: NDArray[Any], words: str) -> None:
    with pytest.raises(DataError) as error:
        open_picture(array, name="row 3")
    assert "row 3" in str(error.value)
    assert words in str(error.value)


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return the bytes of a PNG with this size in its header, and these chunks instead of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


TEXT_BOMB = (b"zTXt", b"k\0\0" + zlib.compress(bytes(200_000_000), 9))
NOISE = Image.effect_noise((64, 64), 90)
BROKEN: dict[str, tuple[bytes, str]] = {
    "empty.png": (b"", "is empty"),
    "zeros.jpg": (bytes(500), "only zero bytes"),
    "text.png": (b"this is no picture at all", "no picture"),
    "cut.png": (as_bytes(NOISE)[:900], "cut off"),
    "cut.jpg": (as_bytes(NOISE, "JPEG")[:900], "cut off"),
    "cut.gif": (as_bytes(NOISE, "GIF")[:900], "cut off"),
    "cut.bmp": (as_bytes(NOISE, "BMP")[:1500], "cut off"),
    "cut.webp": (as_bytes(NOISE, "WEBP")[:300], "damaged"),
    "cut.tif": (as_bytes(NOISE, "TIFF")[:50], ""),
    "magic_only.png": (b"\x89PNG\r\n\x1a\n", ""),
    "short.png": (b"\x89PNG\r\n\x1a\nxx", "is damaged or cut off"),
    "magic_only.jpg": (b"\xff\xd8\xff", ""),
    "magic_only.gif": (b"GIF89a", ""),
    "magic_only.webp": (b"RIFF\x10\0\0\0WEBP", ""),
    "magic_only.tif": (b"II*\0", ""),
    "magic_only.bmp": (b"BM", ""),
    "magic_only.ppm": (b"P6\n", ""),
    "huge.png": (png(60000, 60000), "60000 x 60000"),
    "huge.gif": (b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b",", ""),
    "huge.ppm": (b"P6 50000 50000 255\n" + bytes(100), "50000 x 50000"),
    "huge.bmp": (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 200, 0, 0, 54, 40, 40000, 40000, 1, 24, 0, 0, 0, 0, 0, 0),
        "",
    ),
    "huge.webp": (
        b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\x3f\0\xff\x3f\0" + bytes(9),
        "16384 x 16384",
    ),
    "text_bomb.png": (png(8, 8, TEXT_BOMB, (b"IDAT", zlib.compress(bytes(72)))), ""),
    "pixel_bomb.png": (png(30000, 30000, (b"IDAT", zlib.compress(bytes(1_000_000)))), "30000 x 30000"),
    "zero_wide.png": (png(0, 5), ""),
    "no_pixels.png": (png(5, 5), ""),
    "photo.heic": (b"\0\0\0\x18ftypheic\0\0\0\0", ""),
    "photo.avif": (b"\0\0\0\x18ftypavif\0\0\0\0", "cut off"),
    "old.tga": (b"\0\0\2" + bytes(9) + b"\4\0\4\0\x18\0", "TGA"),
    "page.pdf": (b"%PDF-1.7\n", "PDF"),
    "drawing.svg": (b'<?xml version="1.0"?>\n<svg xmlns="x"></svg>', "SVG"),
    "drawing.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
    "download.jpg": (b"<!DOCTYPE html><html>404</html>", "web page"),
    "pointer.png": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"),
    "all.zip": (b"PK\x03\x04" + bytes(30), "zip"),
    "icon.ico": (b"\0\0\1\0\1\0" + bytes(16), "icon"),
    "colour.tga": (b"\0\0\2" + bytes(9) + b"\6\0\6\0\x18\0" + bytes(108), "TGA"),
    "grey.tga": (b"\0\0\3" + bytes(9) + b"\6\0\6\0\x08\0" + bytes(36), "TGA"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_named_in_one_sentence(tmp_path: Path, name: str) -> None:
    data, words = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError) as error:
        open_picture(path)
    message = str(error.value)
    assert name in message
    assert words in message
    assert "\n" not in message
    with pytest.raises(DataError, match=r"row 7"):
        open_picture(data, name="row 7")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_cut_anywhere_or_with_flipped_bytes_it_is_a_picture_or_a_sentence(kind: str) -> None:
    random, data = np.random.default_rng(0), as_bytes(corner(), kind)
    hurt = [data[:length] for length in range(1, len(data), max(1, len(data) // 40))]
    for _ in range(60):
        flipped = np.frombuffer(data, np.uint8).copy()
        flipped[random.integers(0, len(data), 4)] = random.integers(0, 256, 4)
        hurt.append(flipped.tobytes())
    for one in hurt:
        try:
            open_picture(one, max_pixels=1_000_000)
        except DataError as error:
            assert "the picture" in str(error)


def test_the_limit_is_of_pixels() -> None:
    assert ImageColumn().max_pixels == MAX_PIXELS >= 8192 * 6144
    with pytest.raises(DataError, match="more than the 100"):
        ImageColumn(max_pixels=100).original(as_bytes(corner()), 560)
    assert open_picture(as_bytes(corner()), max_pixels=800).size == (40, 20)
    for source in (as_bytes(corner()), corner(), np.zeros((20, 40), np.uint8)):
        with pytest.raises(
            DataError, match=r"40 x 20 pixels, more than the 799 that are allowed: make it smaller$"
        ):
            open_picture(source, max_pixels=799)
        with pytest.raises(DataError, match=r"or allow more with --set inputs\.image\.max_pixels=800$"):
            ImageColumn(max_pixels=799).encode(source)


def refused(source: Any, said: str) -> None:
    """Check that a source is refused with these words."""
    with pytest.raises(DataError, match=said):
        open_picture(source)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    refused(tmp_path / "nothing.png", r"nothing\.png does not exist")
    refused(tmp_path, "is a folder")
    refused(tmp_path / ("x" * 300), r"x{40} cannot be read")
    refused("a\0b", r"a\\x00b")
    refused(7, "int")


@pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and permissions are of another kind there")
def test_links_pipes_and_permissions(tmp_path: Path) -> None:
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    refused(tmp_path / "loop.png", r"loop\.png is a link that leads back to itself")
    (tmp_path / "dangling.png").symlink_to(tmp_path / "gone.png")
    refused(tmp_path / "dangling.png", r"dangling\.png is a link to a file that does not exist")
    os.mkfifo(tmp_path / "pipe.png")
    refused(tmp_path / "pipe.png", r"pipe\.png is a device or a pipe")
    secret = tmp_path / "secret.png"
    secret.write_bytes(as_bytes(corner()))
    secret.chmod(0)
    if not os.access(secret, os.R_OK):  # not so for the superuser
        with pytest.raises(DataError, match=r"secret\.png may not be read"):
            open_picture(secret)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_cannot_be_printed_is_shown_all_the_same(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/bad\xff\nname.png"
    Path(os.fsdecode(path)).write_bytes(b"")
    with pytest.raises(DataError) as error:
        open_picture(os.fsdecode(path))
    assert "bad\\xff\\nname.png is empty" in str(error.value)
    str(error.value).encode("utf-8")


def test_a_link_is_not_fetched_and_says_so() -> None:
    with pytest.raises(
        DataError, match=r"0.jpg is an address on the web: fetch the picture, and give its file"
    ):
        open_picture("https://m.example.com/0.jpg")
