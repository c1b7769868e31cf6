"""Words among numbers: those that stand for a missing value, found in the whole column and kept, and all others.

``unknown``, ``.`` and what spreadsheets write for an error are missing wherever they stand among numbers, and so are
one or two words that come again and again among many different numbers. Of anything else nobody knows what is meant: it
is counted, and both ways out are named.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.number.written.find import form_of
from hornbook.columns.number.written.parse import PLAIN, NumberForm, WrittenColumn, floats, hint, to_number
from hornbook.common.plaintext import clean, shorten
from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

_WORDS = (
    ". .. ... … - -- --- – — _ * ** ? ?? unknown unk missing nil none null na n/a <na> nan nat #n/a #na n.a. n.v. k.a.",
    "keine-angabe n.d. nd n.k. not-available not-applicable not-known not-reported not-recorded not-given no-data",
    "nodata no-answer refused undefined unspecified tbd tba pending error err inconnu desconocido sconosciuto fehlt",
    "unbekannt onbekend #div/0! #value! #ref! #name? #num! #null! #error! #wert! #bezug! #zahl! #nv #nom? #valeur!",
    "#¡div/0! #¡valor! 未知 无 不详 缺失 暂无 不明 なし неизвестно нет н/д",
)
KNOWN = frozenset(word for line in _WORDS for word in line.split())
"""In lower case, with a hyphen for a blank."""

FEW_CELLS = 100
"""So few cells are looked at one by one, which then takes a tenth of the time of four steps over the column."""

MOST_WORDS = 2
"""So many other words that are there again and again count as missing, too."""

MANY = 20
"""Different numbers from which on a column is surely one of numbers."""

SHARE = 0.1
"""Of so many of the cells at most."""

LISTED = 8
"""Up to so many different words are listed in the key that makes them missing."""

ANY = "any"
"""Among ``na_values``: whatever is no number."""

_LIKE_A_NUMBER = re.compile(r"[+-]?([\d.,]*\d[\d.,]*([eE][+-]?\d+)?|inf(inity)?)", re.IGNORECASE)


class Words(NamedTuple):
    """The words among the numbers of a column, and how often each is there: what is missing, and what is not known."""

    missing: dict[str, int]
    others: dict[str, int]


def known_words(cells: pl.Series) -> pl.Series:
    """Return which texts are words that are missing values wherever they stand among numbers."""
    if len(cells) <= FEW_CELLS:
        import polars as pl

        texts = [t is not None and t.strip().lower().replace(" ", "-") in KNOWN for t in cells.to_list()]
        return pl.Series(cells.name, texts, dtype=pl.Boolean)
    plain = cells.str.strip_chars().str.to_lowercase().str.replace_all(" ", "-", literal=True)
    found: pl.Series = plain.is_in(list(KNOWN)).fill_null(False)
    return found


def words_among(cells: pl.Series, form: NumberForm | None = None) -> Words:
    """Return the words among the numbers of a column of texts.

    >>> import polars as pl
    >>> words_among(pl.Series(["1.5", "2", "unknown", "3+"]))
    Words(missing={'unknown': 1}, others={'3+': 1})
    """
    known = known_words(cells)
    rest = cells.set(known, None)
    form = form or form_of(rest) or PLAIN
    found = floats(rest, form)
    assert found is not None, "of texts"
    missing, numbers = _counted(cells.filter(known)), found[0]
    others = {w: n for w, n in _counted(rest.filter(found[1])).items() if not _LIKE_A_NUMBER.fullmatch(w)}
    again = 0 < len(others) <= MOST_WORDS and min(others.values()) > 1
    few = sum(others.values()) <= SHARE * max(len(cells) - cells.null_count(), 1)
    if again and few and len(np.unique(numbers[np.isfinite(numbers)])) >= MANY:
        return Words(missing | others, {})
    return Words(missing, others)


def _counted(cells: pl.Series) -> dict[str, int]:
    """Return how often each text is there, the commonest first."""
    if not len(cells):
        return {}
    counts = cells.str.strip_chars().alias("word").value_counts(name="rows")
    return {
        str(word): int(rows) for word, rows in counts.sort(["rows", "word"], descending=[True, False]).rows()
    }


@dataclass(frozen=True, kw_only=True, repr=False)
class AmongWords(WrittenColumn):
    """A column of numbers that knows which words and numbers in its cells stand for a missing value.

    Parameters
    ----------
    na_values
        Texts and numbers that stand for a missing value in this column, as well as those that do in every one:
        ``["refused", -200]``; ``"any"`` among them is whatever is no number.

    Attributes
    ----------
    words
        The words that were found to.
    """

    na_values: tuple[str | float, ...] | None = None
    words: tuple[str, ...] | None = None

    @property
    def _gone(self) -> frozenset[str]:
        said = (v for v in self.na_values or () if isinstance(v, str))
        return frozenset(word.strip().lower() for word in (*said, *(self.words or ())))

    @property
    def _gone_numbers(self) -> list[float]:
        numbers = [v for v in self.na_values or () if not isinstance(v, str)]
        for word in self._gone - {ANY} if self.na_values else ():
            try:
                numbers.append(to_number(word, form=self.form))
            except DataError:
                continue
        return numbers

    def read_as(self, cells: Any, key: str) -> Self:
        """Return the column with the words among its numbers that stand for a missing value.

        Raises
        ------
        DataError
            There are others; the sentence has their number, the commonest, and what can be done.
        """
        if self.learned or str(cells.dtype) != "String" or ANY in self._gone:
            return self
        found = words_among(self._without(cells), self.form)
        if found.others:
            raise DataError(_said(cells, found.others, key))
        return (
            replace(self, words=tuple(sorted({word.lower() for word in found.missing})))
            if found.missing
            else self
        )

    def counted_as_missing(self, cells: Any) -> dict[str, int]:
        """Return the words of a Polars column that count as missing, and how often each is there."""
        if str(cells.dtype) != "String" or not self._gone:
            return {}
        return _counted(cells.filter(self._are_gone(cells)))

    def _are_gone(self, cells: pl.Series) -> pl.Series:
        found: pl.Series = cells.str.strip_chars().str.to_lowercase().is_in(list(self._gone)).fill_null(False)
        return found

    def _without(self, cells: pl.Series) -> pl.Series:
        """Return the cells without the words that count as missing."""
        return (
            cells.set(self._are_gone(cells), None) if self._gone and str(cells.dtype) == "String" else cells
        )

    def _floats(self, series: pl.Series, form: NumberForm | None = None) -> tuple[Array, Array] | None:
        """Return the numbers of a column and which cells could not be read, see `floats`.

        Where it was not kept how they are written, that is found in the column at hand.
        """
        series, form = self._without(series), form or self.form
        found = floats(series, form)
        if form is None and found is not None and found[1].any():
            found = floats(series, form_of(series))
        if found is None or not self.na_values:
            return found
        numbers, wrong = found
        gone = self._gone_numbers
        numbers = np.where(np.isin(numbers, gone), np.nan, numbers) if gone else numbers
        return numbers, np.zeros_like(wrong) if ANY in self._gone else wrong

    def _read(self, value: object, name: str, largest: float) -> float:
        """Return the number that stands in a cell, nan where it counts as missing."""
        if self._gone and isinstance(value, str) and value.strip().lower() in self._gone:
            return np.nan
        try:
            number = to_number(value, name, largest, self.form)
        except DataError:
            if ANY in self._gone and isinstance(value, str):
                return np.nan
            raise
        return np.nan if self.na_values and number in self._gone_numbers else number


def _said(cells: pl.Series, others: dict[str, int], key: str) -> str:
    """Return which words are no numbers, how often they are there, and what can be done."""
    words, total = list(others), sum(others.values())
    first = cells.str.strip_chars().is_in(words).fill_null(False).arg_max() or 0
    named = ", ".join(f"{shorten(clean(w), 40)!r}{hint(w)} ({others[w]:,})" for w in words[:3])
    more = f" and {len(words) - 3:,} more" if len(words) > 3 else ""
    gone: Sequence[str] = words if len(words) <= LISTED else [ANY]
    known = len(cells) - cells.null_count()
    are = "is no number" if total == 1 else "are no numbers"
    return (
        f"{total:,} of {known:,} cells of the column {clean(cells.name)!r} {are}: {named}{more}, the first in row "
        f"{first + 1}; take it for classes with --set {shlex.quote(f'{key}=category')}, or count them as missing with "
        f"--set {shlex.quote(f'{key}.na_values={json.dumps(gone, ensure_ascii=False)}')}"
    )
