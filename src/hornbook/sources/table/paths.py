"""The columns of a table that name pictures and sounds, and what these are."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.common.endings import COLUMNS, ending, is_media, is_sound
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, did_you_mean, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note, Problem, Store
from hornbook.sources.array.python import binary_store
from hornbook.sources.folder.find import Files, Found

LOOKED_AT = 200
"""Cells by which it is told whether a column names files."""

LONGEST = 1000
"""Characters of a path."""

_NAMES_FILES = re.compile(
    r"(^|[\W_])(id|image|img|picture|photo|file|filename|audio|sound|clip|name)s?([\W_]|$)", re.I
)
"""What columns of numbers are called that may be the names of files."""

_FIELD = re.compile(r"\{([^{}]*)\}")


def names_files(
    table: pl.DataFrame, files: Files, prefix: str = "", image: str | None = None, split: str | None = None
) -> bool:
    """Return whether a table names pictures or sounds that are there: then its other columns say what is in them."""
    if (
        image in table.columns
        or files.template is not None
        or any(binary_store(c) is not None for c in table)
    ):
        return True
    some = table.head(LOOKED_AT)
    paths = [c.name for c in some if _end_like_files(c)]
    if not paths:
        return bool(_names_without_ending(table, files, prefix, split))
    return any(any(files.column(some[name].to_list(), prefix, split).names) for name in paths)


def with_files(
    table: pl.DataFrame,
    files: Files,
    *,
    origin: str,
    prefix: str = "",
    image: str | None = None,
    split: str | None = None,
) -> Examples:
    """Find the columns of paths and give them their store; rows whose file is not there are problems.

    A column of which no file is there stays as it is, unless it was asked for, or there is nothing else to learn from.

    Parameters
    ----------
    prefix
        The folder that the table lies in, with a ``/`` at its end, or nothing.
    image
        The column of paths, where it is not to be found by looking.
    split
        The split that the table is of.
    """
    if image is not None and image not in table.columns:
        raise _no_column(table, image, origin)
    stores: dict[str, Store] = {}
    for column in table:
        found = binary_store(column)
        if found is not None:
            table = table.with_columns(found[0])
            stores[column.name] = found[1]
    if files.template is not None:
        table, image = _with_template(table, files.template, image, origin)
    paths = [image] if image else [c.name for c in table if _end_like_files(c)]
    if not paths and not stores:  # names without an ending; beside a column of files they are labels
        paths = _names_without_ending(table, files, prefix, split)
    problems: list[Problem] = []
    notes: list[Note] = []
    keep = pl.Series([True]).new_from_index(0, table.height)
    for name in [name for name in paths if name not in stores]:
        given = table[name].cast(pl.String)
        needed = name == image or table.width - ("split" in table.columns) <= 2
        try:
            found_files = _found(given, files, prefix, split)
        except DataError as error:
            if needed:
                raise DataError(f"{origin}: {error}") from None
            notes.append(Note(f"{error}; it is no input", doubt=True))
            continue
        there = pl.Series([file is not None for file in found_files.names])
        problems += [_missing(f"row {row + 1}", name, given[row]) for row in (~there).arg_true()]
        if found_files.note:
            said = f"paths in the column {name!r} are found by their ends: {found_files.note}"
            notes.append(Note(said))
        table = table.with_columns(pl.Series(name, found_files.names, pl.String))
        keep &= there
        stores[name] = files.store
    table = table.filter(keep)
    names = list(stores)
    if len(names) == 1 and not set(COLUMNS) & set(table.columns):
        to = "audio" if names[0] in paths and ending(table[names[0]][0]) in COLUMNS["audio"] else "image"
        table = table.rename({names[0]: to})
        stores = {to: stores[names[0]]}
    if stores:
        table, note = with_one_label(table)
        notes += [Note(note)] * bool(note)
    return Examples(table, stores, origin, tuple(problems), tuple(note.of(origin) for note in notes))


def _found(given: pl.Series, files: Files, prefix: str, split: str | None) -> Found:
    """Return the files of a column of paths; DataError where none is there."""
    name = given.name
    if given.null_count() < len(given) and given.str.contains("^https?://").all():
        raise DataError(
            f"the column {name!r} holds links, and nothing is fetched: fetch the files, and write their paths"
        )
    found = files.column(given.to_list(), prefix, split)
    if not any(file is not None for file in found.names):
        first = shown(given.drop_nulls().first())
        raise DataError(
            f"none of the files in the column {name!r} is there (the first is {first!r}): paths are relative to the "
            f"table's own folder; where they are elsewhere, say --set data.files='FOLDER/{{{name}}}'"
        )
    return found


def _no_column(table: pl.DataFrame, name: str, origin: str) -> DataError:
    return DataError(
        f"{origin}: there is no column {name!r}; the columns are {one_of(table.columns)}"
        f"{did_you_mean(name, table.columns)}"
    )


def _with_template(
    table: pl.DataFrame, template: str, image: str | None, origin: str
) -> tuple[pl.DataFrame, str]:
    """Return the table with a column of the names of files that ``data.files`` makes of others, and its name.

    Without a field it is the folder that the names in the column of files are relative to.
    """
    fields = _FIELD.findall(template)
    if not fields:
        name = image or next((c.name for c in table if _end_like_files(c)), None)
        if name is None:
            raise DataError(
                f"{origin}: data.files = {template!r} is a folder, and no column holds names of files: write which "
                "one, as in 'images/{id}.png'"
            )
        folder = template.rstrip("/")
        return table.with_columns(pl.format("{}/{}", pl.lit(folder), pl.col(name)).alias(name)), name
    for field in fields:
        if field not in table.columns:
            raise _no_column(table, field, origin)
    made = pl.format(_FIELD.sub("{}", template), *(pl.col(field).cast(pl.String) for field in fields))
    name = "audio" if is_sound(template) else "image"
    name = name if name not in table.columns or name in fields else "file"
    files = table.select(made.alias(name))
    # What only names the file says nothing else.
    spent = [f for f in dict.fromkeys(fields) if table[f].n_unique() == table.height]
    return table.drop(spent).drop(name, strict=False).insert_column(0, files[name]), name


def _names_without_ending(table: pl.DataFrame, files: Files, prefix: str, split: str | None) -> list[str]:
    """Return the columns that name files and do not end so: as they are written, or without an ending."""
    paths = [c.name for c in table if _are_there(c, files, prefix)]
    if paths:
        return paths
    best, most = "", 0
    for column in table:
        whole = column.dtype.is_integer() and bool(_NAMES_FILES.search(column.name))
        if not (column.dtype == pl.String or whole):
            continue
        some = column.head(LOOKED_AT).drop_nulls()
        if not len(some) or some.n_unique() < 0.9 * len(some):
            continue
        if not files.near():
            break
        texts = some.cast(pl.String)
        if int(texts.str.len_chars().max() or 0) >= LONGEST:  # type: ignore[arg-type]
            continue
        found = sum(name is not None for name in files.column(texts.to_list(), prefix, split).names)
        if found > most and found * 2 >= len(some):
            best, most = column.name, found
    return [best] if best else []


def _missing(where: str, name: str, value: object) -> Problem:
    if value is None:
        return Problem(
            where, f"the column {name!r} is empty; write the path of a file there, or remove the row"
        )
    if str(value).startswith(("http://", "https://")):
        return Problem(where, f"{shown(value)!r} is an address on the web; fetch the file and write its path")
    return Problem(where, f"there is no file {shown(value)!r}; paths are relative to the table's folder")


def _first_texts(column: pl.Series) -> list[str]:
    if column.dtype != pl.String:
        return []
    known = (
        column.drop_nulls() if column.null_count() else column
    )  # which is slow for a table of many columns
    return known.head(LOOKED_AT).to_list()


def _end_like_files(column: pl.Series) -> bool:
    values = _first_texts(column)
    return bool(values) and sum(map(is_media, values)) * 2 >= len(values)


def _are_there(column: pl.Series, files: Files, prefix: str) -> bool:
    values = _first_texts(column)[:20]
    return bool(values) and all(0 < len(v) < LONGEST and files.exists(prefix + v) for v in values)


def with_one_label(table: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return a table of files with one label for columns of 0 and 1 of which each row has one 1, and what was done.

    >>> with_one_label(pl.DataFrame({"image": ["a", "b"], "cat": [1, 0], " dog": [0, 1]}))[0]["label"].to_list()
    ['cat', 'dog']
    """
    marks = {c.name: found for c in table if (found := _marks(c)) is not None}
    if "label" in table.columns or len(marks) < 2:
        return table, ""
    names = [name for name in table.columns if name in marks]
    values = np.stack([marks[name] for name in names], axis=1)
    order = {name: i for i, name in enumerate(table.columns)}
    places = [order[name] for name in names]
    best: list[int] = []
    for start in range(len(names)):
        total = values[:, start].copy()
        for end in range(start + 1, len(names)):
            if places[end] != places[end - 1] + 1 or (total > 1).any():
                break
            total += values[:, end]
            if (total == 1).all() and end + 1 - start > len(best):
                best = list(range(start, end + 1))
    if not best:
        return table, ""
    classes = [names[i].strip() for i in best]
    label = pl.Series("label", classes, pl.String).gather(values[:, best].argmax(axis=1))
    return table.with_columns(label), (
        f"each row has a 1 in one of {one_of(classes[:6])}{', ...' if len(classes) > 6 else ''}, so these columns are "
        "one label"
    )


_MARKS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def _marks(cells: pl.Series) -> Array | None:
    """Return cells that are 0 and 1 and nothing else as numbers; None for others."""
    if (
        not len(cells)
        or cells.null_count()
        or not (cells.dtype.is_numeric() or cells.dtype in (pl.Boolean, pl.String))
    ):
        return None
    if cells.dtype == pl.String:
        few = cells.head(LOOKED_AT).str.strip_chars().str.to_lowercase()
        if not few.is_in(list(_MARKS)).all():
            return None
        cells = (
            cells.str.strip_chars()
            .str.to_lowercase()
            .replace_strict(_MARKS, default=None, return_dtype=pl.Int64)
        )
    numbers = cells.cast(pl.Float64, strict=False)
    if not bool(numbers.is_in([0.0, 1.0]).fill_null(False).all()):
        return None
    found: Array = numbers.cast(pl.Int64).to_numpy()
    return found
