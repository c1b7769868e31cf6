"""From a listing to a table: which of its folders are splits, which are classes.

The rules, in this order:

1. Folders around everything (``my_data/`` with all else inside) mean nothing.
2. When the topmost folders are ``train``, ``test`` or ``validation`` (also ``training``, ``testing``, ``val``, ``valid``)
   with folders inside, they are splits.
3. Below that, when every picture lies equally deep, its class is the folder it lies in, and the folders in between are
   kept in the column ``folder`` (``writer/7/x.png`` has the label ``7`` and the folder ``writer``), so that
   ``split.group = "folder"`` can keep a writer together. When depths differ, the class is the topmost folder and the
   rest is the column ``folder``.

A picture without a class folder, a class folder without a picture, and a file that is no picture are problems by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from hornbook.errors import DataError
from hornbook.examples.listing import Listing, nothing_to_read
from hornbook.examples.names import shown, some
from hornbook.examples.table import SPLITS, Examples, Problem

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
}
"""Folder names, in lower case, that are splits."""


def read_class_folders(listing: Listing) -> Examples:
    """Return the examples of class folders, with columns ``image``, ``label`` and, where there are any, ``folder`` and ``split``.

    Raises
    ------
    DataError
        There is no picture, or no class folder.
    """
    column, names, others = listing.media()
    problems = [*listing.problems, *listing.not_media(others, column)]
    if not names:
        raise nothing_to_read(listing)
    inside = _common_folders(names)
    parts = [name[inside:].split("/") for name in names]
    splits = _splits(parts, [name[inside:] for name in listing.folders if len(name) > inside])
    keep: list[int] = []
    rows: list[tuple[str, str | None, tuple[str, ...]]] = []
    for i, part in enumerate(parts):
        split = splits.get(part[0].lower()) if len(part) > 1 else None
        if splits and split is None:
            where = "beside the folders of the splits, so it is in none of them; move it into one"
            problems.append(Problem(shown(names[i]), f"lies {where}"))
            continue
        between = tuple(part[1:-1] if splits else part[:-1])
        if not between:
            problems.append(Problem(shown(names[i]), "lies in no class folder, so it has no label; move it into one"))
            continue
        keep.append(i)
        rows.append((names[i], split, between))
    if not rows:
        raise no_labels(listing)
    by_parent = len({len(row[2]) for row in rows}) == 1
    labels = [row[2][-1 if by_parent else 0] for row in rows]
    rest = ["/".join(row[2][:-1] if by_parent else row[2][1:]) for row in rows]
    table = {column: [row[0] for row in rows], "label": [shown(label) for label in labels]}
    if any(rest):
        table["folder"] = rest
    frame = pl.DataFrame(table)
    if splits:
        frame = frame.with_columns(pl.Series("split", [row[1] for row in rows], dtype=pl.Enum(SPLITS)))
    problems += _empty_folders(listing, names)
    return Examples(frame, {column: listing.store}, listing.origin, tuple(problems))


def no_labels(listing: Listing) -> DataError:
    """Return the error for pictures that nothing says the class of."""
    _, names, _ = listing.media()
    return DataError(
        f"{listing.origin}: nothing says what is on the {len(names):,} pictures ({some(names, 3)}): put the pictures of "
        "each class into a sub-folder with its name, or write a file labels.txt beside them with lines like "
        f"'{shown(names[0])} cat', or give a pattern when the names tell, as in --pattern \"{{label}}_{{}}.png\""
    )


def _common_folders(names: Sequence[str]) -> int:
    """Return how many characters of all names are folders around everything; a class or split folder is not."""
    first, last = min(names).split("/"), max(names).split("/")
    shallowest = min(name.count("/") for name in names)
    length = 0
    for a, b in zip(first[: shallowest - 1], last, strict=False):
        if a != b or a.lower() in SPLIT_FOLDERS:
            break
        length += len(a) + 1
    return length


def _splits(parts: Sequence[Sequence[str]], folders: Sequence[str]) -> dict[str, str]:
    """Return the topmost folders that are splits, in lower case; none where these names are classes."""
    tops = {part[0].lower() for part in parts if len(part) > 1}
    named = tops & SPLIT_FOLDERS.keys()
    deep = {part[0].lower() for part in parts if len(part) > 2}
    if not named or not named & deep:
        return {}
    if named != tops and len(named) < 2:
        return {}  # one class of several happens to be called 'test'
    return {top: SPLIT_FOLDERS[top] for top in named}


def _empty_folders(listing: Listing, names: Sequence[str]) -> list[Problem]:
    """Return a problem for each folder with nothing in or below it that is a picture."""
    used = set()
    for folder in {name.rpartition("/")[0] for name in names}:
        while folder and folder not in used:
            used.add(folder)
            folder = folder.rpartition("/")[0]
    listed = set(listing.folders)
    out = []
    for folder in listing.folders:
        above = folder.rpartition("/")[0]
        if folder not in used and (above in used or not above or above not in listed):
            out.append(Problem(shown(folder), "the folder has no picture in it; fill it or remove it"))
    return out
