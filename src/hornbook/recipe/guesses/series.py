"""Guessing a recipe for a series: numbers over time, from which the next ones are foretold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.series.linear.season import find_season, is_multiplicative
from hornbook.common.plaintext import clean
from hornbook.examples.examples import Examples
from hornbook.examples.in_time.frequency import Frequency, frequency
from hornbook.examples.in_time.timeline import read_times

SHARE = 0.2
"""Of the rows, the last, that the test set is; and of those before them the validation set."""

SEASONS = 3
"""That a window holds where the series is long enough, and one row more."""

MOST = 400
"""Rows of a window, unless a season has more."""

MANY = 20
"""So many of the longer season that the calendar knows, as a week of hours, make the window hold one."""

PLAIN = (12, 36)
"""Rows of a window of a series without a season: a twentieth of the series, in these bounds."""


def guess_series(
    examples: Examples, targets: list[str], time: str, note: Callable[[str], None]
) -> dict[str, Any]:
    """Return the sections for columns of numbers over time: what comes next, from a window of those before.

    ``note`` is told of the season that was found in the training rows.
    """
    times = read_times(examples, time)
    order = np.argsort(times.numbers, kind="stable")
    times = times.at(order, np.zeros(len(order), np.int64))
    training = round(round(len(order) * (1 - SHARE)) * (1 - SHARE))
    often = frequency(times)
    values = {target: _numbers(examples.table[target])[order] for target in targets}
    seasons = {t: find_season(v[:training], often.seasons) for t, v in values.items()}
    _tell(seasons, often, len(targets) > 1, note)
    longest = max((season or 1 for season in seasons.values()), default=1)
    length = window_length(len(order), longest)
    week = max((season for season in often.seasons if season <= MOST), default=0)
    if week > longest > 1 and len(order) >= MANY * week:  # a day of hours is not the whole of it
        length = max(length, week + 1)
    past = "past" if "past" not in targets else "before"
    log = all(
        np.nanmin(v) > 0 and is_multiplicative(v[:training], seasons[t] or 1) for t, v in values.items()
    )
    logs = {"log": True} if log else {}
    made = {}
    for target, season in seasons.items():
        kept = {"season": season} if season and season < length else {}
        made[target] = {"type": "series", "horizon": 1, "time": time, **kept, **logs}
    window = {
        "type": "series",
        "columns": targets,
        "length": length,
        "time": time,
        "relative": "none",
        **logs,
    }
    return {
        "split": {"validation": SHARE, "test": SHARE},
        "inputs": {past: window},
        "targets": made,
        "network": {"name": "autoregression"},
    }


def window_length(rows: int, season: int) -> int:
    """Return how many rows a window has: some seasons and a row, of a short series what half of it holds.

    >>> window_length(400, 12), window_length(105, 12), window_length(36, 12), window_length(400, 1)
    (37, 37, 14, 20)
    """
    learned = round(rows * (1 - SHARE))
    plain = max(PLAIN[0], min(rows // 20, PLAIN[1]))
    wanted = plain if season == 1 else max(min(SEASONS * season + 1, MOST), season + 1)
    length = min(wanted, learned // 2)
    if length <= season and season > 1:
        length = min(season + 1, learned * 2 // 3)
    return max(2, min(length, round(learned * (1 - SHARE)) - 2))


def _tell(
    seasons: dict[str, int | None], often: Frequency, several: bool, note: Callable[[str], None]
) -> None:
    for target, season in seasons.items():
        of = f" in {clean(target)}" if several else ""
        if season:
            note(f"season of {often.said(season)} found{of}")
        elif often.seasons and often.unit != "row":
            note(f"no season of {' or '.join(map(often.said, often.seasons))} found{of}")


def _numbers(cells: pl.Series) -> Any:
    return cells.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
