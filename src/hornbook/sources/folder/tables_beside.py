"""Tables that lie among pictures or sounds and say what these are, whatever the tables are called."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.endings import ending, is_sound
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note
from hornbook.examples.table_options import TableOptions
from hornbook.sources.encodings import decode
from hornbook.sources.folder.find import Files
from hornbook.sources.folder.labels_file import read_labels
from hornbook.sources.folder.listing import Listing, without_label
from hornbook.sources.folder.roles import split_of
from hornbook.sources.table.read import is_table, read_table

LOOKED_AT = 20
"""Lines that must all be files for a text to be a list of them."""

MOST = 20
"""Tables that are looked into: more are not about the pictures but one of each."""

SEVERAL_NUMBERS = r"^[-+.\d]+([\s,;]+[-+.\d]+)+$"


@dataclass(frozen=True)
class _Beside:
    """A table, the examples in it, and its split as its name or its folder says."""

    name: str
    examples: Examples
    split: str | None

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(sorted(self.examples.table.columns))


def tables_in(listing: Listing) -> list[str]:
    """Return the files of a listing that may be tables about its pictures, the topmost first."""
    tables = [name for name in listing.files if is_table(name) and "submission" not in name.lower()]
    texts = [name for name in listing.files if ending(name) == "txt" and "readme" not in name.lower()]
    found = [*(tables if len(tables) <= MOST else []), *(texts if len(texts) <= MOST else [])]
    return sorted(found, key=lambda name: (name.count("/"), name))


def read_tables_beside(
    listing: Listing, files: Files, image: str | None, options: TableOptions
) -> Examples | None:
    """Return the examples of the tables in a listing that name its pictures or sounds; None where none does.

    Of several it is the one that names most of them, together with those with the same columns, where each says its
    split (in its name or its folder's) or none names what another does.
    """
    found = [one for name in tables_in(listing) if (one := _read(listing, name, files, image, options))]
    if not found:
        return None
    best = max(found, key=lambda one: len(one.examples))
    alike = [one for one in found if one.columns == best.columns]
    parts = [best]
    splits = len({one.split for one in alike} - {None}) > 1
    if splits:
        parts = [one for one in alike if one.split is not None]
    elif _apart(alike):
        parts = alike
    tables = [one.examples.table for one in parts]
    if splits:
        tables = [
            table.with_columns(split=pl.lit(one.split, dtype=pl.Enum(SPLITS)))
            for table, one in zip(tables, parts, strict=True)
        ]
    column = next(iter(best.examples.stores))
    table = pl.concat(tables, how="diagonal_relaxed")
    first = table[column].is_first_distinct()
    named = ", ".join(shown(one.name) for one in parts)
    problems = [*listing.problems, *(problem for one in parts for problem in one.examples.problems)]
    labelled = set(table[column])
    kind = "audio" if is_sound(str(table[column].first())) else "image"
    problems += without_label(listing, set(listing.media(kind)[1]) - labelled, labelled, named)
    others = [shown(one.name) for one in found if one not in parts]
    notes = [f"{listing.origin}: the labels are those of {named}"]
    if others:
        notes.append(f"{listing.origin}: {', '.join(others)} name pictures too, and are not used")
    return best.examples.replace(
        table=table.filter(first) if not first.all() else table,
        origin=listing.origin,
        problems=tuple(problems),
        notes=(
            *notes,
            *dict.fromkeys(_of(note, one, listing) for one in parts for note in one.examples.notes),
        ),
    )


def with_rest(
    examples: Examples, listing: Listing, files: Files, image: str | None, options: TableOptions
) -> Examples:
    """Return the examples of class folders with pictures of no class folder that a table gives one of the classes.

    So a set whose test pictures lie in one folder, with a table beside it, keeps its test set.
    """
    (column,) = examples.stores
    left = set(listing.media(column)[1]) - set(examples.table[column])
    rest = {path: split for path in left if (split := _split_of(path)) is not None}
    classes = set(examples.table["label"])
    for name in tables_in(listing) if len(rest) > 1 else ():
        one = _read(listing, name, files, image, options)
        if one is None or column not in one.examples.stores:
            continue
        table = one.examples.table.filter(pl.col(column).is_in(list(rest))).unique(
            column, maintain_order=True
        )
        others = table.drop(column, "split", strict=False).cast(pl.String, strict=False)
        said = next((texts for texts in others if len(texts) > 1 and set(texts) <= classes), None)
        if said is None:
            continue
        named = table[column].to_list()
        splits = pl.Series([rest.pop(path) for path in named], dtype=pl.Enum(SPLITS))
        more = pl.DataFrame({column: named, "label": said, "split": splits})
        about = {shown(name), *map(shown, named), *(shown(path.rpartition("/")[0]) for path in named)}
        many = number_of(len(named), "file")
        note = f"{listing.origin}: the labels of {many} in no class folder are those of {shown(name)}"
        examples = examples.replace(
            table=pl.concat([examples.table, more], how="diagonal_relaxed"),
            problems=tuple(problem for problem in examples.problems if problem.name not in about),
            notes=(*examples.notes, note),
        )
    return examples


def with_lists(examples: Examples, listing: Listing, files: Files) -> Examples:
    """Return examples without splits with those that lists of their files say, as ``testing_list.txt`` does."""
    (column,) = examples.stores
    names = examples.table[column]
    splits: dict[str, str] = {}
    used: set[str] = set()
    for name in tables_in(listing) if "split" not in examples.table.columns else ():
        split = split_of(name.rpartition("/")[2].rpartition(".")[0])
        if split is None or ending(name) != "txt":
            continue
        lines = [
            line.strip() for line in decode(listing.read(name), listing.origin).split("\n") if line.strip()
        ]
        found = files.column(lines, name[: name.rfind("/") + 1]).names
        if lines and all(path is not None for path in found[:LOOKED_AT]):
            splits |= {path: split for path in found if path is not None}
            used |= {shown(name), shown(name.rpartition("/")[0])}
    if not splits:
        return examples
    cells = pl.Series([splits.get(name, "train") for name in names], dtype=pl.Enum(SPLITS))
    named = sorted(name for name in used if name.endswith(".txt"))
    note = f"{listing.origin}: the splits are those of {', '.join(named)}"
    return examples.replace(
        table=examples.table.with_columns(split=cells),
        problems=tuple(problem for problem in examples.problems if problem.name not in used),
        notes=(*examples.notes, note),
    )


def _split_of(path: str) -> str | None:
    """Return the split that a folder on the way to a file says."""
    return next(filter(None, map(split_of, path.split("/")[:-1])), None)


def _apart(parts: list[_Beside]) -> bool:
    """Return whether no picture is in two of the tables."""
    names = [name for one in parts for name in one.examples.table[next(iter(one.examples.stores))]]
    return len(set(names)) == len(names)


def _of(note: str, one: _Beside, listing: Listing) -> str:
    """Return a note on one of the tables as one on all."""
    text = note.removeprefix(f"{one.examples.origin}: ")
    about = Note(text, note.column, note.doubt) if isinstance(note, Note) else Note(text)
    return about.of(listing.origin)


def _read(
    listing: Listing, name: str, files: Files, image: str | None, options: TableOptions
) -> _Beside | None:
    """Return the examples of a table that names pictures and says something of them; None of any other."""
    try:
        if is_table(name):
            examples = read_table(listing, name, files, image, options)
        else:
            examples = read_labels(listing, name, files)
            if examples.table["label"].str.contains(SEVERAL_NUMBERS).all():
                return None  # attributes or boxes, and no label
            if (
                examples.table["label"].str.contains("\t", literal=True).all()
            ):  # boxes and the like stand behind it
                first = pl.col("label").str.split("\t").list.first()
                examples = examples.replace(table=examples.table.with_columns(first))
    except DataError:
        return None
    if len(examples.stores) == 0 or set(examples.table.columns) <= {*examples.stores, "split"}:
        return None
    folder, _, last = name.rpartition("/")
    splits = [split_of(part) for part in (last.rpartition(".")[0], *reversed(folder.split("/")))]
    return _Beside(name, examples, next((split for split in splits if split is not None), None))
