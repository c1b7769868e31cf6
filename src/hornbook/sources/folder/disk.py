"""Listing a folder on disk: 60,000 files in about 0.1 s, with one `os.scandir` for each folder.

Links are followed, and a folder that was read already is not read again, so a loop of links ends.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from operator import methodcaller
from pathlib import Path

from hornbook.common.files import reason
from hornbook.common.safe_names import shown, to_file, to_table
from hornbook.errors import DataError
from hornbook.examples.stores import FolderStore, Problem
from hornbook.sources.folder.listing import Listing, is_junk, may_hold_junk

LOOKED = ("look.png", "look.html", "augmented.png")
"""The files that ``look`` writes."""

LARGEST_TEXT = 200 << 20
"""Bytes of a labels file that are read at most."""

LARGEST_TABLE = 8 << 30
"""Bytes of a table that are read at most."""


def list_folder(root: Path) -> Listing:
    """Return the listing of all files below a folder, however deep.

    Raises
    ------
    DataError
        The folder itself cannot be read. Folders and files below it that cannot be are problems of the
        listing.
    """
    store = FolderStore(root)
    listing = Listing(shown(root), store, lambda name: read_bytes(Path(store.load(name))))
    seen: set[tuple[int, int]] = set()
    links: list[str] = []
    ours = _walk(root, "", listing, seen, links)
    while links:  # links after all real folders, so that a picture has the name of the folder it lies in
        ours += _walk(root, links.pop(0), listing, seen, links)
    for folder in ours:  # nor is what holds nothing else a folder of theirs
        while folder := folder.rpartition("/")[0]:
            if any(name.startswith(f"{folder}/") for name in (*listing.files, *listing.folders)):
                break
            if folder in listing.folders:
                listing.folders.remove(folder)
    listing.files.sort()
    listing.folders.sort()
    listing.problems.sort(key=lambda problem: problem.name)
    return listing


def _walk(
    root: Path, start: str, listing: Listing, seen: set[tuple[int, int]], links: list[str]
) -> list[str]:
    """Go through a folder and all below it; return the folders that hornbook wrote, which are left out."""
    stack, ours = [start], []
    while stack:
        folder = stack.pop()
        path = f"{root}/{to_file(folder)}"
        try:
            status = os.stat(path)  # noqa: PTH116
            if (status.st_dev, status.st_ino) in seen:
                message = (
                    "is a link to a folder that was read already, so it is not followed; remove the link"
                )
                listing.problems.append(Problem(shown(folder), message))
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(path) as entries:
                found = list(entries)
            names = [entry.name for entry in found]
            if not folder and _is_a_run(set(names)):
                raise DataError(
                    f"{shown(root)}: is the folder of a run, and no examples: name these, or to train as it did, "
                    f"{shown(root)}/recipe.toml"
                )
            if folder and _is_ours(set(names)):
                ours.append(folder)
                continue
            if folder:
                listing.folders.append(folder)
            prefix = f"{folder}/" if folder else ""
            if _plain(found, names):
                listing.files += [prefix + name for name in names]
            else:
                _sort_entries(found, prefix, listing, stack, links)
        except OSError as error:
            if not folder:
                raise DataError(
                    f"{shown(root)}: the folder cannot be read ({reason(error)}): check its name and rights"
                ) from error
            listing.closed.add(shown(folder))
            listing.problems.append(
                Problem(shown(folder), f"the folder cannot be read ({reason(error)}); check its rights")
            )
    return ours


def _is_ours(names: set[str]) -> bool:
    """Return whether a folder with these files in it is one that hornbook wrote: a run, or what ``look`` made.

    The pictures there are of the data, and would be learned as one more class.
    """
    return _is_a_run(names) or (not names.isdisjoint(LOOKED[:2]) and names.issubset(LOOKED))


def _is_a_run(names: set[str]) -> bool:
    return "recipe.toml" in names and not names.isdisjoint(("recognizer.onnx", ".lock", "history.csv"))


def _plain(entries: Iterable[os.DirEntry[str]], names: list[str]) -> bool:
    """Return whether all entries are files with plain names, which stand in the table as they are."""
    if not "".join(names).isascii() or may_hold_junk(names):
        return False
    return all(map(methodcaller("is_file", follow_symlinks=False), entries))


def _sort_entries(
    entries: Iterable[os.DirEntry[str]], prefix: str, listing: Listing, stack: list[str], links: list[str]
) -> None:
    """Put each entry of one folder where it belongs."""
    files = listing.files
    for entry in entries:
        name = entry.name
        if is_junk(name):
            continue
        name = prefix + (name if name.isascii() else to_table(name))
        if entry.is_file(follow_symlinks=False):
            files.append(name)
        elif entry.is_dir(follow_symlinks=False):
            stack.append(name)
        elif not entry.is_symlink():
            message = "is neither a file nor a folder (a pipe, socket or device), so it is left out"
            listing.problems.append(Problem(shown(name), message))
        elif (kind := _leads_to(entry)) is None:
            message = "is a link that leads to no file, so it is left out; mend or remove it"
            listing.problems.append(Problem(shown(name), message))
        else:
            (links if kind == "folder" else files).append(name)


def _leads_to(link: os.DirEntry[str]) -> str | None:
    """Return whether a link leads to a ``file`` or a ``folder``; None where it leads nowhere."""
    try:
        return "folder" if link.is_dir() else "file" if link.is_file() else None
    except OSError:
        return None


def read_bytes(path: Path, largest: int = LARGEST_TEXT) -> bytes:
    """Return the bytes of a text file.

    Raises
    ------
    DataError
        It cannot be read, is no regular file, or has more than ``largest`` bytes.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DataError(f"{shown(path)}: is not a file")
        if status.st_size > largest:
            what = "a table" if largest == LARGEST_TABLE else "a list of labels"
            raise DataError(f"{shown(path)}: has {status.st_size / 1e6:,.0f} MB, too many for {what}")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(path)}: cannot be read ({reason(error)})") from error
