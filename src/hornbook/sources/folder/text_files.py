"""Texts in files: a line an example where each file is a class, or a file an example in class folders.

reviews/good.txt, reviews/bad.txt        each line is a text; its label is the file's name
text/rt-polarity.pos, text/rt-polarity.neg   the same, with the pattern "rt-polarity.{label}"
reviews/train/good/1.txt, ...            each file is a text; its label is the folder's name
novel.txt                                each line is a text, and there is no label
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.endings import ending
from hornbook.common.safe_names import label_in, shown
from hornbook.errors import DataError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Problem
from hornbook.sources.encodings import decode, said_of
from hornbook.sources.folder.class_folders import NoLabels, read_class_folders
from hornbook.sources.folder.listing import Listing
from hornbook.sources.folder.name_patterns import matching
from hornbook.sources.folder.roles import path_split

ENDINGS = frozenset(["txt", "text"])


def texts_of_pattern(listing: Listing, pattern: str) -> dict[str, Mapping[str, str | None]]:
    """Return the files whose names match a pattern, with its fields; none where one of them is a picture or sound."""
    found = matching(listing.files, pattern)
    _, media, _ = listing.media()
    return {} if set(media) & set(found) else found


def read_text_folder(listing: Listing, encoding: str | None = None) -> Examples | None:
    """Return the examples of a folder of texts, in ``encoding`` where it is told; None where it is none.

    Raises
    ------
    DataError
        A file is no text, or all are empty.
    """
    # What tells about the data is no part of it.
    said = ("readme", "license", "licence")
    about = {name for name in listing.files if name.rpartition("/")[2].lower().startswith(said)}
    texts = [name for name in listing.files if ending(name) in ENDINGS and name not in about]
    if not texts:
        return None
    if all("/" in name for name in texts):
        others = sorted(set(listing.files) - set(texts))
        try:
            examples = read_class_folders(listing, ("text", texts, others))
        except NoLabels:
            return None
        problems = [p for p in examples.problems if p.name not in map(shown, others)]
        if examples.table["label"].n_unique() < 2:
            return None  # more likely what lies beside pictures that are gone
        contents: list[str | None] = []
        for name in examples.table["text"]:
            try:
                contents.append(_text(listing, name, encoding).strip() or None)
                if contents[-1] is None:
                    problems.append(
                        Problem(shown(name), f"{shown(name)}: there is no text in it; it is left out")
                    )
            except DataError as error:
                contents.append(None)
                problems.append(Problem(shown(name), f"{error}; it is left out"))
        table = examples.table.with_columns(text=pl.Series(contents, dtype=pl.String)).drop_nulls("text")
        if not table.height:
            raise DataError(f"{listing.origin}: none of its {len(contents):,} files has a text in it")
        return examples.replace(table=table, stores={}, problems=tuple(problems))
    if any("/" in name for name in texts) or len(texts) < 2:
        return None
    return read_lines(listing, {name: {"label": name.rpartition(".")[0]} for name in texts}, encoding)


def read_lines(
    listing: Listing, files: Mapping[str, Mapping[str, str | None]], encoding: str | None = None
) -> Examples:
    """Return the lines of files, each a text with the fields of its file; blank lines are left out.

    Raises
    ------
    DataError
        A file is no text, or all are empty.
    """
    parts, notes = [], []
    for name, fields in files.items():
        data = listing.read(name)
        if encoding is None and (note := said_of(data)) and note not in notes:
            notes.append(note)
        lines = [line.strip() for line in _text(listing, name, encoding, data).split("\n") if line.strip()]
        part = pl.DataFrame({"text": pl.Series(lines, dtype=pl.String)})
        values = {field: None if value is None else label_in(value) for field, value in fields.items()}
        split = path_split(name)
        if split is not None and "split" not in values:
            values["split"] = split
        parts.append(part.with_columns(pl.lit(value, pl.String).alias(n) for n, value in values.items()))
    table = pl.concat(parts, how="diagonal_relaxed")
    if not table.height:
        raise DataError(f"{listing.origin}: there is no text in it: write one on each line")
    if "split" in table.columns and set(table["split"]) <= {*SPLITS, None}:
        table = table.with_columns(pl.col("split").cast(pl.Enum(SPLITS)))
    which = "" if len(files) == 1 else f"a file of {len(files):,} "
    said = tuple(f"{listing.origin}: {which}{note}" for note in notes)
    return Examples(table, {}, listing.origin, tuple(listing.problems), said)


def _text(listing: Listing, name: str, encoding: str | None, data: bytes | None = None) -> str:
    where = listing.origin if listing.origin.endswith(name) else f"{listing.origin}/{name}"
    return decode(listing.read(name) if data is None else data, where, encoding)
