"""Examples made ready to learn from: split, columns learned from the training rows, every value encoded.

This is the one way from a table to arrays, for looking, training and evaluating alike. What cannot be encoded
is left out of every split and named; a data set that nothing can be learned from is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.columns.summary import SPLITS
from hornbook.common.progress import Reading, silent
from hornbook.errors import DataError
from hornbook.examples.align import with_sources
from hornbook.examples.as_written import as_written, unreadable
from hornbook.examples.encode import HeavyColumn, encode_heavy, encode_light
from hornbook.examples.examples import Examples, RefreshedRows
from hornbook.examples.in_step import out_of_step
from hornbook.examples.in_time.windows import windowed
from hornbook.examples.rows import Rows
from hornbook.examples.split import USUAL, Split, as_test, split_codes, split_rows
from hornbook.examples.stores import Problem

LEFT_OUT = "; it is left out"
COUNTS_AS_WRONG = f"{LEFT_OUT}, and counts as wrong where answers are judged"


@dataclass(frozen=True)
class Prepared:
    """Examples, split and encoded.

    Attributes
    ----------
    examples
        The table, with a complete column ``split``.
    inputs, targets
        The columns, learned and measured on the training rows.
    arrays
        The encoded rows of every column, by the column's name, in the order of the table.
    splits
        Row numbers of each split, ``int64``, without the rows that cannot be used.
    facts
        For each heavy column, what is known of each picture (`hornbook.examples.encode.FACTS`).
    problems
        The rows that cannot be used.
    unanswerable
        For each target, the rows to which every answer is wrong, as for a text with a character that no training
        row has. They are in no split.
    fingerprint
        A hash of the content of all rows, their targets and splits, the same wherever the files lie.
    numbers
        The number inputs side by side, in their order, where there are several of one type. Rows of one array are
        gathered in a tenth of the time of those of twenty.
    refreshed
        Training rows whose places others take as epochs go by; None where they stay the same.
    """

    examples: Examples
    inputs: Mapping[str, Column]
    targets: Mapping[str, Column]
    arrays: Mapping[str, Rows]
    splits: Mapping[str, Array]
    facts: Mapping[str, Array] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unanswerable: Mapping[str, Array] = field(default_factory=dict)
    fingerprint: str = ""
    numbers: Rows | None = None
    refreshed: Refreshed | None = None

    def at(self, epoch: int) -> Prepared:
        """Return the examples of an epoch: the same in each, unless they are made anew."""
        return self if self.refreshed is None else self.refreshed.at(self, epoch)

    def close(self) -> None:
        """End what is made in the background for epochs to come."""
        if self.refreshed is not None:
            self.refreshed.close()

    def brought(self, epochs: int) -> int:
        """Return how many training examples so many epochs have beyond those of the first one."""
        return sum(rows.count(epoch) for rows in _started(self) for epoch in range(1, epochs))

    def unanswerable_of(self, target: str, split: str) -> Array:
        """Return the rows of a split that are wrong whatever is answered, ``int64``."""
        rows = self.unanswerable.get(target, np.zeros(0, np.int64))
        there = self.examples.table["split"].gather(rows) == split
        found: Array = rows[there.to_numpy()]
        return found

    def values_of(self, target: str, rows: Array) -> list[Any]:
        """Return the values of a target as they were given."""
        found: list[Any] = self.examples.column(self.targets[target].source or target).gather(rows).to_list()
        return found

    def take(self, rows: Array, columns: Mapping[str, Column]) -> dict[str, Array]:
        """Return the encoded values of some rows for these columns."""
        return {name: self.arrays[name].take(rows) for name in columns}


class Refreshed:
    """The training rows of each epoch, where others take the places of some as epochs go by.

    Parameters
    ----------
    progress
        Is told when training has to wait for examples.
    """

    def __init__(self, progress: Reading = silent) -> None:
        self._progress = progress
        self._first: Mapping[str, Rows] = {}
        self._parts: list[RefreshedRows] = []
        # Not the prepared examples, which hold this: only a search for cycles would find that both are gone.
        self._now: tuple[int, Mapping[str, Rows]] = -1, {}

    def at(self, prepared: Prepared, epoch: int) -> Prepared:
        """Return prepared examples with the training rows of an epoch, and begin with those of the next."""
        if self._now[0] == epoch and prepared.arrays is self._now[1]:
            return prepared
        if not self._parts:
            self._first, self._parts = prepared.arrays, _started(prepared)
        arrays = dict(self._first)
        for part in self._parts:
            part.move(epoch, self._progress)
            for name in [*prepared.inputs, *prepared.targets]:
                arrays[name] = part.joined(name, arrays[name])
        self._now = epoch, arrays
        return replace(prepared, arrays=arrays)

    def close(self) -> None:
        """End what is made in the background; it begins again where it is needed."""
        self._now = -1, {}
        for part in self._parts:
            part.end()


def _started(prepared: Prepared) -> list[RefreshedRows]:
    """Return what is refreshed of prepared examples."""
    given = prepared.examples, prepared.inputs, prepared.targets, prepared.splits["train"]
    return [refresh.start(*given) for refresh in prepared.examples.refreshes]


def prepare(
    examples: Examples,
    inputs: Mapping[str, Column],
    targets: Mapping[str, Column],
    split: Split = USUAL,
    progress: Reading = silent,
) -> Prepared:
    """Split, learn and encode.

    Parameters
    ----------
    inputs, targets
        The columns of the recipe, by name. Columns that have learned already (of a recognizer) are used as
        they are.
    split
        What is held back, where the source does not say it.

    Raises
    ------
    DataError
        A column is missing, or nothing is left to learn from.
    """
    if not len(examples):
        raise DataError(f"{examples.origin or 'the examples'}: there is not a single example in it")
    examples, inputs, targets = _dealt(examples, inputs, targets, split)
    inputs, targets = as_written(examples, inputs, "inputs"), as_written(examples, targets, "targets")
    columns = {n: _sized(examples, c, n) for n, c in {**inputs, **targets}.items()}
    usable = np.ones(len(examples), bool)
    problems: list[Problem] = list(examples.problems)
    problems += _without_target(examples, targets, usable)
    assigned = split_codes(examples)
    first = usable & (assigned == SPLITS.index("train"))
    columns, heavy = _encode_heavy(examples, columns, first, progress)
    for one in {h.fingerprint: h for h in heavy.values()}.values():
        usable &= ~np.asarray(one.facts["bad"])
        problems += one.problems
    train = np.flatnonzero(first & usable)
    judging = all(c.learned for c in columns.values())  # a recognizer is judged, and learns nothing
    if not len(train) and not judging:
        raise _none_to_train_on(examples, problems)
    arrays: dict[str, Rows] = {n: h.rows for n, h in heavy.items()}
    learned: dict[str, Column] = {}
    unanswerable: dict[str, Array] = {}
    for name, column in columns.items():
        if name not in heavy:
            learned[name], wrong, unanswerable[name] = _learn(examples, column, name, usable, train)
            problems += wrong
            if wrong and not judging and not usable[train].any():
                first = [p for p in wrong if p.name == examples.name(int(train[0]))]
                raise _none_to_train_on(examples, first, column.way_out(name))
    for name, column in learned.items():
        arrays[name] = _encode_light(examples, column, name, usable)
    for row, why in out_of_step(learned, inputs, targets, arrays):
        if usable[row]:
            usable[row] = False
            problems.append(_left_out(examples, row, why))
    splits: dict[str, Array] = {
        s: np.flatnonzero((assigned == code) & usable) for code, s in enumerate(SPLITS)
    }
    for name, column in columns.items():
        column = learned.get(name, column)
        if not column.learned:
            column = column.measure(arrays[name].chunks(splits["train"]))
        learned[name] = column
    prepared = Prepared(
        examples=examples,
        inputs={n: learned[n] for n in inputs},
        targets={n: learned[n] for n in targets},
        arrays=arrays,
        splits=splits,
        facts={n: h.facts for n, h in heavy.items()},
        problems=tuple(problems),
        unanswerable=unanswerable,
        fingerprint=_fingerprint(heavy, arrays, assigned, learned),
        numbers=_side_by_side(arrays, {n: learned[n] for n in inputs}),
        refreshed=Refreshed(progress) if examples.refreshes else None,
    )
    if not judging:
        _refuse_hopeless(prepared)
    return prepared


def _dealt(
    examples: Examples, inputs: Mapping[str, Column], targets: Mapping[str, Column], split: Split
) -> tuple[Examples, dict[str, Column], dict[str, Column]]:
    """Return the rows that a recipe's columns read, each in its split, and the columns as they read them."""
    inputs = _as_inputs(inputs)
    examples = _without_nan(
        _gathered(with_sources(examples, inputs, targets), {**inputs, **targets}), targets
    )
    examples, inputs, targets = windowed(examples, inputs, targets, split)
    return _split(examples, targets, split), inputs, targets


