"""What the columns of a table are, by their values: numbers, classes, texts, times, or nothing to learn from."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import polars as pl

from hornbook.columns.date.written.find import find, is_called_a_date
from hornbook.columns.number.written.find import form_of
from hornbook.columns.number.written.parse import NumberForm, all_with_point
from hornbook.columns.number.written.units import MOSTLY
from hornbook.columns.number.written.words import known_words, words_among
from hornbook.common.endings import is_media
from hornbook.common.plaintext import clean, recipe_key, shorten
from hornbook.sources.table.types import A_NAME

Kind = Literal["number", "category", "text", "date", "time", "identifier", "constant", "missing", "other"]

MOST_CLASSES = 200
"""A column of short texts with more different ones is no class that can be guessed."""

FEW = 10
"""Up to so many different whole numbers are taken for classes where they are to be predicted."""

FEWEST = 12
"""Rows from which on a column can be told to be an identifier."""

MANY = 100_000

SHORT, REMEMBERED = 100, 20_000
"""A column of so few rows is looked at once, and so many are remembered: of thousands, each step asks again."""

LOOKED_AT = 200
"""Texts that are looked at for numbers."""

FILES = 200
"""Texts that are looked at for names of files."""

NEARLY_ALL = 0.95
"""A column of texts of which so many are missing says nothing of the rows."""

UNNAMED = re.compile(r"(x|column_)\d+|unnamed(: ?\d+)?.*|", re.IGNORECASE)
"""What readers of tables call a column whose name is empty, as of a separator too many or a note beside the table."""

_NAMES = re.compile(r"(^|[\W_])(id|uuid|guid|index|idx|nr|no|key|hash)([\W_]|$)|^unnamed", re.IGNORECASE)
_CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
_WORDS = r"\S+"


@dataclass(frozen=True)
class Inferred:
    """What a column is.

    Attributes
    ----------
    kind
        ``identifier``: all values differ and say nothing but which row it is; ``other``: lists, structures and
        texts that are neither classes nor sentences.
    why
        The end of a sentence that says why nothing can be learned from it; empty where something can.
    different
        How many different values there are.
    missing
        How many are missing.
    """

    kind: Kind
    why: str = ""
    different: int = 0
    missing: int = 0


def infer_kind(cells: pl.Series) -> Inferred:
    """Return what a column is.

    >>> infer_kind(pl.Series([1.5, 2.5, None])).kind, infer_kind(pl.Series(["a", "b", "a"])).kind
    ('number', 'category')
    >>> infer_kind(pl.Series("id", range(100))).kind, infer_kind(pl.Series([3, 3, 3])).kind
    ('identifier', 'constant')
    >>> infer_kind(pl.Series([*map(str, range(20)), "2020-01-02"])).kind
    'number'
    """
    if cells.dtype.is_nested() or cells.dtype in (pl.Binary, pl.Object):
        return Inferred("other", "holds lists or structures")
    if len(cells) > SHORT:
        return _looked_at(cells)
    return _remembered(_Short((cells.name, str(cells.dtype), *cells.to_list()), cells))


@dataclass(frozen=True)
class _Short:
    """A column of few rows, which is another one with the same name, type and values."""

    what: tuple[object, ...]
    cells: pl.Series = field(compare=False)


@lru_cache(maxsize=REMEMBERED)
def _remembered(short: _Short) -> Inferred:
    return _looked_at(short.cells)


def _looked_at(cells: pl.Series) -> Inferred:
    # Where none is missing this would be most of the time that a column of few rows takes.
    known = cells.drop_nulls() if cells.null_count() else cells
    missing = len(cells) - len(known)
    if not len(known):
        return Inferred("missing", "has no value at all", 0, missing)
    # Counting the different ones of a million numbers takes longer than reading them.
    many = cells.dtype.is_float() and len(known) > MANY
    different = int(known.approx_n_unique() if many else known.n_unique())  # type: ignore[arg-type]
    if missing > len(cells) * (0.5 if UNNAMED.fullmatch(cells.name) else NEARLY_ALL):
        named = "has no name and " if UNNAMED.fullmatch(cells.name) else ""
        few = (
            len(known) < FEWEST or _texts(known, different)[0] != "category"
            if cells.dtype == pl.String
            else False
        )
        if named or few:
            return Inferred("missing", f"{named}is empty in {missing:,} of {len(cells):,} rows", 0, missing)
    if different == 1:
        return Inferred("constant", f"is always {said(known[0])}", 1, missing)
    if cells.dtype == pl.Boolean or isinstance(cells.dtype, (pl.Enum, pl.Categorical)):
        return Inferred("category", "", different, missing)
    if (moments := _moments(cells, different, missing)) is not None:
        return moments
    if cells.dtype.is_numeric():
        if (
            different == len(known) >= FEWEST
            and cells.dtype.is_integer()
            and _counts(known)
            and is_a_count(known)
        ):
            return Inferred("identifier", "numbers the rows", different, missing)
        return Inferred("number", "", different, missing)
    if cells.dtype != pl.String:
        return Inferred("other", f"holds values of the type {cells.dtype}", different, missing)
    if (numbers := numbers_in(cells)) is not None and not _are_classes(known, numbers, different):
        return Inferred("number", "", different, missing)
    some = known.head(FILES).to_list()
    if is_media(some[0]) and 2 * sum(map(is_media, some)) >= len(some):
        return Inferred("other", "holds names of files that are not there, or links", different, missing)
    return Inferred(*_texts(known, different), different, missing)


def _moments(cells: pl.Series, different: int, missing: int) -> Inferred | None:
    """Return what a column of dates or times is, None for any other; a cell in ten may hold something else."""
    found = find(cells)
    if found is not None:
        return Inferred("date", "", different, missing + int(found.moments.wrong.sum()))
    if cells.dtype.is_temporal():
        return Inferred("time", "is a time of day or a length of time, not a date", different, missing)
    return None


def numbers_in(cells: pl.Series, form: NumberForm | None = None) -> pl.Series | None:
    """Return the numbers in a column of texts that nearly all are numbers, None where they are not.

    Such a column comes of a date, another unit or a slip in a few of its rows, or of a table that keeps its texts:
    else the reader has made numbers of it. Digits that are names (``007``) are not counted. ``form`` is how they are
    written, where that is known.
    """
    if cells.dtype != pl.String:
        return None
    head = cells.drop_nulls().head(LOOKED_AT)
    if form_of(head.filter(~known_words(head))) is None:
        return None  # most columns of text are known by their first cells
    cells = cells.set(known_words(cells), None)
    form = form or form_of(cells)
    if form is None:
        return None
    texts = all_with_point(cells.str.strip_chars(), form)[0]
    if texts.str.contains(A_NAME).any():
        return None
    numbers = texts.cast(pl.Float64, strict=False)
    return numbers if numbers.count() >= MOSTLY * cells.count() > 0 else None


def _are_classes(known: pl.Series, numbers: pl.Series, different: int) -> bool:
    """Return whether texts that nearly all are numbers are classes: few different ones, and a word not once alone.

    So ``3+`` beside 0, 1 and 2 is.
    """
    return different <= FEW and different * 3 <= len(known) and len(known) - numbers.count() > 1


def _like_dates(known: pl.Series) -> str:
    """Return that texts look like dates in a form that is not known, and what to do; empty where they do not."""
    head = known.head(LOOKED_AT)
    shape = head.str.replace_all(r"\d+", "0").str.replace_all(r"\p{L}+", "a")
    digits = head.str.count_matches(r"\d")
    alike = bool(shape.value_counts(name="rows")["rows"].max() >= MOSTLY * len(head))  # type: ignore[operator]
    if not alike or not is_called_a_date(known.name) or not (digits >= 2).all():
        return ""
    return f"; it looks like dates as {said(known[0])}, {not_read(known.name)}"


def not_read(name: str) -> str:
    """Return what to do where dates are written in a form that is not known, as the end of a sentence."""
    do = shlex.quote(f'{recipe_key("inputs", name)}={{type="date", format="%d/%m/%Y"}}')
    return f"a form that is not known; say it with --set {do}"


def _half_numbers(known: pl.Series) -> str:
    """Return what a column is of which half of the texts are numbers, and what to do; empty where it is none."""
    head = known.head(LOOKED_AT)
    if head.cast(pl.Float64, strict=False).count() * 2 < len(head):
        return ""
    found = words_among(known)
    odd = sum(found.others.values())
    if not odd or 2 * odd > len(known):
        return ""
    named = ", ".join(f"{said(word)} {n:,}" for word, n in list(found.others.items())[:3])
    key = recipe_key("inputs", known.name)
    do = shlex.quote(f'{key}={{type="number", na_values=["any"]}}')
    more = ", ..." if len(found.others) > 3 else ""
    cells = f"{odd:,} of {len(known):,} cells ({named}{more})"
    return f"is of numbers but for {cells}; these count as missing with --set {do}"


def said(value: object) -> str:
    """Return a value as a sentence shows it."""
    return f"{value:g}" if isinstance(value, float) else repr(shorten(clean(value), 40))


def is_a_count(cells: pl.Series) -> bool:
    """Return whether numbers that number the rows do nothing else: they begin with 0 or 1, or are called so."""
    return cells.min() in (0, 1) or bool(_NAMES.search(cells.name))


def _counts(known: pl.Series) -> bool:
    """Return whether whole numbers that all differ number the rows: one after the other, or called so."""
    low, high = int(known.min()), int(known.max())  # type: ignore[arg-type]
    in_order = bool(known.is_sorted() or known.is_sorted(descending=True))
    return (high - low + 1 == len(known) and in_order) or bool(_NAMES.search(known.name))


def _texts(known: pl.Series, different: int) -> tuple[Kind, str]:
    """Return whether texts are classes, sentences, or names that differ in every row."""
    some = known.head(2000)
    words = float(some.str.count_matches(_WORDS).mean() or 0)  # type: ignore[arg-type]
    letters = float(some.str.len_chars().mean() or 0)  # type: ignore[arg-type]
    chinese = float(some.str.count_matches(_CJK).mean() or 0)  # type: ignore[arg-type]
    rows = len(known)
    if different <= MOST_CLASSES and different * 3 <= rows:
        return "category", ""
    if words >= 4 or chinese >= 5 or letters >= 60:
        return "text", ""
    if mixed := _half_numbers(known):
        return "other", mixed
    if different == rows >= FEWEST:
        return "identifier", f"has another value in every row{_like_dates(known)}"
    if different <= MOST_CLASSES and different * 3 <= max(rows, 2 * FEWEST):
        return "category", ""
    like = _like_dates(known)
    return "other", f"has {different:,} different values, too many for classes, and too short for texts{like}"
