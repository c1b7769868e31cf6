"""From a listing to a table: which of its folders are splits, which are classes.

The rules, in this order:

1. Folders around everything (``my_data/`` with all else inside) mean nothing.
2. When the topmost folders are ``train``, ``test`` or ``validation`` (also ``training``, ``testing``, ``val``,
   ``valid``, ``dev``) with folders inside, they are splits.
3. Below that, when every picture lies equally deep, its class is the folder it lies in, and the folders in
   between are kept in the column ``folder``: ``anna/7/x.png`` has the label ``7`` and the folder ``anna``, so
   that ``split.group = "folder"`` can keep a writer together, and ``label="folder"`` takes that for the label.
   When depths differ, the class is the topmost folder and the rest is the column ``folder``.

A picture without a class folder, a class folder without a picture, and a file that is no picture are problems
by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.plaintext import listed
from hornbook.common.safe_names import label_in, shown
from hornbook.errors import DataError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Problem
from hornbook.sources.folder.listing import Listing, nothing_to_read

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


@dataclass(frozen=True)
class Place:
    """What a folder says of the pictures in it."""

    label: str
    folder: str
    split: str | None


def read_class_folders(listing: Listing, media: tuple[str, list[str], list[str]] | None = None) -> Examples:
    """Return the examples of class folders: ``image``, ``label``, perhaps ``folder`` and ``split``.

    Parameters
    ----------
    media
        The column, its files and all others, where these are not to be told by their names.

    Raises
    ------
    DataError
        There is no picture, or no class folder.
    """
    column, names, others = media or listing.media()
    problems = [*listing.problems, *listing.not_media(others, column)]
    if not names:
        raise nothing_to_read(listing)
    parents = [name[: max(name.rfind("/"), 0)] for name in names]
    places, split_names = _places(set(parents))
    kept: list[str] = []
    found: list[Place] = []
    for name, parent in zip(names, parents, strict=True):
        place = places[parent]
        if isinstance(place, Place):
            kept.append(name)
            found.append(place)
        else:
            problems.append(Problem(shown(name), place))
    if not kept:
        raise no_labels(listing)
    frame = pl.DataFrame({column: kept, "label": [place.label for place in found]})
    if any(place.folder for place in found):
        frame = frame.with_columns(folder=pl.Series([place.folder for place in found]))
    if split_names:
        frame = frame.with_columns(split=pl.Series([place.split for place in found], dtype=pl.Enum(SPLITS)))
    problems += _empty_folders(listing, set(places), "picture" if column == "image" else "sound")
    return Examples(frame, {column: listing.store}, listing.origin, tuple(problems))


def _places(folders: set[str]) -> tuple[dict[str, Place | str], bool]:
    """Return what each folder with pictures means, or what is wrong with it; and whether there are splits."""
    inside = _common_folders(folders)
    parts = {folder: folder[inside:].split("/") if len(folder) > inside else [] for folder in folders}
    splits = _splits(list(parts.values()))
    classes = {f: part[1:] if splits else part for f, part in parts.items()}
    in_split = {f: part for f, part in parts.items() if not splits or (part and part[0].lower() in splits)}
    by_parent = len({len(classes[f]) for f in in_split if classes[f]}) == 1
    out: dict[str, Place | str] = {}
    for folder, part in parts.items():
        between = classes[folder]
        if folder not in in_split:
            out[folder] = "lies beside the folders of the splits, so it is in none of them; move it into one"
        elif not between:
            out[folder] = "lies in no class folder, so it has no label; move it into one"
        else:
            label, rest = (between[-1], between[:-1]) if by_parent else (between[0], between[1:])
            out[folder] = Place(label_in(label), "/".join(rest), splits[part[0].lower()] if splits else None)
    return out, bool(splits)


def no_labels(listing: Listing) -> DataError:
    """Return the error for pictures that nothing says the class of."""
    column, names, _ = listing.media()
    said, things, end = (
        ("is on the pictures", "pictures", "png")
        if column == "image"
        else ("is heard in the sounds", "sounds", "wav")
    )
    return DataError(
        f"{listing.origin}: nothing says what {said} ({listed(names)}): put the {things} of "
        "each class into a sub-folder with its name, or write a file labels.txt beside them with lines like "
        f"'{shown(names[0])} cat', or give a pattern when the names tell, as in --pattern "
        f'"{{label}}_{{}}.{end}"'
    )


def _common_folders(folders: set[str]) -> int:
    """Return how many characters of every folder's name stand for folders around everything."""
    length = 0
    for words in zip(*(f"{folder}/".split("/")[:-1] for folder in folders), strict=False):
        word = words[0]
        if any(other != word for other in words) or word.lower() in SPLIT_FOLDERS:
            break
        if any(len(folder) <= length + len(word) for folder in folders):
            break  # there are pictures in it, so it is a class
        length += len(word) + 1
    return length


def _splits(parts: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the topmost folders that are splits, in lower case; none where these names are classes."""
    tops = {part[0].lower() for part in parts if part}
    named = tops & SPLIT_FOLDERS.keys()
    deep = {part[0].lower() for part in parts if len(part) > 1}
    if not named & deep or (named != tops and len(named) < 2):
        return {}  # a class of several happens to be called 'test'
    return {top: SPLIT_FOLDERS[top] for top in named}


def _empty_folders(listing: Listing, parents: set[str], what: str) -> list[Problem]:
    """Return a problem for each folder with nothing in or below it that can be learned from."""
    used = set()
    for folder in parents:
        while folder and folder not in used:
            used.add(folder)
            folder = folder.rpartition("/")[0]
    listed = set(listing.folders)
    out = []
    for folder in listing.folders:
        above = folder.rpartition("/")[0]
        if folder not in used and (above in used or not above or above not in listed):
            out.append(Problem(shown(folder), f"the folder has no {what} in it; fill it or remove it"))
    return out
