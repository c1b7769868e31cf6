"""Checks of the examples, before anything is learned from them.

Everything is counted from what encoding has left behind: the problems by name, a hash, size and mode of each
picture, and the encoded arrays, read once, a chunk at a time. What a kind of value has to say of its examples it says
itself (`hornbook.columns.base.Column.inspect`). Nothing here stops a training; what cannot be learned from at all is
refused by `hornbook.examples.prepare.prepare`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hornbook.checks.findings import Finding, Findings, Level
from hornbook.checks.infer import infer_kind
from hornbook.checks.table import check_table
from hornbook.columns.base import Array, Column
from hornbook.columns.kinds import column_types
from hornbook.columns.summary import FIRST, SPLITS, Inspection, Values
from hornbook.common.plaintext import clean, listed, number_of, shorten
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.pixels import with_pixels
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.seen import respelled
from hornbook.examples.stores import Note

__all__ = ["Finding", "Findings", "check", "check_prepared"]


def check(examples: Examples) -> Findings:
    """Check examples, guessing which column is the class, and what the others are.

    Raises
    ------
    DataError
        There is no column ``label`` and more than one that could be it, or nothing can be learned from the
        examples.
    """
    types = column_types()
    examples = with_pixels(examples)
    others = [c for c in examples.table.columns if c not in examples.stores and c != "split"]
    if "label" in others:
        target = "label"
    elif len(others) == 1:
        target = others[0]
    else:
        raise DataError(
            f"{examples.origin or 'the examples'}: it is not plain which column is the class; rename one of "
            f"{one_of(others)} to 'label'"
        )
    inputs: dict[str, Column] = {
        name: types["audio" if name == "audio" else "image"]() for name in list(examples.stores)[:1]
    }
    if not inputs:
        inputs = table_inputs(
            {name: infer_kind(examples.table[name]).kind for name in others if name != target}
        )
    return check_prepared(prepare(examples, inputs, {target: types["category"]()}))


def table_inputs(kinds: dict[str, str]) -> dict[str, Column]:
    """Return a column for each column of a table from which something can be learned, by its kind."""
    types = column_types()
    return {name: types[kind]() for name, kind in kinds.items() if kind in types and types[kind].in_cells}


def check_prepared(prepared: Prepared, folds: int = 0) -> Findings:
    """Check examples that are split and encoded.

    Looks for examples left out, the same content twice within and across splits and under two labels, and for what
    each kind of value looks for: classes with few examples, pictures of one colour or saved again, silence, rare
    characters; for tables see `hornbook.checks.table`. 70,000 MNIST pictures take about a second; memory beyond a
    chunk is some 50 bytes a row. ``folds`` says by how many of its rows a training is judged, so that none need be held
    back.
    """
    inputs = [(column, _values(prepared, name)) for name, column in prepared.inputs.items()]
    targets = [(c, _values(prepared, name, inputs)) for name, c in prepared.targets.items()]
    asked: list[Inspection] = [column.inspect(values) for column, values in targets]
    found = [*_left_out(prepared, folds), *(finding for each in asked for finding in each.findings)]
    heard = []
    for column, values in inputs:
        if values.facts is not None:
            found += _repeated(prepared, values)
        heard.append(column.inspect(values))
        found += heard[-1].findings
    found += check_table(prepared)
    found += _written(prepared)
    found += [Finding("warning", "spelling", said) for said in respelled(prepared)]
    order: list[Level] = ["error", "warning", "note"]
    return Findings(
        origin=prepared.examples.origin,
        splits={split: len(prepared.splits[split]) for split in SPLITS},
        inputs=tuple(each.summary for each in heard if each.summary is not None),
        targets=tuple(each.summary for each in asked if each.summary is not None),
        findings=tuple(sorted(found, key=lambda finding: order.index(finding.level))),
        problems=prepared.problems,
        pictured=any(column.shows for column in prepared.inputs.values()),
    )


def _values(prepared: Prepared, name: str, inputs: list[tuple[Column, Values]] | None = None) -> Values:
    arrays, facts = prepared.arrays[name], prepared.facts.get(name)
    return Values(name, arrays, prepared.splits, prepared.examples.name, facts, inputs)


def _written(prepared: Prepared) -> Iterator[Finding]:
    """What was found out about how the data is written; of columns of texts, where they are read as numbers."""
    columns = [*prepared.inputs.items(), *prepared.targets.items()]
    table = prepared.examples.table
    numbers = {c.source or n for n, c in columns if c.numeric} | {
        c.name for c in table if c.dtype.is_numeric()
    }
    for note in prepared.examples.notes:
        about = note if isinstance(note, Note) else Note(note)
        if not about.column or about.column in numbers:
            yield Finding("warning" if about.doubt else "note", "reading", str(note))


def _left_out(prepared: Prepared, folds: int) -> Iterator[Finding]:
    problems = prepared.problems
    if problems:
        names = tuple(shown(p.name) for p in problems[:FIRST])
        what = "cannot be used and is left out" if len(problems) == 1 else "cannot be used and are left out"
        count = number_of(len(problems), "file or row", "files or rows")
        message = f"{count} {what}: {listed(names, len(problems))}"
        yield Finding("warning", "left-out", message, names, len(problems))
    if not len(prepared.splits["test"]) and not folds:
        rows = "that chose the best epoch" if len(prepared.splits["validation"]) else "that it learned from"
        message = f"there is no test split, so scores are those of rows {rows}; set split.test"
        yield Finding("note", "no-test", message)
    if not len(prepared.splits["validation"]) and not folds:
        message = (
            "there is no validation split, so the last epoch is kept and its confidence is not calibrated; set "
            "split.validation, or where split.group is set, bring more groups"
        )
        yield Finding("note", "no-validation", message)


def _repeated(prepared: Prepared, values: Values) -> Iterator[Finding]:
    """The same content more than once: within a split, across splits, under two labels."""
    rows, sides = values.rows, values.sides
    assert values.facts is not None
    groups = same_content(values.facts["content"], rows)
    if not groups:
        return
    side = np.zeros(len(prepared.examples), np.uint8)
    side[rows] = sides
    labels = {n: prepared.arrays[n] for n, c in prepared.targets.items() if c.is_label}
    within, across, two = [], [], []
    for group in groups:
        sides = side[group]
        if any(_other(label.take(group)).any() for label in labels.values()):
            two.append(group)
        if (sides != sides[0]).any():
            across.append(group[np.argsort(sides, kind="stable")])
        for i in np.unique(sides):
            if (sides == i).sum() > 1:
                within.append(group[sides == i])
    what = clean(values.name)
    if two:
        said = f"the same {what} has two labels in {number_of(len(two), 'case')}: {{}}; correct or remove one of each"
        yield _pairs(prepared, "warning", "two-labels", two, said, len(two))
    if across:
        count = sum(len(group) - int((side[group] == side[group].min()).sum()) for group in across)
        said = (
            f"{number_of(count, f'{what} is', f'{what}s are')} in two splits: {{}}; scores on them prove "
            "nothing, so remove the copies"
        )
        yield _pairs(prepared, "warning", "duplicates-across", across, said, count)
    if within:
        count = sum(len(group) - 1 for group in within)
        where = " in the same split" if (values.sides != values.sides[0]).any() else ""
        said = f"{number_of(count, f'{what} is', f'{what}s are')} there more than once{where}: {{}}"
        yield _pairs(prepared, "note", "duplicates", within, said, count)


def same_content(content: Array, rows: Array) -> list[Array]:
    """Return the groups of rows with the same content, 128-bit hashes (``V16``), in the order of their first row."""
    halves = np.ascontiguousarray(content[rows]).view("<u8").reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    halves = halves[order]
    same = np.concatenate([[False], (halves[1:] == halves[:-1]).all(axis=1), [False]])
    # A run of equal hashes begins before each rise of `same` and ends at the next fall.
    begins, ends = np.flatnonzero(same[1:] & ~same[:-1]), np.flatnonzero(~same[1:] & same[:-1]) + 1
    groups = [np.sort(rows[order[a:b]]) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
    return sorted(groups, key=lambda group: int(group[0]))


def _other(encoded: Array) -> Array:
    """Return which rows have another value than the first one."""
    found = encoded.reshape(len(encoded), -1)
    other: Array = (found != found[0]).any(axis=1)
    return other


def _pairs(
    prepared: Prepared, level: Level, code: str, groups: list[Array], said: str, count: int
) -> Finding:
    """Return a finding about groups of rows; of the first groups, two rows are named, with labels if they differ."""
    names = []
    for group in groups[:FIRST]:
        pair, labels = group[[0, -1]], ["", ""]
        for target, column in prepared.targets.items() if code == "two-labels" else ():
            encoded = prepared.arrays[target].take(group)
            if column.is_label and (differs := _other(encoded)).any():
                place = int(differs.argmax())
                pair = group[[0, place]]
                labels = [f" ({shorten(clean(v), 30)})" for v in column.labels(encoded[[0, place]])]
                break
        called = [shorten(shown(prepared.examples.name(int(row))), 60) for row in pair]
        names.append(" = ".join(f"{name}{label}" for name, label in zip(called, labels, strict=True)))
    return Finding(level, code, said.replace("{}", listed(names, len(groups), each=200)), tuple(names), count)
