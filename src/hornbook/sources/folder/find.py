r"""Which file a path in a table or a labels file means: as it is written, or the one whose end it is.

Such paths are written for another folder (``labels.csv`` beside ``images/`` has ``0.png``), on another machine
(``C:\Users\me\data\images\a.png``), in other letters (``images/0.PNG``), or without an ending (``Leaf_0``).
"""

from __future__ import annotations

import functools
import os
import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hornbook.common.endings import is_media
from hornbook.common.safe_names import to_table
from hornbook.examples.stores import Store
from hornbook.sources.folder.listing import is_junk
from hornbook.sources.folder.roles import are_stores, split_of

MOST = 100_000
"""Files of a folder that are looked through for those that a table beside them means."""


def find_file(given: str, prefix: str, exists: Callable[[str], bool], store: Store) -> str | None:
    """Return the name of the file that a path in a labels file or a table means, None where it is not there.

    A path is absolute, or relative to the folder of that file, ``prefix``, which has a ``/`` at its end where it is not
    empty. ``exists`` says whether the store has a file of a name.
    """
    path = to_table(given.strip())
    name = prefix + path
    absolute = os.path.isabs(path)  # noqa: PTH117
    if not absolute and "./" not in name and "//" not in name and exists(name):
        return name  # nearly all
    root = store.folder()
    if absolute and root is not None:
        whole = posixpath.normpath(path.replace("\\", "/"))
        for place in _written(root):
            if whole.startswith(place) and exists(whole[len(place) :]):
                return whole[len(place) :]
    for written in (name, name.replace("\\", "/")):
        tidy = posixpath.normpath(written)
        # Of a folder that is a link the one above is another than it seems.
        for found in (written, tidy) if ".." in written else (tidy, written):
            if exists(found):
                return found
    if name.isascii():
        return None
    # An archive or a folder from a Mac has its accents apart from their letters, and who types has not.
    forms = (
        unicodedata.normalize(form, posixpath.normpath(name.replace("\\", "/"))) for form in ("NFC", "NFD")
    )
    return next((found for found in forms if exists(found)), None)


@functools.lru_cache(maxsize=16)
def _written(root: Path) -> tuple[str, ...]:
    """Return how absolute paths of files below a folder begin."""
    places = (os.path.abspath(root), os.path.realpath(root))  # noqa: PTH100
    return tuple(dict.fromkeys(to_table(place).replace("\\", "/").rstrip("/") + "/" for place in places))


@dataclass(frozen=True)
class Found:
    """What the paths of a column mean.

    Attributes
    ----------
    names
        The file of each, None where there is none.
    note
        Where files were found by the ends of their paths, the first as an example.
    """

    names: list[str | None]
    note: str = ""


class Files:
    """The files that paths in a table or a labels file may mean.

    Parameters
    ----------
    store
        What loads them.
    exists
        Says whether the store has a file of a name.
    listed
        Returns the names of all pictures and sounds; asked for only where a path is not as it is written, and told
        whether it is sure that the paths name such.
    template
        How the name of a file is made of the columns, ``images/{id}.png``, or the folder that names are relative to.
    """

    def __init__(
        self,
        store: Store,
        exists: Callable[[str], bool],
        listed: Callable[[bool], Iterable[str]] = lambda sure: (),
        template: str | None = None,
    ) -> None:
        self.store = store
        self.exists = exists
        self.template = template
        self._listed = functools.cache(listed)
        self._known: tuple[Iterable[str], dict[str, list[_Candidate]]] = (), {}

    def direct(self, given: str, prefix: str) -> str | None:
        """Return the file of a path as it is written."""
        return find_file(given, prefix, self.exists, self.store)

    def near(self) -> bool:
        """Return whether pictures or sounds lie where a table's files usually do."""
        return self._look(sure=False)

    def column(self, given: Sequence[str | None], prefix: str, split: str | None = None) -> Found:
        """Return the files of many paths: as they are written, else in other letters, else by the ends of most.

        Paths are taken for the ends only where fewer than half are as they are written. Folders in which they differ
        must then be there; those that all have in common need not. Where several files are left, it is the one
        with the longest end in common, in the table's own folder, or in a folder of the table's ``split``.
        """
        found = self._as_written(given, prefix)
        left = [i for i, name in enumerate(found) if name is None and given[i] is not None]
        if not left or not self._look(any(is_media(str(given[i])) for i in left)):
            return Found(found)
        parts = {i: _parts(str(given[i])) for i in left}
        for i in left:
            same = [c for c in self._candidates(parts[i][-1:]) if c.path(prefix) == parts[i]]
            found[i] = same[0].name if len(same) == 1 else None
        if 2 * sum(name is not None for name in found) >= len(given):
            return Found(found)
        common = _in_common([_parts(path) for path in given if path is not None])
        note = ""
        for i in left:
            if found[i] is None and (name := self._by_end(parts[i], common, prefix, split)) is not None:
                found[i] = name
                if not note and prefix + str(given[i]) != posixpath.splitext(name)[0]:
                    note = f"{given[i]!r} is {name!r}"
        return Found(found, note)

    def _as_written(self, given: Sequence[str | None], prefix: str) -> list[str | None]:
        """Return the files of paths as they are written; where all are plain ones, in half the time of one by one."""
        together = "\n" + "\n".join(path or "" for path in given)
        odd = ("\n/", "//", "./", "\n ", " \n", "\\", ":", "\t", "\r")
        if not together.isascii() or any(mark in together for mark in odd) or together.endswith(" "):
            return [None if path is None else self.direct(path, prefix) for path in given]
        exists = self.exists
        return [prefix + path if path and exists(prefix + path) else None for path in given]

    def _by_end(self, path: list[str], common: int, prefix: str, split: str | None) -> str | None:
        """Return the one file that has the end of a path, beginning after its folders that all paths have in common."""
        end = path[common:]
        said = _split_in(path[:-1])
        left = [c for c in self._candidates(end) if said is None or _split_in(c.folders) in (None, said)]
        for better in (
            lambda c: _alike(c.path(), path),
            lambda c: c.name.startswith(prefix),
            lambda c: split is not None and _split_in(c.folders) == split,
        ):
            best = max(map(better, left), default=0)
            left = [c for c in left if better(c) == best]
        return left[0].name if len(left) == 1 else None

    def _candidates(self, end: list[str]) -> list[_Candidate]:
        """Return the files whose path has an end, with or without the ending of its name."""
        known = self._known[1]
        found = known.get(end[-1], []) if end else []
        if not found and end and end[-1].isdecimal():
            found = known.get(_number(end[-1]), [])  # 7 for 0007.png
        inner = end[:-1]
        return [c for c in found if not inner or c.folders[-len(inner) :] == inner]

    def _look(self, sure: bool) -> bool:
        """Know pictures and sounds by their names, with and without endings; return whether there are any."""
        names = self._listed(sure)
        if names is not self._known[0]:
            ends: dict[str, list[_Candidate]] = {}
            for name in names:
                *folders, last = _parts(name)
                stem = last.rpartition(".")[0]
                for key in {last, stem, _number(stem) if stem.isdecimal() else ""} - {""}:
                    ends.setdefault(key, []).append(_Candidate(name, folders, key))
            self._known = names, ends
        return bool(self._known[1])


