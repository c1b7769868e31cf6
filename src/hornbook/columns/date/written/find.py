"""Finding how the dates of a column are written, by all of its cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hornbook.columns.date.written.forms import FORMS, may_be, pattern
from hornbook.columns.date.written.read import ISO, NO_ZONE, DateForm, Moments, read
from hornbook.columns.number.written.words import known_words

if TYPE_CHECKING:
    import polars as pl

LOOKED_AT = 100
"""Cells by which most columns are known to hold no dates."""

SAMPLE = 2_000
"""Rows, evenly spread, by which it is seen which forms a long column cannot be in."""

LONGEST = 72
"""Characters of a date with all that may stand beside it."""

MOSTLY = 0.9
"""Of so many of the cells of a column of dates at least each is one."""

LAST_YEAR = 2035
"""Years of two digits are read as the hundred up to it, unless that would cut years apart that are `CLOSE`."""

CLOSE = 5

FEWEST = 3
"""Rows from which on numbers can be told to be dates."""

_TELLS_A_DAY = re.compile(
    r"(^|[\W_])(date|datum|day|dt|tag|datetime|timestamp|fecha|jour|日期|时间|日付|日時|날짜|created|updated)([\W_]|$)"
    r"|[a-z](Date|DateTime|Day|Timestamp)$|日期$|时间$|_at$|[a-z]At$",
)
_IS_A_DATE = re.compile(
    r"(^|[\W_])(date|datum|datetime|timestamp|fecha|日期|日付|日時|날짜|created|updated)([\W_]|$)"
    r"|[a-z](Date|DateTime|Timestamp)$|日期$|时间$|_at$|[a-z]At$|^(day|dt|tag|jour)$",
)
"""A ``price_per_day`` is none."""

_TELLS_A_TIME = re.compile(
    r"(^|[\W_])(time|ts|epoch|unix|unixtime|zeit|uhrzeit|utc)([\W_]|$)|[a-z]Time$|datetime|timestamp|epoch"
)
_TELLS_A_MONTH = re.compile(
    r"(^|[\W_])(month|monat|mois|mes|period|yearmonth|yyyymm|ym|月份?|年月)([\W_]|$)|[a-z](Month|Period)$"
)
_TELLS_A_YEAR = re.compile(r"(^|[\W_])(year|yr|jahr|año|annee|année|ano|年份?)([\W_]|$)|[a-z]Year$")

_EITHER = {"d", "m"}


class Found(NamedTuple):
    """How a column's dates are written, and how sure that is.

    Attributes
    ----------
    form
        The form.
    moments
        What the column holds, read so.
    other
        Another form that each cell could be as well (the month first); empty where there is none.
    why
        Why this one was taken, where there is another.
    """

    form: DateForm
    moments: Moments
    other: str = ""
    why: str = ""


def find(cells: pl.Series, named: bool = False) -> Found | None:
    """Return how the dates in a column are written; None where it holds none.

    One cell in ten may hold something else, which is marked as wrong.

    Parameters
    ----------
    named
        Whether somebody has said that it holds dates, so that numbers are taken for some, too.

    Examples
    --------
    >>> import polars as pl
    >>> find(pl.Series(["31/01/2020", "01/02/2020"])).form.form
    '%d/%m/%Y'
    >>> find(pl.Series(["May-87", "Jun-87"])).moments.clock // 86_400_000_000
    array([6329, 6360])
    >>> find(pl.Series(["1949", "x"])) is None
    True
    """
    kind = str(cells.dtype)
    if kind == "Date" or kind.startswith("Datetime"):
        return _found(cells, ISO)
    if cells.dtype.is_numeric():
        return _in_numbers(cells, named)
    return _in_texts(cells, named) if kind == "String" else None


def in_form(cells: pl.Series, form: str) -> Found | None:
    """Return what a column holds in a form that is said; None where it is of a type without dates."""
    return _found(cells, form)


def is_called_a_date(name: str) -> bool:
    """Return whether a column's name says that it holds dates or times.

    >>> is_called_a_date("Order Date"), is_called_a_date("update"), is_called_a_date("created_at")
    (True, False, True)
    """
    kinds = (_TELLS_A_DAY, _TELLS_A_TIME, _TELLS_A_MONTH)
    return any(kind.search(name) or kind.search(name.lower()) for kind in kinds)


def _found(cells: pl.Series, form: str) -> Found | None:
    known = DateForm(form, _first_year(cells, form))
    moments = read(cells, known)
    if moments is None:
        return None
    zones, counts = np.unique(moments.zone[moments.known], return_counts=True)
    common = [int(z) for z in zones[np.argsort(-counts, kind="stable")] if z != NO_ZONE]
    return Found(known._replace(zones=tuple(common)), moments)


def _first_year(cells: pl.Series, form: str) -> int:
    """Return the first of the hundred years that two digits are of, so that those of a column are close together."""
    if str(cells.dtype) != "String" or "short" not in (parts := _parts(form)):
        return 1970
    plain = cells.str.strip_chars().unique()
    texts = plain.str.extract(pattern(form).text, parts.index("short") + 1)
    years = texts.cast(int, strict=False).drop_nulls().unique().sort().to_numpy()
    if not len(years):
        return LAST_YEAR - 99
    gaps = np.diff(np.r_[years, years[0] + 100])
    usual = LAST_YEAR - 99
    cut = int(np.searchsorted(years, usual % 100))
    at_cut = int(gaps[cut - 1] if 0 < cut < len(years) else gaps[-1])
    if at_cut > CLOSE or 2 * at_cut >= gaps.max():
        return usual
    begin, span = int(years[(int(gaps.argmax()) + 1) % len(years)]), 100 - int(gaps.max())
    return 1900 + begin - (99 - span) // 2


def _parts(form: str) -> tuple[str, ...]:
    return pattern(form).parts


def _in_texts(cells: pl.Series, named: bool) -> Found | None:
    known = cells.drop_nulls().head(LOOKED_AT).str.strip_chars()
    head = known.filter(~known_words(known) & (known != ""))
    some = head.head(3).to_list()
    if not any(text[:LONGEST] == text and any(c.isdecimal() for c in text) for text in some):
        return None  # most columns of texts end here
    if head.str.contains(r"^\d+$").all() and not (head.str.len_chars() >= 8).all():
        numbers = cells.str.strip_chars().cast(int, strict=False)
        found = _in_numbers(numbers, named)
        return found and _found(cells, found.form.form)
    likely = [form for form in FORMS if any(may_be(form, t) and pattern(form).matches(t) for t in some)]
    fits = [form for form in likely if _share(_found(head, form)) >= MOSTLY]
    every = [found for form in _fewer(cells, fits) if (found := _found(cells, form)) is not None]
    every = [found for found in every if _share(found) >= MOSTLY and _is_sure(found)]
    if not every:
        return None
    least = min(int(found.moments.wrong.sum()) for found in every)
    return _of_several([found for found in every if int(found.moments.wrong.sum()) == least])


def _fewer(cells: pl.Series, forms: list[str]) -> list[str]:
    """Return the forms of several that are worth to be tried on a long column, by some of its rows."""
    if len(forms) < 2 or len(cells) < 10 * SAMPLE:
        return forms
    some = cells.gather_every(len(cells) // SAMPLE)
    shares = [_share(_found(some, form)) for form in forms]
    return [form for form, share in zip(forms, shares, strict=True) if share >= max(shares) - 0.01]


def _share(found: Found | None) -> float:
    """Return which share of the cells that hold anything are dates."""
    if found is None:
        return 0.0
    known, wrong = int(found.moments.known.sum()), int(found.moments.wrong.sum())
    return known / max(known + wrong, 1)


def _is_sure(found: Found) -> bool:
    """Return whether a form that other things look like is that of dates.

    ``1-01`` goes on month by month; ``Jan 05``, ``Jan 06`` are no years where the rows follow each other by days; and
    ``2004/05``, ``2005/06`` are seasons.
    """
    form, known = found.form.form, found.moments.clock[found.moments.known]
    if form == "%-y-%m":
        months = np.round(known / 2_629_746_000_000).astype(np.int64)
        steps = np.diff(months)
        return len(steps) >= FEWEST and bool((steps == 1).mean() >= MOSTLY)
    if form in ("%Y-%m", "%Y/%m"):
        months = known.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
        return len(np.unique(months)) < FEWEST or not bool((months % 12 == (months // 12 + 1970) % 100).all())
    if "%b" in form and "%y" in form and "%d" not in form:
        months = known.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
        by_day = np.diff(months % 12 * 100 + months // 12 % 100)
        return _is_in_order(found.moments) or not (
            len(by_day) >= FEWEST and bool((by_day >= 0).mean() >= MOSTLY)
        )
    return True


def _of_several(every: list[Found]) -> Found:
    """Return the form that is meant of those that fit equally well: that in which the rows follow in time.

    01/02/2015 may be of January or of February.
    """
    first = every[0]
    others = [f for f in every[1:] if not np.array_equal(f.moments.clock, first.moments.clock)]
    if not others:
        return first
    ways = [first, *others]
    in_order = [found for found in ways if _is_in_order(found.moments)]
    if len(in_order) == 1:
        chosen, why = in_order[0], "so that the rows follow each other in time"
    else:
        uneven = [_uneven(found.moments) for found in ways]
        best = int(np.argmin(uneven))
        even = uneven[best] < 0.8 * min(u for i, u in enumerate(uneven) if i != best)
        chosen = ways[best] if even else first
        why = "so that the distances between them are the most even" if even else ""
    other = next(found for found in ways if found is not chosen)
    return chosen._replace(other=other.form.form, why=why)


def _is_in_order(moments: Moments) -> bool:
    steps = np.diff(moments.clock[moments.known])
    return len(steps) >= FEWEST and bool((steps >= 0).all() or (steps <= 0).all())


def _uneven(moments: Moments) -> float:
    """Return by how much the distances between moments that follow each other differ, as a share of the usual one."""
    steps = np.diff(np.unique(moments.clock[moments.known]))
    return float(steps.max() - steps.min()) / max(float(np.median(steps)), 1.0) if len(steps) else 0.0


def _in_numbers(cells: pl.Series, named: bool) -> Found | None:
    """Return how numbers are dates: where they can be nothing else, or the column is called so."""
    low, high = cells.min(), cells.max()
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return None
    likely = _forms_of_numbers(low, high, cells.name, named or len(cells) >= FEWEST, named)
    for form in likely:  # of most columns of numbers there is none
        found = _found(cells, form)
        if found is not None and found.moments.known.any() and not found.moments.wrong.any():
            return found
    return None


def _forms_of_numbers(low: float, high: float, name: str, several: bool, named: bool) -> list[str]:
    """Return the forms that numbers between two others may be dates in, in a column of this name."""

    def called(*kinds: re.Pattern[str]) -> bool:
        return named or any(kind.search(name) or kind.search(name.lower()) for kind in kinds)

    out = []
    if low > 1.8e7 and high < 2.2e7 and (several or called(_TELLS_A_DAY)):
        out.append("%Y%m%d")
    if low > 180_000 and high < 210_100 and called(_TELLS_A_DAY, _TELLS_A_MONTH):
        out.append("%Y%m")
    if low >= 1700 and high <= 2200 and named:
        out.append("%Y")
    if low >= 3_000 and high < 110_000 and called(_IS_A_DATE):
        out.append("excel")
    for form, unit in (("unix", 1), ("unix ms", 1e3), ("unix us", 1e6), ("unix ns", 1e9)):
        if 1e8 * unit <= low and high < 6e9 * unit and called(_IS_A_DATE, _TELLS_A_TIME):
            out.append(form)
    return out


def is_called_a_year(name: str) -> bool:
    """Return whether a column's name says that it holds years."""
    return bool(_TELLS_A_YEAR.search(name) or _TELLS_A_YEAR.search(name.lower()))
