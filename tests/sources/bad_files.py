"""A folder of pictures with every kind of broken file in it, and sources that are broken as a whole.

``bad_folder`` makes the first, ``BAD_SOURCES`` the second. The test of them is ``test_bad_files.py``; a person can make
them too, to look at what the commands say:

    python -m tests.sources.bad_files /tmp/bad
"""

import io
import os
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.sources.make import member, picture, pictures, tarred, tree, zipped


def png(
    width: int, height: int, rows: bytes, *, bits: int = 8, colour: int = 0, spoil: bool = False
) -> bytes:
    """Return a PNG file with any header and any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data) ^ (1 if spoil else 0)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _large(ending: str) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    Image.fromarray(noise).save(out, {"jpg": "jpeg", "tif": "tiff"}.get(ending, ending))
    return out.getvalue()


def _half(ending: str) -> bytes:
    data = _large(ending)
    return data[: len(data) // 2]


def _endless_tiff() -> bytes:
    """Return a TIFF whose directory says that the next one is itself."""
    entries = struct.pack("<HHII", 256, 3, 1, 4) + struct.pack("<HHII", 257, 3, 1, 4)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + entries + struct.pack("<I", 8)


BAD_PICTURES: dict[str, bytes] = {
    "empty.png": b"",
    "one_byte.jpg": b"\xff",
    "truncated.png": _half("png"),
    "truncated.jpg": _half("jpg"),
    "truncated.gif": _half("gif"),
    "truncated.bmp": _half("bmp"),
    "truncated.webp": _half("webp"),
    "truncated.tif": _half("tif"),
    "only_header.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
    "only_magic.png": b"\x89PNG\r\n\x1a\n",
    "text.png": b"this is no picture\n" * 20,
    "page.jpg": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "zeros.png": bytes(5000),
    "noise.jpg": np.random.default_rng(1).bytes(5000),
    "noise.ico": np.random.default_rng(2).bytes(5000),
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "paper.png": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
    "program.jpg": b"\x7fELF" + bytes(200),
    "pickle.png": b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05posix\x94.",
    "huge.png": png(60000, 60000, zlib.compress(b"")),
    "bomb.png": png(50000, 50000, zlib.compress(bytes(2_000_000)), bits=1),
    "no_width.png": png(0, 5, zlib.compress(b"")),
    "bad_checksum.png": png(6, 6, zlib.compress(bytes(42)), spoil=True),
    "bad_data.png": png(6, 6, b"no deflate at all"),
    "too_little.png": png(600, 600, zlib.compress(bytes(42))),
    "huge.ppm": b"P6 99999 99999 255\n" + bytes(30),
    "none.ppm": b"P6 0 0 255\n",
    "lies.ppm": b"P5 100 100 255\n\0\0",
    "huge.gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\0;",
    "huge.bmp": b"BM"
    + struct.pack("<IHHIIiiHHIIiiII", 100, 0, 0, 54, 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0),
    "endless.tif": _endless_tiff(),
    "new\nline.png": b"no picture",
}
"""Files that end like pictures and cannot be decoded."""

NOT_PICTURES: dict[str, bytes] = {
    "notes.txt": b"bought 40 pictures",
    "film.mp4": b"\0\0\0\x18ftypmp42",
    "table.xlsx": b"PK\x03\x04",
    "inside.zip": b"PK\x05\x06" + bytes(18),
    "letter.docx": b"PK\x03\x04",
    "no_ending": b"what am I",
    "photo.jpg.part": b"\xff\xd8\xff",
}
"""Files that do not end like pictures."""

GOOD: dict[str, bytes] = {
    "plain.png": picture(1),
    "a png called.jpg": picture(2),
    "a jpeg called.png": picture(3, "jpg"),
    "IMG 1 (copy).PNG": picture(4),
    "无.png": picture(5),
    "no_ending_but_a_picture": picture(6),
    "fine.jpg": _large("jpg"),
}
"""Files that look wrong, or not, and are fine."""


def bad_folder(root: Path) -> dict[str, str]:
    """Make class folders with everything in them; return how a problem names each that cannot be used."""
    bad = {f"cat/{name}": data for name, data in {**BAD_PICTURES, **NOT_PICTURES}.items()}
    if sys.platform == "win32":
        del bad["cat/new\nline.png"]
    tree(root, {**bad, **{f"dog/{name}": data for name, data in GOOD.items()}, "stray.png": picture(9)})
    said = {name: name.replace("\n", "\\n") for name in [*bad, "stray.png"]}
    (root / "empty class").mkdir()
    said["empty class"] = "empty class"
    said.update(_of_this_system(root))
    return said


def _of_this_system(root: Path) -> dict[str, str]:
    """Make what only some systems can: links, pipes, names that are not UTF-8, files without rights."""
    said = {}
    if sys.platform != "win32":
        (root / "cat" / "loop").symlink_to(root, target_is_directory=True)
        (root / "cat" / "self.png").symlink_to(root / "cat" / "self.png")
        (root / "cat" / "gone.png").symlink_to(root / "nowhere.png")
        os.mkfifo(root / "cat" / "pipe.png")
        said = {f"cat/{name}": f"cat/{name}" for name in ("loop", "self.png", "gone.png", "pipe.png")}
        locked = root / "cat" / "locked.png"
        locked.write_bytes(picture(8))
        locked.chmod(0)
        if not os.access(locked, os.R_OK):
            said["cat/locked.png"] = "cat/locked.png"
    if sys.platform == "linux":
        (root / "cat" / os.fsdecode(b"caf\xe9.png")).write_bytes(b"no picture")
        said["bad bytes"] = "cat/caf\\xe9.png"
    return said


def _bad_zip(path: Path, change: Callable[[bytearray, list[int]], None]) -> Path:
    """Make a zip archive and change the bytes of its list of files."""
    zipped(path, {"cat/1.png": picture(1), "dog/2.png": picture(2)})
    data = bytearray(path.read_bytes())
    change(data, [i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"])
    path.write_bytes(data)
    return path


def _encrypt(data: bytearray, places: list[int]) -> None:
    for place in places:
        data[place + 8] |= 1


def _overlap(data: bytearray, places: list[int]) -> None:
    data[places[1] + 42 : places[1] + 46] = data[places[0] + 42 : places[0] + 46]


def _method(data: bytearray, places: list[int]) -> None:
    for place in places:
        data[place + 10] = 99


def _cut(path: Path, share: float = 0.6) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path


def _file(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _with(root: Path, name: str, data: bytes) -> Path:
    """Make a folder of two pictures with one file beside them."""
    return tree(root, {**pictures(["a.png", "b.png"]), name: data})


def _unequal(path: Path) -> Path:
    np.savez(path, image=np.zeros((3, 2, 2)), label=np.array([1, 2]))
    return path


def empty(path: Path) -> Path:
    """Make a folder with nothing in it."""
    path.mkdir()
    return path


_MANY = {f"cat/{i}.png": picture(i) * 40 for i in range(20)}
_HOSTILE = ["../../up.png", "/etc/passwd.png", "C:\\windows\\x.png"]
_LINKS = [member("a.png", kind=tarfile.SYMTYPE, link="/etc/passwd"), member("b.png", kind=tarfile.CHRTYPE)]

BAD_SOURCES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "an empty folder": (lambda p: empty(p / "d"), "it is empty"),
    "a folder of texts": (lambda p: tree(p / "d", {"cat/a.txt": b"x"}), "none of its files is a picture"),
    "no class folders": (lambda p: tree(p / "d", pictures(["a.png"])), "sub-folder with its name"),
    "no such folder": (lambda p: p / "nothing here", "there is no such file or folder"),
    "a name too long": (lambda p: p / ("x" * 5000), "there is no such file or folder"),
    "a zero byte in the name": (lambda p: p / "a\0b", "there is no such file or folder"),
    "one picture": (lambda p: _file(p / "a.png", picture(1)), "is one picture"),
    "an empty file": (lambda p: _file(p / "a.zip", b""), "the file is empty"),
    "a spreadsheet": (lambda p: _file(p / "a.xlsx", b"PK\3\4"), "is a spreadsheet"),
    "a pickle": (lambda p: _file(p / "a.pkl", b"\x80\x04."), "is a pickle"),
    "zip: text": (lambda p: _file(p / "a.zip", b"not a zip" * 99), "archive is damaged"),
    "zip: encrypted": (lambda p: _bad_zip(p / "a.zip", _encrypt), "is encrypted"),
    "zip: overlapping": (lambda p: _bad_zip(p / "a.zip", _overlap), "as in a bomb"),
    "zip: unknown method": (
        lambda p: _bad_zip(p / "a.zip", _method),
        "packed with method 99|nothing to learn",
    ),
    "zip: nothing in it": (lambda p: zipped(p / "a.zip", {}), "no file in the archive"),
    "zip: hostile names": (lambda p: zipped(p / "a.zip", pictures(_HOSTILE)), "nothing to learn from"),
    "tar: text": (lambda p: _file(p / "a.tar", b"not a tar" * 99), "archive is damaged"),
    "tar.gz: noise": (lambda p: _file(p / "a.tar.gz", b"\x1f\x8b" + bytes(99)), "archive is damaged"),
    "tar: only links": (lambda p: tarred(p / "a.tar", _LINKS), "nothing to learn from"),
    "tar.zst": (lambda p: _file(p / "a.tar.zst", b"\x28\xb5\x2f\xfd" + bytes(99)), "packed with zstd"),
    "labels: missing files": (lambda p: _with(p / "d", "labels.txt", b"x.png cat\n"), "no line has a file"),
    "labels: no label": (lambda p: _with(p / "d", "labels.txt", b"a.png\n"), "no line has a file"),
    "csv: ragged": (lambda p: _with(p / "d", "labels.csv", b"f,l\na.png,x\nb.png\n"), "line 3: has 1 value"),
    "csv: missing files": (lambda p: _with(p / "d", "labels.csv", b"f,l\nx.png,1\n"), "none of the files"),
    "npz: cut": (lambda p: _cut(_unequal(p / "a.npz")), "archive is damaged"),
}
"""Sources that cannot be read at all, besides those in the tests of each reader: how to make each in an empty folder,
and what the sentence must say."""

if __name__ == "__main__":
    place = Path(sys.argv[1])
    bad_folder(place / "folder")
    for number, (make, _) in enumerate(BAD_SOURCES.values()):
        below = place / f"source{number:02d}"
        below.mkdir(parents=True)
        make(below)
    zipfile.ZipFile(place / "empty.zip", "w").close()
