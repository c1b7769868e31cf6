"""What it cost to leave columns out: boosted trees that see them too, judged on the same rows.

A guess leaves out what numbers the rows, what differs in each of them, and what gives the target away. It may be wrong:
so trees are fitted once more with these columns, and where they are better by more than chance, that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from hornbook.checks.table import not_inputs
from hornbook.columns.base import Array, Column
from hornbook.columns.calibration import temperature
from hornbook.common.plaintext import clean, listed, number_of, set_option
from hornbook.examples.prepare import Prepared
from hornbook.networks.tables.boosting import Boosted
from hornbook.networks.tables.trees import Trees
from hornbook.training.blend.rows import JudgedRows, losses_of, number_in, scores_of

ITERATIONS, FOLDS = 50, 2
"""Of the trees that are compared, and how many of the folds judge them: that takes a tenth of the whole training."""

MOST_ROWS = 20_000
"""Rows that are learned from at most: the difference is seen in fewer."""

ERRORS = 2.0
"""By so many standard errors the loss must be lower before the columns are said to be worth something."""

MOST_SHOWN = 5
"""Columns that are named in the line."""


@dataclass(frozen=True)
class LeftOut:
    """How well boosted trees answer a target without and with the columns that were left out.

    Attributes
    ----------
    names
        The columns, and why each was left out.
    said
        The score without them, and with them.
    worth
        Whether they are better with them by more than chance.
    """

    target: str
    metric: str
    rows: int
    names: Mapping[str, str]
    said: tuple[str, str]
    worth: bool

    def line(self) -> str:
        """Return what it cost, in one line."""
        names = listed([clean(name) for name in self.names], limit=MOST_SHOWN)
        without, with_them = self.said
        on = f"boosted trees, {number_of(self.rows, 'row')} that they had not learned from"
        said = f"{clean(self.target)}, left out: {names}: {self.metric} {without} without, {with_them} with"
        if not self.worth:
            return f"{said}, no more than chance ({on})"
        keep = set_option("inputs", next(iter(self.names)), "category")
        return f"{said}: worth keeping, or the answer itself ({on}); {keep} keeps the first"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        without, with_them = self.said
        return {
            "names": dict(self.names),
            "rows": self.rows,
            "without": without,
            "with": with_them,
            "worth": self.worth,
        }


def left_out(model: Boosted, prepared: Prepared, rows: JudgedRows) -> dict[str, LeftOut]:
    """Return for each target what the columns that are no inputs would say of it; empty where there are none."""
    table = prepared.examples.table
    columns = {**prepared.inputs, **prepared.targets}
    used = {"split", *prepared.examples.stores} | {s for n, c in columns.items() for s in (n, *c.sources(n))}
    targets = [c.source or n for n, c in prepared.targets.items()]
    names = not_inputs(table, used, [t for t in targets if t in table.columns])
    more = [values for name in names for values in as_numbers(table[name].gather(rows.rows))]
    if not more:
        return {}
    without = model.features.of(rows.encoded)
    both = [without, np.column_stack([without, *more])]
    return {n: _compared(model, n, column, both, rows, names) for n, column in model.learned.items()}


def _compared(
    model: Boosted,
    name: str,
    column: Column,
    both: Sequence[Array],
    rows: JudgedRows,
    names: Mapping[str, str],
) -> LeftOut:
    truth, folds = rows.truths[name], rows.folds[:FOLDS]
    judged = truth[np.concatenate([fold.judge for fold in folds])]
    said, each = [], []
    for x in both:
        raw = []
        for fold in folds:
            learn = fold.learn[:: max(1, len(fold.learn) // MOST_ROWS)]
            fitted = model.fitted(name, x[learn], truth[learn], ITERATIONS)
            raw.append(Trees([fitted], column.outputs).raw(x[fold.judge]))
        found = np.concatenate(raw)
        if number_in(column) is None:
            found = found / temperature(found.astype(np.float32), judged)
        score = scores_of(model.heads[name], column, found, judged)[column.metric]
        said.append(column.say_score(score))
        each.append(losses_of(column, found, judged))
    gain = each[0] - each[1]
    error = float(gain.std()) / np.sqrt(max(len(gain), 1))
    worth = bool(gain.mean() > ERRORS * error) and said[0] != said[1]
    return LeftOut(name, column.metric, len(judged), names, (said[0], said[1]), worth)


def as_numbers(cells: pl.Series) -> list[Array]:
    """Return what trees may see of a column of any kind: numbers, or of texts their order and their first number.

    What is missing is below all else.

    >>> [values.tolist() for values in as_numbers(pl.Series(["B 7", "A 12", None]))]
    [[1.0, 0.0, -1.0], [7.0, 12.0, 6.0]]
    """
    if cells.dtype.is_numeric() or cells.dtype == pl.Boolean:
        found = [cells.cast(pl.Float64)]
    elif cells.dtype.is_temporal():
        found = [cells.to_physical().cast(pl.Float64)]
    elif cells.dtype in (pl.String, pl.Categorical, pl.Enum):
        texts = cells.cast(pl.String)
        order = texts.rank("dense") - 1
        found = [order.cast(pl.Float64), texts.str.extract(r"(\d+)").cast(pl.Float64, strict=False)]
    else:
        return []
    finite = [one.set(~one.is_finite(), None) for one in found]
    return [
        one.fill_null(float(one.min()) - 1).to_numpy()  # type: ignore[arg-type]
        for one in finite
        if one.n_unique() > 1
    ]
