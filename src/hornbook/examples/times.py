"""Dates and times in a column of texts, as people and programs write them."""

from __future__ import annotations

import numpy as np
import polars as pl

_FORMS = (
    (r"^\d{4}-\d{1,2}-\d{1,2}$", "%Y-%m-%d"),
    (r"^\d{4}/\d{1,2}/\d{1,2}$", "%Y/%m/%d"),
    (r"^\d{4}\.\d{1,2}\.\d{1,2}$", "%Y.%m.%d"),
    (r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", ""),
    (r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$", "zone"),
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
    best: pl.Series | None = None
    for form, written in _FORMS:
        if not first.str.contains(form).all():
            continue
        found = _parsed(plain, form, written)
        if found is None or found.null_count() != cells.null_count():
            continue
        # 01/02/2015 may be of January or of February; what comes at equal distances is meant.
        if best is None or _uneven(found) < _uneven(best):
            best = found
    return best


def odd_time(cells: pl.Series) -> int | None:
    """Return the first row of a column of times whose cell is empty or written otherwise.

    None where there is none, or it is no such column: nine of ten cells have to be times.

    >>> odd_time(pl.Series(["2024-01-01"] * 9 + ["n.v."])), odd_time(pl.Series(["a", "b"]))
    (9, None)
    """
    if not len(cells) or cells.null_count() * 10 > len(cells):
        return None
    if cells.dtype.is_temporal():
        return int(cells.is_null().arg_max() or 0) if cells.null_count() else None
    if cells.dtype != pl.String:
        return None
    plain = cells.str.strip_chars()
    for form in dict.fromkeys(form for form, _ in _FORMS):
        other = ~plain.str.contains(form).fill_null(False)
        if other.any() and int(other.sum()) * 10 <= len(cells):
            return int(other.arg_max() or 0)
    return None


def _uneven(times: pl.Series) -> float:
    """Return by how much the distances between times that follow each other differ, as a share of the usual one."""
    steps = times.sort().diff().drop_nulls().dt.total_seconds().to_numpy()
    return float(steps.max() - steps.min()) / max(float(np.median(steps)), 1.0) if len(steps) else 0.0


def _parsed(cells: pl.Series, form: str, written: str) -> pl.Series | None:
    if not cells.drop_nulls().str.contains(form).all():
        return None
    if not written:
        texts = cells.str.replace("T", " ").str.strip_suffix("Z")
        short = texts.str.count_matches(":") == 1
        texts = texts.zip_with(~short.fill_null(True), texts + ":00")
        return texts.str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S%.f", strict=False)
    if written == "zone":
        texts = (
            cells.str.replace("T", " ")
            .str.replace("Z$", "+0000")
            .str.replace(r"([+-]\d{2}):(\d{2})$", "${1}${2}")
        )
        texts = texts.str.replace(r"( \d{1,2}:\d{2})([+-]\d{4})$", "${1}:00${2}")
        with_zone = texts.str.strptime(pl.Datetime("us", "UTC"), "%Y-%m-%d %H:%M:%S%.f%z", strict=False)
        return with_zone.dt.replace_time_zone(None)
    texts = cells + "-01" if form == r"^\d{4}-\d{1,2}$" else cells
    return texts.str.strptime(pl.Date, written, strict=False).cast(pl.Datetime("us"))
