"""What a file is, by the end of its name or by its first bytes."""

from __future__ import annotations

PICTURES = frozenset(
    ["png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "tif", "tiff", "webp", "tga", "ico"]
) | frozenset(["ppm", "pgm", "pbm", "pnm", "pfm", "jp2", "j2k", "avif", "heic", "heif"])
"""Ends of the names of picture files, in lower case; the ``image`` column tells which of them it can open."""

SOUNDS = frozenset(
    ["wav", "wave", "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "au", "wma", "amr"]
)
"""Ends of the names of sound files, in lower case; the ``audio`` column tells which of them it can open."""

FILMS = frozenset(["mp4", "avi", "mov", "webm", "mkv", "m4v", "mpg", "mpeg", "wmv"])
"""Ends of the names of films, in lower case."""

COLUMNS = {"image": PICTURES, "audio": SOUNDS}
"""The name of the column for each kind of file."""

_MAGIC = (
    *(b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP  "),
    *(b"P%d\n" % i for i in range(1, 7)),
)
"""First bytes of PNG, JPEG, GIF, TIFF, JPEG 2000 and Netpbm."""


def ending(name: str) -> str:
    """Return what comes after the last dot of a name, in lower case; empty where there is none.

    >>> ending("cat/IMG_1.JPG"), ending("v1.2/photo")
    ('jpg', '')
    """
    end = name.rpartition(".")[2]
    return "" if len(end) == len(name) or "/" in end else end.lower()


def is_picture(name: str) -> bool:
    """Return whether a name ends as picture files do."""
    return ending(name) in PICTURES


def is_sound(name: str) -> bool:
    """Return whether a name ends as sound files do."""
    return ending(name) in SOUNDS


def is_film(name: str) -> bool:
    """Return whether a name ends as films do."""
    return ending(name) in FILMS


def is_media(name: str) -> bool:
    """Return whether a name ends as pictures or sounds do."""
    return is_picture(name) or is_sound(name)


def begins_like_a_sound(head: bytes) -> bool:
    """Return whether the first bytes (16 are enough) are those of a sound, whatever its name says."""
    # "ID3" and "BM" may as well begin a text: the version of the one and the sizes in the other are no letters.
    tagged = head[:3] == b"ID3" and head[3:4] < b" "
    return tagged or head.startswith((b"fLaC", b"OggS")) or (head[:4] == b"RIFF" and head[8:12] == b"WAVE")


def begins_like_a_picture(head: bytes) -> bool:
    """Return whether the first bytes (16 are enough) are those of a picture, whatever its name says."""
    bitmap = head[:2] == b"BM" and b"\0\0" in head
    boxed = head[4:8] == b"ftyp" and head[8:11] in (b"avi", b"hei", b"hev", b"mif", b"msf")
    return bitmap or boxed or head.startswith(_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
