"""A font that has the characters of all words: the one that is given, the library's own, or one of the system."""

from __future__ import annotations

import io
import os
import struct
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from hornbook.common.plaintext import clean, number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

__all__ = ["find_font", "folders", "lacking", "letters_of"]

ENDINGS = (".ttf", ".ttc", ".otf", ".otc")

LIKED = (
    "notosanscjk",
    "sourcehansans",
    "notosanssc",
    "pingfang",
    "msyh",
    "wqy-microhei",
    "wqy",
    "simhei",
    "fallback",
)
"""Parts of names of fonts for Chinese, those that are best to read first."""

OTHERWISE = ("bold", "italic", "oblique", "mono", "light", "thin", "black", "emoji", "symbol")
"""Parts of names of fonts that are taken last."""

MOST = 600
"""Fonts that are looked into."""

NAMED = 8
"""Characters that are named where a font has not got them."""


def folders() -> list[Path]:
    """Return where this system keeps its fonts."""
    home = Path.home()
    if sys.platform == "win32":
        return [
            Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
            home / "AppData/Local/Microsoft/Windows/Fonts",
        ]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
    ]


def find_font(characters: Collection[str], given: str | None = None) -> Path:
    """Return the file of a font that has all characters.

    Parameters
    ----------
    characters
        Those of the words that are drawn.
    given
        A file that was asked for.

    Raises
    ------
    DataError
        The file is no font, or lacks characters; or no font of the system has them, which is found before anything is
        drawn, and not as boxes in a picture.
    """
    wanted = {c for c in characters if not c.isspace()}
    if given is not None:
        path = Path(given)
        missing = lacking(path, wanted)
        if missing:
            raise DataError(f"the font {shown(path)} has no {_named(missing)}: give another one with --font")
        return path
    from wordcloud.wordcloud import FONT_PATH

    own = Path(FONT_PATH)
    if not (missing := lacking(own, wanted)):
        return own
    for path in _of_the_system():
        try:
            if not lacking(path, wanted):
                return path
        except DataError:
            continue
    raise DataError(
        f"no font of this system has {_named(missing)}: install one (Debian and Ubuntu: apt install fonts-noto-cjk; "
        "Fedora: dnf install google-noto-sans-cjk-fonts; else fonts.google.com/noto), or name its file with --font"
    )


def lacking(path: Path, characters: Collection[str]) -> list[str]:
    """Return the characters that a font has not got, in their order; DataError where the file is no font."""
    known = _characters(path)
    return sorted(c for c in characters if ord(c) not in known)


def _characters(path: Path) -> Collection[int]:
    from fontTools.ttLib import TTFont, TTLibError
    from PIL import ImageFont

    try:
        ImageFont.truetype(str(path), 12)  # what draws must be able to read it as well
        with TTFont(path, fontNumber=0, lazy=True) as font:
            return dict(font.getBestCmap() or {})
    except (OSError, ValueError, KeyError, AssertionError, struct.error, TTLibError):
        raise DataError(
            f"{shown(path)} is no font that can be read: give a TrueType or OpenType file (.ttf, .ttc, .otf)"
        ) from None


def letters_of(path: Path, characters: str) -> bytes:
    """Return a font of these characters alone, as WOFF; the same ones give the same bytes."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(hinting=False, drop_tables=[*Options().drop_tables, "FFTM", "GSUB", "GPOS", "GDEF"])
    out = io.BytesIO()
    with TTFont(path, fontNumber=0, lazy=True, recalcTimestamp=False) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(out)
    return out.getvalue()


def _of_the_system() -> Iterator[Path]:
    """Yield the fonts of this system, those first that are likely to have Chinese and are plain."""
    found = [f for folder in folders() for f in _files(folder)]

    def rank(path: Path) -> tuple[int, int, str]:
        name = path.name.lower().replace(" ", "")
        liked = next((i for i, part in enumerate(LIKED) if part in name), len(LIKED))
        return sum(part in name for part in OTHERWISE), liked, str(path)

    yield from sorted(found, key=rank)[:MOST]


def _files(folder: Path) -> list[Path]:
    try:
        return [f for f in folder.rglob("*") if f.suffix.lower() in ENDINGS and f.is_file()]
    except OSError:
        return []


def _named(missing: list[str]) -> str:
    """Return characters that are missing, as the middle of a sentence."""
    said = clean("".join(missing[:NAMED]))
    more = len(missing) - NAMED
    return f"{said!r}" + (f" and {number_of(more, 'other character')} of the words" if more > 0 else "")
