"""A labels file: lines of a path and a label, as in ``labels.txt``.

    # comment
    img/001.png 7
    "my cat.png", cat
    img/002.png<TAB>golden retriever

Between the two stand blanks, a tab or a comma. A path with blanks needs no quotes where it ends like a
picture file. Paths are relative to the labels file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.endings import COLUMNS, is_media, is_sound
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Problem
from hornbook.examples.table_options import TableOptions
from hornbook.sources.encodings import decode
from hornbook.sources.folder.class_folders import no_labels
from hornbook.sources.folder.find import Files
from hornbook.sources.folder.listing import Listing, without_label
from hornbook.sources.folder.roles import path_split
from hornbook.sources.table.read import is_table, read_table

LABELS_FILES = ("labels.txt", "labels.csv", "labels.tsv", "metadata.csv", "metadata.jsonl")
"""What a labels file in a folder is called; the last two as Hugging Face's image folders have them."""

_QUOTED = re.compile(r"""(?P<q>["'])(?P<path>.+?)(?P=q)(?:\s*[,;]\s*|\s+)(?P<label>.*)""")
_ENDED = re.compile(
    r"(?P<path>.+?\.(?:"
    + "|".join(sorted(set().union(*COLUMNS.values())))
    + r"))(?:\s*[\t,;]\s*|\s+)(?P<label>.*)",
    re.IGNORECASE,
)
_HEADERS = frozenset(
    ["path", "file", "filename", "file_name", "name", "image", "img", "picture", "audio", "sound", "id"]
)


def parse_line(line: str) -> tuple[str, str] | None:
    r"""Return path and label of a line, None where it has not got both.

    >>> parse_line("img/001.png 7"), parse_line('"my cat.png", cat'), parse_line("a b.jpg\tgolden retriever")
    (('img/001.png', '7'), ('my cat.png', 'cat'), ('a b.jpg', 'golden retriever'))
    """
    line = line.strip()  # the expressions would look at leading blanks again and again
    match = _QUOTED.fullmatch(line) or _ENDED.fullmatch(line)
    if match:
        path, label = match["path"], match["label"]
    elif line[:1] in ("'", '"'):
        return None  # a path in quotes, and nothing after it
    else:
        for between in ("\t", ",", None):
            path, _, label = line.partition(between) if between else _at_last_blank(line)
            if label:
                break
    path, label = path.strip(), _unquoted(label.strip())
    return (path, label) if path and label else None


def read_labels(listing: Listing, name: str, files: Files) -> Examples:
    """Return the examples of the labels file ``name`` of a listing, with columns ``image`` and ``label``.

    Raises
    ------
    DataError
        It is no text, has no line with a path and a label, or none of its files is there.
    """
    origin = listing.origin if listing.origin.endswith(name) else f"{listing.origin}/{name}"
    prefix = name[: name.rfind("/") + 1]
    problems: dict[int, Problem] = {}
    lines: list[tuple[int, str, str]] = []
    first = True
    for number, line in _lines(decode(listing.read(name), origin)):
        found = parse_line(line)
        header = first and (found is None or not is_media(found[0])) and _is_header(line)
        first = False
        if header:
            continue
        if found is not None:
            lines.append((number, *found))
            continue
        said = f"has no path and label but {shown(line.strip()[:60])!r}; write both, or remove it"
        problems[number] = Problem(f"{shown(name)} line {number}", said)
    meant = files.column([path for _, path, _ in lines], prefix, path_split(name))
    names: list[str] = []
    labels: list[str] = []
    for (number, path, label), file in zip(lines, meant.names, strict=True):
        if file is not None:
            names.append(file)
            labels.append(label)
        else:
            said = f"there is no file {shown(path)!r}; paths are relative to {shown(name)}"
            problems[number] = Problem(f"{shown(name)} line {number}", said)
    found_wrong = tuple(problems[number] for number in sorted(problems))
    if not names:
        said = f"the first: {found_wrong[0]}" if found_wrong else "it is empty"
        raise DataError(
            f"{origin}: no line has a file that is there and its label ({said}): write lines like "
            "'pictures/001.png cat'"
        )
    column = "audio" if is_sound(names[0]) else "image"
    table = pl.DataFrame({column: names, "label": labels})
    notes = (f"{origin}: paths are found by their ends: {meant.note}",) if meant.note else ()
    return Examples(table, {column: listing.store}, origin, found_wrong, notes)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _is_header(line: str) -> bool:
    words = re.split(r"[\s,;]+", line.strip().lower())
    return words[0].strip("\"'") in _HEADERS


def _at_last_blank(line: str) -> tuple[str, str, str]:
    words = line.rsplit(None, 1)
    return (words[0], " ", words[1]) if len(words) == 2 else (line, "", "")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def read_labels_file(
    listing: Listing, name: str, files: Files, image: str | None, options: TableOptions
) -> Examples | None:
    """Return the examples of a labels file; None where it labels no file (it may be a list of classes).

    ``options`` say how a table is written.
    """
    _, pictures, _ = listing.media()
    folders = {picture.rpartition("/")[0] for picture in pictures}
    try:
        table = is_table(name)
        examples = (
            read_table(listing, name, files, image, options) if table else read_labels(listing, name, files)
        )
    except DataError:
        if "" in folders or (len(folders) < 2 and _names_media(listing, name)):
            raise
        if _names_media(listing, name):
            message = "names no file that is there, so the folders' names are the labels; mend or remove it"
            listing.problems.append(Problem(shown(name), message))
        return None
    column = next(iter(examples.stores), None)
    if column is None:
        return None
    kind = "audio" if is_sound(str(examples.table[column].first())) else "image"
    below = [path for path in listing.media(kind)[1] if path.startswith(name.rpartition("/")[0])]
    if any("by their ends" in note for note in examples.notes) and len(examples) * 2 < len(below):
        message = "names no file that is there as it is written, so folders are the labels; mend or remove it"
        listing.problems.append(Problem(shown(name), message))
        return None
    labelled = set(examples.table[column])
    rest = without_label(listing, set(below) - labelled, labelled, shown(name))
    problems = [*listing.problems, *examples.problems, *rest]
    return examples.replace(origin=listing.origin, problems=tuple(problems))


def _names_media(listing: Listing, name: str) -> bool:
    """Return whether a text file names pictures or sounds near its beginning; a list of classes does not."""
    try:
        text = listing.read(name)[:100_000].decode("utf-8", "replace")
    except DataError:
        return False
    return any(is_media(word) for word in re.split(r"[\s,;\"']+", text))


def read_split_labels(
    listing: Listing, names: list[str], files: Files, image: str | None, options: TableOptions
) -> Examples:
    """Return the examples of folders ``train``, ``test`` ..., each with its own labels file."""
    parts = []
    for name in names:
        examples = read_labels_file(listing, name, files, image, options)
        if examples is None:
            raise no_labels(listing)
        split = pl.lit(path_split(name), dtype=pl.Enum(SPLITS))
        parts.append(examples.replace(table=examples.table.with_columns(split=split)))
    table = pl.concat([part.table for part in parts], how="diagonal_relaxed")
    problems = dict.fromkeys(problem for part in parts for problem in part.problems)
    return Examples(table, parts[0].stores, listing.origin, tuple(problems))
