"""From a listing to a table: which of its folders are splits, which only store files, and which are classes.

The rules, in this order:

1. Folders around everything (``my_data/`` with all else inside) mean nothing.
2. Folders side by side that say a split (``train``, ``test``, ``seg_train``, ``training_set``, ``val``; see
   `hornbook.sources.folder.roles`) are splits, where there are class folders in them or around them. What lies beside
   them is in no split, and is left out by name.
3. Folders side by side that only say where files are stored (``images``, ``fold1``, ``part_2``) are no classes.
4. Of what is left, when every picture lies equally deep, its class is the folder it lies in, and the folders in
   between are kept in the column ``folder``: ``anna/7/x.png`` has the label ``7`` and the folder ``anna``, so
   that ``split.group = "folder"`` can keep a writer together, and ``label="folder"`` takes that for the label.
   When depths differ, and the folders of the deeper pictures are called as the others' (``more/cat`` beside ``cat``),
   it is the same; else the class is the topmost folder, the rest is the column ``folder``, and a note says so.

A picture without a class folder, a class folder without a picture, and a file that is no picture are problems
by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.plaintext import listed, number_of
from hornbook.common.safe_names import label_in, shown
from hornbook.errors import DataError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Problem
from hornbook.sources.folder.listing import Listing, nothing_to_read
from hornbook.sources.folder.roles import are_stores, is_unlabelled, split_of, splits_among

LOOKED_AT = 2000
"""Names by which a pattern is told."""

_NUMBERED = re.compile(r"(?P<label>[^\W\d_][^\d.]*?)(?P<between>[._-]|\s)\d+\.(?P<end>\w+)")


class NoLabels(DataError):
    """There are pictures or sounds, and no folder is a class."""


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
    NoLabels
        There is no class folder.
    DataError
        There is no picture.
    """
    column, names, others = media or listing.media()
    problems = [*listing.problems, *listing.not_media(others, column)]
    if not names:
        raise nothing_to_read(listing)
    parents = [name[: max(name.rfind("/"), 0)] for name in names]
    places, notes = read_folders(set(parents))
    kept: list[str] = []
    found: list[Place] = []
    left: dict[str, list[str]] = {}
    for name, parent in zip(names, parents, strict=True):
        place = places[parent]
        if isinstance(place, Place):
            kept.append(name)
            found.append(place)
        else:
            left.setdefault(parent, []).append(name)
    if not kept:
        raise no_labels(listing) if media is None else NoLabels(f"{listing.origin}: no folder is a class")
    what = {"image": "picture", "audio": "sound"}.get(column, "text")
    for parent, among in left.items():
        if parent and len(among) > 1:
            said = (
                f"{number_of(len(among), what)} lie {places[parent]}; move them into one, or leave them out"
            )
            problems.append(Problem(shown(parent), said))
        else:
            problems += [Problem(shown(name), f"lies {places[parent]}; move it into one") for name in among]
    frame = pl.DataFrame({column: kept, "label": [place.label for place in found]})
    known = [place for place in places.values() if isinstance(place, Place)]
    if any(place.folder for place in known):
        frame = frame.with_columns(folder=pl.Series([place.folder for place in found]))
    if any(place.split for place in known):
        frame = frame.with_columns(split=pl.Series([place.split for place in found], dtype=pl.Enum(SPLITS)))
    problems += _empty_folders(listing, set(places), what)
    said_of = tuple(f"{listing.origin}: {note}" for note in notes)
    return Examples(frame, {column: listing.store}, listing.origin, tuple(problems), said_of)


def read_folders(folders: Iterable[str]) -> tuple[dict[str, Place | str], list[str]]:
    """Return what each folder with pictures means, or where it lies that it means nothing; and what is worth a word.

    >>> read_folders(["seg_train/seg_train/cat", "seg_test/seg_test/cat", "seg_pred"])[0]["seg_test/seg_test/cat"]
    Place(label='cat', folder='', split='test')
    """
    tree = _Tree(set(folders))
    paths = {folder: tree.path(folder) for folder in tree.pictured}
    notes = []
    if tree.split and not any(path.classes for path in paths.values()):
        # Nothing is a class if 'test' and 'train' are splits: then they may be classes beside others.
        named = sorted({name for path in paths.values() if (name := path.split_folder)})
        tree = _Tree(tree.pictured, splitting=False)
        paths = {folder: tree.path(folder) for folder in tree.pictured}
        if any(path.classes for path in paths.values()):
            notes.append(
                f"the folders {listed([shown(n) for n in named])} are taken for classes, as those beside them are, and "
                "not for splits: they have no class folders in them"
            )
    inside = [path for path in paths.values() if path.classes and not path.beside]
    deep = {len(path.classes) for path in inside}
    shallow = {path.classes[0] for path in inside if len(path.classes) == 1}
    by_parent = len(deep) <= 1 or all(path.classes[-1] in shallow for path in inside if len(path.classes) > 1)
    out: dict[str, Place | str] = {}
    for folder, path in paths.items():
        if path.beside:
            out[folder] = path.beside
        elif not path.classes:
            out[folder] = "in no class folder, so there is no label"
        else:
            label = path.classes[-1 if by_parent else 0]
            rest = [*path.stores, *(path.classes[:-1] if by_parent else path.classes[1:])]
            out[folder] = Place(label_in(label), "/".join(rest), path.split)
    if not by_parent:
        first = min((f for f, p in paths.items() if len(p.classes) > 1 and not p.beside), key=str)
        place = out[first]
        assert isinstance(place, Place)
        notes.append(
            f"folders lie at different depths, so the class is the topmost one ({shown(first)} is "
            f"{shown(place.label)!r}); where it is the one that a picture lies in, lay all equally deep"
        )
    return out, notes