@dataclass(frozen=True)
class _Candidate:
    """A file, its folders in lower case, and its name or its name without an ending."""

    name: str
    folders: list[str]
    key: str

    def path(self, prefix: str = "") -> list[str]:
        """Return folders and name, relative to a folder where the file lies in it."""
        whole = [*self.folders, self.key]
        above = _parts(prefix)
        return whole[len(above) :] if above and whole[: len(above)] == above else whole


def _number(digits: str) -> str:
    """Return what a number is known by, however many zeros are before it."""
    return f"#{int(digits)}"


def _parts(path: str) -> list[str]:
    r"""Return folders and name in lower case, whatever system the path is of.

    >>> _parts("C:\\Users\\me\\a.PNG"), _parts("./img//0.png")
    (['c:', 'users', 'me', 'a.png'], ['img', '0.png'])
    """
    text = unicodedata.normalize("NFC", path.strip()).casefold().replace("\\", "/")
    return [part for part in text.split("/") if part not in ("", ".")]


def _in_common(paths: Sequence[list[str]]) -> int:
    """Return how many folders at the beginning all paths have in common."""
    common = 0
    for names in zip(*(path[:-1] for path in paths), strict=False):
        if any(name != names[0] for name in names):
            break
        common += 1
    return common


def _alike(one: list[str], other: list[str]) -> int:
    """Return how many folders and names two paths have in common at their ends."""
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        count += 1
    return count


def _split_in(folders: Iterable[str]) -> str | None:
    return next((split for folder in folders if (split := split_of(folder)) is not None), None)


def media_below(folder: Path, sure: bool) -> list[str]:
    """Return the pictures and sounds that may belong to a table in a folder, as names relative to that.

    They are below it. Where it is ``sure`` that the table names files, they may as well be in a folder beside that one
    which is called like a store: ``../audio/fold1/1.wav``; else nothing is gone through where the folder has neither
    pictures nor stores.
    """
    try:
        entries = sorted(folder.iterdir())
        if not sure and not any(is_media(e.name) or (are_stores([e.name]) and e.is_dir()) for e in entries):
            return []
        found = _walk(folder, "", MOST)
        if sure and not found:
            root = folder.resolve()
            for beside in sorted(root.parent.iterdir()):
                if are_stores([beside.name]) and beside != root and beside.is_dir():
                    found += _walk(root, f"../{beside.name}", MOST)
    except OSError:
        return []
    return found


def _walk(root: Path, start: str, most: int) -> list[str]:
    """Return the pictures and sounds below a folder; none where there are more than so many files."""
    found: list[str] = []
    seen, stack = 0, [start]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    seen += 1
                    name = f"{folder}/{entry.name}" if folder else entry.name
                    if is_junk(entry.name) or seen > most:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(name)
                    elif is_media(entry.name):
                        found.append(to_table(name))
        except OSError:
            continue
        if seen > most:
            return []
    return sorted(found)