def _as_inputs(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return columns as they are where they are inputs."""
    alone = len({c.source or n for n, c in columns.items()}) == 1
    return {n: c.as_input(alone) for n, c in columns.items()}


def _none_to_train_on(examples: Examples, problems: Sequence[Problem], way_out: str = "") -> DataError:
    """Return the error for examples of which no training row is left, with the first reason and what helps."""
    why = str(problems[0]).removesuffix(LEFT_OUT).removesuffix(COUNTS_AS_WRONG) if problems else ""
    return DataError(
        f"{examples.origin or 'the examples'}: of {len(examples):,} examples none can be trained on"
        f"{f'; the first: {why}' if why else ''}{f'; {way_out}' if way_out else ''}"
    )


def _sized(examples: Examples, column: Column, name: str) -> Column:
    """Return a heavy column that knows how long its longest training value is, before any row is encoded."""
    if not column.heavy or column.learned:
        return column
    source = column.source or name
    cells = examples.column(source).gather(examples.rows("train").tolist())
    return column.learn(examples.store(source).longest(cells.drop_nulls()))


def _encode_heavy(
    examples: Examples, columns: Mapping[str, Column], training: Array, progress: Reading
) -> tuple[dict[str, Column], dict[str, HeavyColumn]]:
    """Return the columns and the heavy ones encoded; a second time where the first says by what to encode them."""
    known, heavy = dict(columns), {}
    for name, column in columns.items():
        if column.heavy:
            found = encode_heavy(examples, column, name, progress)
            if not column.learned:
                known[name] = column.learn_facts(found.facts[training & ~np.asarray(found.facts["bad"])])
            again = known[name] is not column
            heavy[name] = encode_heavy(examples, known[name], name, progress) if again else found
    return known, heavy


def _split(examples: Examples, targets: Mapping[str, Column], split: Split) -> Examples:
    """Return the examples with a complete column ``split``, in which a target of classes keeps their shares."""
    categories = [c.source or n for n, c in targets.items() if c.stratify]
    if len(categories) != 1:
        return split_rows(examples, split)
    cells = examples.column(categories[0])  # the error, where it is missing
    found = split_rows(examples, split, categories[0])
    alone = next(c.judged_alone(cells) for n, c in targets.items() if (c.source or n) == categories[0])
    return found if alone is None else found.replace(table=as_test(found.table, alone))


def _gathered(examples: Examples, columns: Mapping[str, Column]) -> Examples:
    """Return the examples with a column of its own for each that is read out of several."""
    found = {c.source or n: c.gathered(examples.column) for n, c in columns.items()}
    made = [cells.alias(name) for name, cells in found.items() if cells is not None]
    return examples.replace(table=examples.table.with_columns(made)) if made else examples


def _without_nan(examples: Examples, targets: Mapping[str, Column]) -> Examples:
    """Return the examples with an empty cell for each nan of a target: so other libraries write what is missing."""
    names = [c.source or n for n, c in targets.items()]
    floats = [n for n in names if n in examples.table.columns and examples.table[n].dtype.is_float()]
    return examples.replace(table=examples.table.with_columns(pl.col(name).fill_nan(None) for name in floats))


def _without_target(examples: Examples, targets: Mapping[str, Column], usable: Array) -> Iterator[Problem]:
    """Yield the rows whose target is missing, which are marked unusable."""
    for name, column in targets.items():
        missing = column.absent(examples.column(column.source or name))
        if not column.heavy and missing.any():
            usable &= ~missing
            why = column.why_absent(name)
            yield from (_left_out(examples, i, why) for i in np.flatnonzero(missing).tolist())


def _left_out(examples: Examples, row: int, why: str, wrong: bool = False) -> Problem:
    """Return the problem of a row that is left out; ``wrong`` where every answer to it counts as wrong."""
    name = examples.name(int(row))
    return Problem(name, f"{name}: {why}{COUNTS_AS_WRONG if wrong else LEFT_OUT}")


def _learn(
    examples: Examples, column: Column, name: str, usable: Array, train: Array
) -> tuple[Column, list[Problem], Array]:
    """Learn a light column from its training rows; rows with values it cannot encode are marked unusable.

    Returns
    -------
    The column, the problems, and the rows of values that are wrong whatever is answered.
    """
    cells = examples.column(column.source or name)
    problems = []
    if column.learned or column.leaves_out:
        for row, why in unreadable(examples, column, name, np.flatnonzero(usable)):
            problems.append(_left_out(examples, row, why))
            usable[row] = False
    rows = train[usable[train]] if column.leaves_out else train
    training = cells if len(rows) == len(cells) else cells.gather(rows)
    try:
        column = column.learn(training.unique().drop_nulls().to_list() if column.stratify else training)
    except DataError as error:
        raise DataError(f"the column {(column.source or name)!r}: {error}") from None
    none = np.zeros(0, np.int64)
    if not column.rejecting:
        return column, problems, none
    rows = np.flatnonzero(usable)
    wrong = rows[column.rejects(cells.gather(rows).to_list())]
    usable[wrong] = False
    values = [cells[i] for i in wrong.tolist()]
    never = [column.unanswerable(value) for value in values]
    problems += [
        _left_out(examples, i, column.why_rejected(value, name), counts)
        for i, value, counts in zip(wrong.tolist(), values, never, strict=True)
    ]
    return column, problems, wrong[never] if len(wrong) else none


def _encode_light(examples: Examples, column: Column, name: str, usable: Array) -> Rows:
    """Encode the rows that can be used; the others are zeros."""
    out = np.zeros((len(usable), *column.shape), column.dtype)
    rows = np.flatnonzero(usable)
    out[rows] = encode_light(examples, column, name, rows)
    return Rows(out)


def _side_by_side(arrays: dict[str, Rows], inputs: Mapping[str, Column]) -> Rows | None:
    """Lay the number inputs side by side in one array, of which those by column become views."""
    names = [n for n, c in inputs.items() if c.side_by_side]
    if len(names) < 2 or len({arrays[n].dtype for n in names}) > 1:
        return None
    block = np.empty((len(arrays[names[0]]), len(names)), arrays[names[0]].dtype)
    rows = np.arange(len(block))
    for i, name in enumerate(names):
        block[:, i] = arrays[name].take(rows)
        arrays[name] = Rows(block[:, i])
    return Rows(block)


def _fingerprint(
    heavy: Mapping[str, HeavyColumn],
    arrays: Mapping[str, Rows],
    assigned: Array,
    columns: Mapping[str, Column],
) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name, column in columns.items():
        if name not in heavy:  # what the encoded numbers stand for: the same ones may be other classes
            digest.update(json.dumps([name, column.meaning()], sort_keys=True).encode())
    for name, rows in arrays.items():
        digest.update(name.encode())
        if name in heavy:
            digest.update(heavy[name].fingerprint.encode())
        else:
            digest.update(np.ascontiguousarray(rows.take(np.arange(len(rows)))).data)
    digest.update(assigned.data)
    return digest.hexdigest()


def _refuse_hopeless(prepared: Prepared) -> None:
    """Refuse examples that nothing can be learned from."""
    train = prepared.splits["train"]
    for name, column in prepared.targets.items() if len(train) else ():
        if why := column.nothing_to_learn(prepared.arrays[name].take(train), name):
            raise DataError(f"{prepared.examples.origin or 'the examples'}: {why}")