@dataclass
class _Path:
    """What the folders on the way to a picture say.

    Attributes
    ----------
    classes
        Those that may be classes, from the topmost on.
    stores
        Those among several that say where files are stored, such as ``fold3``.
    split, split_folder
        The split, and the folder that says it.
    beside
        Why nothing below one of them has a label: it lies beside splits, or says so.
    """

    classes: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)
    split: str | None = None
    split_folder: str = ""
    beside: str = ""


class _Tree:
    """The folders with pictures in or below them, and what those that lie side by side are."""

    def __init__(self, pictured: set[str], splitting: bool = True) -> None:
        self.pictured = pictured
        children: dict[str, dict[str, None]] = {}
        for folder in sorted(pictured):
            parent = ""
            for name in folder.split("/") if folder else []:
                children.setdefault(parent, {})[name] = None
                parent = f"{parent}/{name}" if parent else name
        self.children: Mapping[str, Mapping[str, None]] = children
        self.split: dict[str, dict[str, str]] = {}
        if splitting:
            found = {
                parent: splits_among(names) or self._held_out(parent) for parent, names in children.items()
            }
            self.split = {parent: splits for parent, splits in found.items() if splits}
        stored = {parent: are_stores(names) for parent, names in children.items()}
        # What is a class in one place is one in all.
        plain = {name for parent, store in stored.items() if not store for name in children[parent]}
        self.stores = {p for p, store in stored.items() if store and plain.isdisjoint(children[p])}

    def _held_out(self, parent: str) -> dict[str, str]:
        """Return the splits where one folder beside held-out ones has all their folders, as ``x`` has of ``x-test``."""
        names = self.children[parent]
        said = {name: split for name in names if (split := split_of(name)) not in (None, "train")}
        rest = [name for name in names if name not in said]
        below = [set(self.children.get(f"{parent}/{name}".lstrip("/"), ())) for name in (*rest, *said)]
        if len(rest) != 1 or not said or not all(below) or not all(folders <= below[0] for folders in below):
            return {}
        return {rest[0]: "train", **{name: split for name, split in said.items() if split is not None}}

    def path(self, folder: str) -> _Path:
        """Return what the folders on the way to a picture say."""
        path, parent = _Path(), ""
        for name in folder.split("/") if folder else []:
            here = f"{parent}/{name}" if parent else name
            self._pass(path, parent, name, here)
            parent = here
        return path

    def _pass(self, path: _Path, parent: str, name: str, here: str) -> None:
        beside = self.children[parent]
        splits = self.split.get(parent, {})
        alone = len(beside) == 1 and parent not in self.pictured
        if splits and path.split is None:
            path.split, path.split_folder = splits.get(name), name if name in splits else path.split_folder
            path.beside = "" if name in splits else "beside the folders of the splits, so in none of them"
        elif is_unlabelled(name):
            path.beside = path.beside or "in a folder of what has no label"
        elif path.split is not None and alone and split_of(name) == path.split:
            pass  # seg_train/seg_train
        elif alone and here not in self.pictured and not path.classes:
            pass  # around everything
        elif parent in self.stores:
            path.stores += [name] * (len(beside) > 1)
        else:
            path.classes.append(name)


def no_labels(listing: Listing, tables: Sequence[str] = ()) -> NoLabels:
    """Return the error for pictures that nothing says the class of; ``tables`` lie there and name none of them."""
    column, names, _ = listing.media()
    if not names:
        return NoLabels(str(nothing_to_read(listing)))
    said, things, end = (
        ("is on the pictures", "pictures", "png")
        if column == "image"
        else ("is heard in the sounds", "sounds", "wav")
    )
    what = f"{listing.origin}: nothing says what {said} ({listed(names)})"
    parents = [shown(p) for p in sorted({name.rpartition("/")[0] for name in names} - {""})]
    if parents:
        says = "says" if len(parents) == 1 else "say"
        what += f"; {listed(parents)} {says} only where they are stored"
    if tables:
        return NoLabels(
            f"{what}, and {listed(map(shown, tables))} names none of them: where the rows are about them, say which: "
            f"hornbook look {listing.origin}/{shown(tables[0])} --set data.files='FOLDER/{{COLUMN}}.{end}'"
        )
    folder = f', "{{label}}/{{}}.{end}" where folders are the classes' if parents else ""
    found = _suggested(names)
    if found is not None:
        return NoLabels(f'{what}; their names seem to tell: say --pattern "{found}"')
    return NoLabels(
        f"{what}: put the {things} of each class into a sub-folder with its name, or write a file labels.txt beside "
        f"them with lines like '{shown(names[0])} cat', or give a pattern when the names tell, as in --pattern "
        f'"{{label}}_{{}}.{end}"{folder}'
    )


def _suggested(names: Sequence[str]) -> str | None:
    """Return the pattern of names such as ``cat.12.jpg``, where some words before a number come again and again.

    >>> _suggested(["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "dog.2.jpg"])
    '{label}.{}.jpg'
    """
    found = [_NUMBERED.fullmatch(name.rpartition("/")[2]) for name in names[:LOOKED_AT]]
    told = [match for match in found if match is not None]
    if 2 * len(told) < len(found) or len({match["between"] for match in told}) != 1:
        return None
    labels = {match["label"] for match in told}
    one = told[0]
    return f"{{label}}{one['between']}{{}}.{one['end']}" if 1 < len(labels) <= len(told) / 2 else None


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
