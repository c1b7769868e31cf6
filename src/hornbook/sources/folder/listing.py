"""A listing: the files of a folder or an archive, before anybody asks what they mean.

Readers of class folders, labels files and file names work on a listing, so that they all work inside archives
too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hornbook.common.endings import COLUMNS, begins_like_a_picture, begins_like_a_sound, ending, is_media
from hornbook.common.plaintext import listed
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.stores import Problem, Store

_JUNK = frozenset(["thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin"])
"""What systems put beside pictures without being asked, next to all that begins with a dot."""


_NOT_MEDIA = frozenset(
    ["csv", "tsv", "xlsx", "xls", "parquet", "json", "jsonl", "txt", "md", "rst", "yaml", "yml"]
) | (
    frozenset(
        [
            "toml",
            "ini",
            "cfg",
            "xml",
            "html",
            "htm",
            "pdf",
            "py",
            "ipynb",
            "sh",
            "log",
            "zip",
            "tar",
            "gz",
            "doc",
        ]
    )
)
"""Ends of the names of files that are no pictures whatever else they may be."""

_TABLES = frozenset(["csv", "tsv", "xlsx", "parquet", "jsonl"])


@dataclass
class Listing:
    """The files below one place.

    Attributes
    ----------
    origin
        The folder or archive, for people.
    store
        Loads a file by its name.
    read
        Returns the bytes of a file by its name, for labels files.
    files
        Names of all files, with ``/`` between their parts, in an order that is always the same.
    folders
        Names of all folders.
    problems
        What could not even be listed.
    closed
        Names of the folders among them, in which anything may be.
    """

    origin: str
    store: Store
    read: Callable[[str], bytes]
    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)

    def media(self, column: str | None = None) -> tuple[str, list[str], list[str]]:
        """Return the column's name, ``image`` or ``audio``, its files, and all others.

        Where no column is asked for, it is the one that more files are for. A file whose name has no ending is looked
        into.
        """
        raws = [name[name.rfind(".") :] for name in self.files]
        known = {raw: _kind(raw) for raw in set(raws)}
        kinds = [known[raw] for raw in raws]
        if None in known.values():
            for i, kind in enumerate(kinds):
                if kind is None:
                    kinds[i] = self._looked_into(self.files[i])
        column = column or ("audio" if kinds.count("audio") > kinds.count("image") else "image")
        if kinds.count(column) == len(kinds):
            return column, list(self.files), []
        chosen: list[str] = []
        others: list[str] = []
        for name, kind in zip(self.files, kinds, strict=True):
            (chosen if kind == column else others).append(name)
        return column, chosen, others

    def _looked_into(self, name: str) -> str:
        """Return the column for a file whose name does not say what it is, by how it begins."""
        head = self.head(name)
        return "image" if begins_like_a_picture(head) else "audio" if begins_like_a_sound(head) else ""

    def head(self, name: str) -> bytes:
        """Return the first 16 bytes of a file; none where it cannot be read."""
        try:
            value = self.store.load(name)
            if isinstance(value, str):
                with Path(value).open("rb") as file:
                    return file.read(16)
            return bytes(value[:16])
        except (OSError, ValueError, DataError):
            return b""

    def not_media(self, others: Iterable[str], column: str) -> list[Problem]:
        """Return a problem for each file that is no picture (or sound)."""
        what, other = ("picture", "sound") if column == "image" else ("sound", "picture")
        out = []
        for name in others:
            end = ending(name)
            if is_media(name):
                why = f"is a {other} among more {what}s, so it is left out; give a folder of one kind"
                out.append(Problem(shown(name), why))
                continue
            named = f"'.{shown(end)}' is not the ending of a {what} file" if end else "its name has no ending"
            hint = "" if end in _NOT_MEDIA else f"; rename it if it is a {what}"
            hint = "; to learn from a table, name the table itself" if end in _TABLES else hint
            out.append(Problem(shown(name), f"{named}, so it is left out{hint}"))
        told = {problem.name for problem in self.problems}
        return [problem for problem in out if problem.name not in told]

    def sounds_and_pictures(self) -> list[str]:
        """Return the names that end as those of pictures or sounds do."""
        return [name for name in self.files if is_media(name)]


def _kind(raw: str) -> str | None:
    """Return the column for the ending of a name, given from its last dot on; None where it is no ending."""
    if raw[:1] != "." or not (end := ending(raw)):
        return None
    return next((column for column, ends in COLUMNS.items() if end in ends), "")


def is_junk(name: str) -> bool:
    """Return whether a file or folder of this name is to be ignored without a word.

    >>> is_junk(".DS_Store"), is_junk("Thumbs.db"), is_junk("cat")
    (True, True, False)
    """
    return name[:1] == "." or name.lower() in _JUNK


def may_hold_junk(names: Iterable[str]) -> bool:
    """Return whether one of the names may be junk. All are looked at together, in a fifth of the time.

    >>> may_hold_junk(["1.png", "2.png"]), may_hold_junk(["1.png", "Thumbs.db"])
    (False, True)
    """
    together = "\n".join(["", *names, ""]).lower()
    return "\n." in together or any(f"\n{name}\n" in together for name in _JUNK)


def without_label(
    listing: Listing, rest: Iterable[str], labelled: Iterable[str], named: str
) -> list[Problem]:
    """Return the problems of pictures or sounds that a table does not name: one for a folder of which it names none."""
    seen = {name.rpartition("/")[0] for name in labelled}
    folders: dict[str, list[str]] = {}
    for name in sorted(rest):
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    out = []
    for folder, names in folders.items():
        if folder in seen or len(names) == 1:
            out += [Problem(shown(name), f"is not in {named}, so it has no label") for name in names]
        else:
            said = f"its {len(names):,} files are not in {named}, so they have no label"
            out.append(Problem(shown(folder) or listing.origin, said))
    return out


def nothing_to_read(listing: Listing) -> DataError:
    """Return the error for a place with no picture in it."""
    if listing.files:
        what = f"none of its files is a picture or a sound ({listed(listing.files)})"
    elif listing.problems:
        what = f"none of its files can be used (the first: {listing.problems[0]})"
    else:
        what = "it is empty"
    return DataError(
        f"{listing.origin}: there is nothing to learn from, {what}: give a folder with a sub-folder "
        "of pictures (or sounds) for each class"
    )
