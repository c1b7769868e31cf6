"""How the numbers of a column of texts are written, told by its cells as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from hornbook.columns.missing import MISSING, without_missing
from hornbook.columns.number.written.parse import (
    BARE,
    COMMA,
    GROUPED,
    POINT,
    POWER,
    USUAL,
    NumberForm,
    is_nothing,
    is_nothing_alone,
)
from hornbook.columns.number.written.units import MOSTLY, NOTHING, Unit, alike, all_bare, find_unit

if TYPE_CHECKING:
    import polars as pl

FIRST = 100
"""Cells by which most columns of text are known to be none of numbers."""

FEWEST_MARKED = 20
"""Numbers with a mark from which on it can be told what it is."""


_ONLY: tuple[tuple[Literal[".", ","], str], ...] = ((",", USUAL["."]), (".", f"{USUAL[',']}|{GROUPED['.']}"))
"""What may stand before decimals, and the numbers that are of the other form too."""


class Found(NamedTuple):
    """How a column is written, and how sure that is.

    Attributes
    ----------
    open
        Whether it may be otherwise, since each mark has three digits behind it: ``1,250``.
    sure
        The mark before decimals, where a cell leaves no doubt of it.
    bare
        Whether all cells are digits and marks alone.
    """

    form: NumberForm
    open: bool = False
    sure: Literal[".", ","] | None = None
    bare: bool = True


def find_form(cells: pl.Series, decimal: Literal[".", ","]) -> Found | None:
    """Return how the numbers of a column of texts are written, by what nearly all of its cells are.

    Parameters
    ----------
    cells
        Texts without blanks around them; what is missing is empty.
    decimal
        What is taken where it is open, since each mark has three digits behind it: ``1,250``.

    Returns
    -------
    None where too many are no numbers, or they are written in several ways.

    Examples
    --------
    >>> import polars as pl
    >>> find_form(pl.Series(["1,250.5", "900"]), ".").form
    NumberForm(decimal='.', thousands=',', unit=Unit(before='', after='', scale=''))
    >>> find_form(pl.Series(["1,250 €", "900 €"]), ",")[:2]
    (NumberForm(decimal=',', thousands='', unit=Unit(before='', after=' €', scale='')), True)
    """
    known = cells.drop_nulls()
    head, unit = known.head(FIRST), NOTHING
    if not len(head) or not alike(head.to_list()):
        return None  # most columns of text are known by their first cells
    if (quick := _at_once(known)) is not None:
        return quick
    point, comma, by_comma, by_point = _marks(known)
    ours, is_bare = point | comma | by_comma | by_point, True
    if not ours.all() and not known.str.contains(BARE).all():
        found = find_unit(known)
        if found is None:
            return None
        known, unit, is_bare = all_bare(known, found), found, False
        point, comma, by_comma, by_point = _marks(known)
        ours = point | comma | by_comma | by_point
    if ours.sum() < MOSTLY * len(ours):
        return None
    english = bool((point | by_comma | ~ours).all())
    german = bool((comma | by_point | known.str.contains(rf"^[+-]?\d+{POWER}") | ~ours).all())
    commas, points = bool(by_comma.any()), bool(by_point.any())
    if english and german:
        if commas and points:  # 1,250 and 1.250
            return None
        mark: Literal[",", "."] = "," if commas else "."
        if not commas and not points:
            return Found(NumberForm(unit=unit), bare=is_bare)
        return Found(NumberForm(decimal, "" if decimal == mark else mark, unit), open=True, bare=is_bare)
    if english:
        return Found(NumberForm(".", "," if commas else "", unit), sure=".", bare=is_bare)
    return Found(NumberForm(",", "." if points else "", unit), sure=",", bare=is_bare) if german else None


def _at_once(cells: pl.Series) -> Found | None:
    """Return the form that the first cells of a column can only have, where all others have it; None for another."""
    first = cells.head(FIRST)
    for decimal, other in _ONLY:
        usual = USUAL[decimal]
        if first.str.contains(other).all() or not first.str.contains(usual).all():
            continue
        if cells.str.contains(usual).all():
            thousands = decimal == "." and cells.str.contains(",", literal=True).any()
            return Found(NumberForm(decimal, "," if thousands else ""), sure=decimal)
    return None


def _marks(cells: pl.Series) -> list[pl.Series]:
    """Return which texts are numbers with a point, with a comma, and with commas and points between thousands."""
    without = {mark for mark in ",." if not cells.str.contains(mark, literal=True).any()}
    none = cells.is_null()  # of texts, none of which is
    needed = {POINT: "", COMMA: ",", GROUPED[","]: ",", GROUPED["."]: "."}
    return [none if mark in without else cells.str.contains(pattern) for pattern, mark in needed.items()]


def likely_decimal(cells: pl.Series, unit: Unit) -> Literal[".", ","] | None:
    """Return what probably stands before decimals in a column that leaves it open; None where nothing tells.

    With decimals, of many numbers some would have fewer than three of them, and some under one. Whole numbers under a
    thousand beside marks that all have three digits behind them, or zeros alone behind most of them, are thousands.
    """
    known = all_bare(cells.drop_nulls(), unit)
    marked = known.filter(known.str.contains(r"[.,]"))
    zeros = len(marked) >= 3 and marked.str.contains(r"[.,]\d\d0$").sum() > len(marked) / 2
    small = len(marked) >= FEWEST_MARKED and known.str.contains(r"^[+-]?[1-9]\d{1,2}$").any()
    if not zeros and not small:
        return None
    return "." if "," in marked[0] else ","


def form_of(series: pl.Series) -> NumberForm | None:
    """Return how the numbers of a column of texts are written, see `find_form`; None for any other column."""
    if str(series.dtype) != "String":
        return None
    some = [text.strip() for text in series.drop_nulls().head(FIRST).to_list()]
    if not alike([text for text in some if not is_nothing_alone(text)]):
        return None  # most columns of text are known by their first cells
    found = find_form(_known(series), ".")
    return found.form if found else None


def _known(cells: pl.Series) -> pl.Series:
    """Return texts without blanks around them, empty where they stand for what is missing among numbers."""
    plain = without_missing(cells, MISSING).str.strip_chars()
    return plain.set(is_nothing(plain), None)
