"""Dates and times in a column of texts, as people and programs write them."""

from __future__ import annotations

import polars as pl

_FORMS = (
    (r"^\d{4}-\d{1,2}-\d{1,2}$", "%Y-%m-%d"),
    (r"^\d{4}/\d{1,2}/\d{1,2}$", "%Y/%m/%d"),
    (r"^\d{4}\.\d{1,2}\.\d{1,2}$", "%Y.%m.%d"),
    (r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", ""),
    (r"^\d{4}-\d{1,2}$", "%Y-%m-%d"),
    (r"^\d{1,2}\.\d{1,2}\.\d{4}$", "%d.%m.%Y"),
    (r"^\d{1,2}/\d{1,2}/\d{4}$", "%m/%d/%Y"),
    (r"^\d{1,2}/\d{1,2}/\d{4}$", "%d/%m/%Y"),
    (r"^\d{1,2}-[A-Za-z]{3}-\d{4}$", "%d-%b-%Y"),
    (r"^\d{1,2}-[A-Za-z]{3}-\d{2}$", "%d-%b-%y"),
)

LOOKED_AT = 100


def as_times(cells: pl.Series) -> pl.Series | None:
    """Return a column as times, empty where it is empty; None where it has something else in it.

    Examples
    --------
    >>> as_times(pl.Series(["1949-01", "1949-02"])).dt.year().to_list()
    [1949, 1949]
    >>> as_times(pl.Series(["31/01/2020", "01/02/2020"])).dt.month().to_list()
    [1, 2]
    >>> as_times(pl.Series(["1949", "x"])) is None
    True
    """
    if cells.dtype in (pl.Date, pl.Datetime):
        return cells.cast(pl.Datetime("us")) if cells.dtype == pl.Date else cells
    if cells.dtype != pl.String or cells.null_count() == len(cells):
        return None
    plain = cells.str.strip_chars()
    first = plain.drop_nulls().head(LOOKED_AT)
    for form, written in _FORMS:
        if not first.str.contains(form).all():
            continue
        found = _parsed(plain, form, written)
        if found is not None and found.null_count() == cells.null_count():
            return found
    return None


def _parsed(cells: pl.Series, form: str, written: str) -> pl.Series | None:
    if not cells.drop_nulls().str.contains(form).all():
        return None
    if not written:
        texts = cells.str.replace("T", " ").str.strip_suffix("Z")
        short = texts.str.count_matches(":") == 1
        texts = texts.zip_with(~short.fill_null(True), texts + ":00")
        return texts.str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S%.f", strict=False)
    texts = cells + "-01" if form == r"^\d{4}-\d{1,2}$" else cells
    return texts.str.strptime(pl.Date, written, strict=False).cast(pl.Datetime("us"))
