"""Checks of tables: columns that say nothing or say it all, rows that are there twice, values that are missing.

Nothing here goes through the cells one by one: a million rows of twenty columns take about a second.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from hornbook.checks.findings import Finding
from hornbook.checks.infer import UNNAMED, infer_kind
from hornbook.checks.leaks import MOST_TOGETHER, decides, same_as, together
from hornbook.columns.base import Array
from hornbook.columns.summary import FIRST, SPLITS
from hornbook.common.plaintext import clean, listed, number_of, recipe_key
from hornbook.examples.examples import NUMBER
from hornbook.examples.prepare import Prepared

MOST_SAID = 8
"""Of so many columns that are no inputs a finding says why."""

LONG = 100_000
"""Characters from which on a text is more likely a whole file that got into one cell."""


def check_table(prepared: Prepared) -> Iterator[Finding]:
    """Yield what is wrong with the columns of a table that a recipe uses, none of them pictures or sounds."""
    table = prepared.examples.table
    names = set(table.columns)
    inputs = {n: c.source or n for n, c in prepared.inputs.items() if c.in_cells and (c.source or n) in names}
    targets = {n: c.source or n for n, c in prepared.targets.items() if (c.source or n) in names}
    if not inputs:
        return
    used = np.sort(np.concatenate([prepared.splits[split] for split in SPLITS]))
    rows = table if len(used) == table.height else table[used]
    texts = {name for name, column in prepared.inputs.items() if column.is_text}
    classes = [name for name, column in prepared.targets.items() if column.stratify]
    yield from _columns(rows, inputs, targets, texts, classes)
    yield from _together(rows, prepared)
    read = {s for n, c in {**prepared.inputs, **prepared.targets}.items() for s in c.sources(n)}
    yield from _unused(rows, {*inputs.values(), *targets.values(), *read, "split"}, targets)
    yield from _missing(rows, inputs)
    yield from _words(rows, prepared)
    yield from _long(rows, inputs, used)
    if len(inputs) == len(prepared.inputs):
        yield from _repeated(prepared, *(list(dict.fromkeys(used.values())) for used in (inputs, targets)))


def _columns(
    rows: pl.DataFrame,
    inputs: dict[str, str],
    targets: dict[str, str],
    texts: set[str],
    classes: Sequence[str],
) -> Iterator[Finding]:
    """Inputs that say nothing, and inputs that say what the target is; texts all differ as a rule.

    ``classes`` are the targets of classes.
    """
    for name, source in inputs.items():
        if source in targets.values():
            continue  # a text that is to say what comes next of itself, a series
        looked = infer_kind(rows[source])
        what = clean(name)
        if looked.kind in ("missing", "constant", "identifier") and not (
            looked.kind == "identifier" and name in texts
        ):
            advice = "leave it out of [inputs]"
            message = f"the input {what} {looked.why}, so nothing can be learned from it; {advice}"
            yield Finding("warning", looked.kind, message, (name,), 1)
            continue
        for target, of in targets.items():
            found = same_as(rows[source], rows[of]) or (target in classes and decides(rows[source], rows[of]))
            if found:
                said = found.replace(" it", f" the target {clean(target)}")
                message = (
                    f"the input {what} {said}: it may be the answer itself, which nobody has when the model is used; "
                    "leave it out of [inputs]"
                )
                yield Finding("warning", "is-the-target", message, (name,), 1)


def _together(rows: pl.DataFrame, prepared: Prepared) -> Iterator[Finding]:
    """Inputs that give the target: the parts of a sum, or a price and how often it was paid."""
    for target, column in prepared.targets.items():
        of = column.source or target
        sources = {c.source or n for n, c in prepared.inputs.items() if c.numeric}
        numbers = [name for name, kind in rows.schema.items() if name in sources and kind.is_numeric()]
        if (
            not column.numeric
            or of in sources
            or not rows[of].dtype.is_numeric()
            or len(numbers) > MOST_TOGETHER
        ):
            continue
        if found := together([rows[name] for name in numbers], rows[of]):
            *names, said = found
            message = (
                f"the target {clean(target)} is {said}, all of them inputs: they may be the answer itself, which "
                "nobody has when the model is used; leave one of them out of [inputs]"
            )
            yield Finding("warning", "is-the-target", message, tuple(names), 2)


def not_inputs(rows: pl.DataFrame, used: Container[str], targets: Iterable[str]) -> dict[str, str]:
    """Return the columns that are not used, and why they could not be good inputs; none of those that could.

    >>> not_inputs(pl.DataFrame({"id": range(1, 21), "y": [0, 1] * 10}), {"y"}, ["y"])
    {'id': 'numbers the rows'}
    """
    found = {}
    for cells in rows:
        if cells.name in used:
            continue
        why = infer_kind(cells).why or next(
            (
                same.replace(" it", f" the target {clean(of)}")
                for of in targets
                if (same := same_as(cells, rows[of]))
            ),
            "",
        )
        if why:
            found[cells.name] = why
    return found


def _unused(rows: pl.DataFrame, used: set[str], targets: dict[str, str]) -> Iterator[Finding]:
    """Columns that are not used, and why they could not be good inputs."""
    found = not_inputs(rows, used, targets.values())
    if found:
        what = number_of(len(found), "column is no input", "columns are no inputs")
        said = [f"{clean(name)} {why}" for name, why in list(found.items())[:MOST_SAID]]
        more = f" and {len(found) - MOST_SAID:,} more" if len(found) > MOST_SAID else ""
        yield Finding("note", "not-an-input", f"{what}: {'; '.join(said)}{more}", tuple(found), len(found))


def _missing(rows: pl.DataFrame, inputs: dict[str, str]) -> Iterator[Finding]:
    counts = {name: rows[source].null_count() for name, source in inputs.items()}
    some = {name: n for name, n in counts.items() if 0 < n < rows.height}
    if some:
        names = [f"{clean(name)} ({n:,})" for name, n in sorted(some.items(), key=lambda item: -item[1])]
        what = number_of(len(some), "input has", "inputs have")
        message = f"{what} missing values, of {rows.height:,} rows: {listed(names, limit=6)}"
        yield Finding("note", "missing", message, tuple(some), sum(some.values()))


def _words(rows: pl.DataFrame, prepared: Prepared) -> Iterator[Finding]:
    """Words among numbers that were found to stand for a missing value."""
    for section, columns in (("inputs", prepared.inputs), ("targets", prepared.targets)):
        for name, column in columns.items():
            source = column.source or name
            cells = rows.get_column(source, default=None)
            words = {} if cells is None else column.counted_as_missing(cells)
            if words:
                said = listed([f"{clean(word)!r} ({n:,})" for word, n in words.items()], limit=4)
                count = "counts" if len(words) == 1 else "count"
                message = (
                    f"{said} among the numbers of {clean(name)} {count} as missing; where it says something, set "
                    f'{recipe_key(section, name)} = "category"'
                )
                yield Finding("note", "words", message, tuple(words)[:FIRST], sum(words.values()))


def _long(rows: pl.DataFrame, inputs: dict[str, str], used: Array) -> Iterator[Finding]:
    """Texts that are empty, and texts so long that something is wrong."""
    for name, source in inputs.items():
        cells = rows[source]
        if cells.dtype != pl.String:
            continue
        lengths = cells.str.len_bytes()
        longest = int(lengths.max() or 0)  # type: ignore[arg-type]
        if longest >= LONG:
            row = int(used[lengths.arg_max() or 0]) + 1
            message = (
                f"the {clean(name)} of row {row} has {longest:,} bytes; look whether a quote is missing, or cut "
                "it into several rows"
            )
            yield Finding("warning", "long-text", message, (f"row {row}",), int((lengths >= LONG).sum()))


def _repeated(prepared: Prepared, inputs: list[str], targets: list[str]) -> Iterator[Finding]:
    """The same row more than once, within a split and across splits, and the same inputs with two answers."""
    table = prepared.examples.table
    side = np.full(table.height, len(SPLITS), np.uint8)
    for i, split in enumerate(SPLITS):
        side[prepared.splits[split]] = i
    used = np.flatnonzero(side < len(SPLITS))
    columns = [*inputs, *(t for t in targets if t not in inputs)]
    others = [cells.name for cells in table if cells.name not in columns and _tells_apart(cells)]
    rows = _groups(table.select(*columns, *others), used)
    twice = np.flatnonzero(np.bincount(rows)[rows] > 1)
    if len(twice):
        yield from _twice(prepared, rows[twice], used[twice], side[used[twice]])
    # Of numbers, two answers are the rule.
    classes = [t for t, c in prepared.targets.items() if c.stratify]
    if len(classes) == 1 and len(targets) == 1 and targets[0] not in inputs:
        whole = _groups(table.select(columns), used) if others else rows
        alike = _groups(table.select(inputs), used)
        # As many groups with the target as without it: each row of inputs has one answer.
        pairs = np.unique(np.stack([alike, whole]), axis=1)[0] if alike.max() != whole.max() else alike[:0]
        several = np.flatnonzero(np.bincount(pairs, minlength=1) > 1) if len(pairs) else pairs
        if len(several):
            first = used[np.flatnonzero(alike == several[0])]
            names = tuple(prepared.examples.name(int(row)) for row in first[:FIRST])
            message = (
                f"the same inputs have two values of {clean(classes[0])} in {number_of(len(several), 'case')}: "
                f"{listed(names, len(first))}; no model can get all of them right"
            )
            yield Finding("note", "two-answers", message, names, len(several))


def _tells_apart(cells: pl.Series) -> bool:
    """Return whether a column that is no input can tell rows apart: not where it only says which row it is."""
    if cells.name == "split" or cells.dtype.is_nested() or cells.dtype == pl.Object:
        return False
    index = UNNAMED.fullmatch(cells.name) or cells.name.lower() in ("index", NUMBER)
    return not index or infer_kind(cells).kind != "identifier"


def _groups(table: pl.DataFrame, used: Array) -> Array:
    """Return for each row in use the number of the group of equal rows that it is in."""
    hashes = (table if len(used) == table.height else table[used]).hash_rows(seed=0).to_numpy()
    ordered = np.sort(hashes)
    if not (ordered[1:] == ordered[:-1]).any():  # as mostly; in what order they are takes twice as long
        return np.arange(len(hashes))
    return np.unique(hashes, return_inverse=True)[1]


def _twice(prepared: Prepared, groups: Array, rows: Array, side: Array) -> Iterator[Finding]:
    """Findings for rows of groups of equal ones."""
    order = np.lexsort((rows, side, groups))
    groups, rows, side = groups[order], rows[order], side[order]
    same = groups[1:] == groups[:-1]
    first_side = side[np.searchsorted(groups, groups)]

    def named(places: Array) -> tuple[str, ...]:
        pairs = [(int(rows[np.searchsorted(groups, groups[i])]), int(rows[i])) for i in places[:FIRST]]
        return tuple(f"{prepared.examples.name(a)} = {prepared.examples.name(b)}" for a, b in pairs)

    across = np.flatnonzero(side != first_side)
    if len(across):
        names = named(across)
        what = number_of(len(across), "row is", "rows are")
        message = (
            f"{what} in two splits: {listed(names, len(across), each=200)}; scores on them prove less, so remove the "
            "copies, or keep them together with split.group"
        )
        yield Finding("warning", "duplicates-across", message, names, len(across))
    within = np.flatnonzero(same & (side[1:] == side[:-1])) + 1
    if len(within):
        names = named(within)
        what = number_of(len(within), "row is", "rows are")
        where = " in the same split" if sum(len(r) > 0 for r in prepared.splits.values()) > 1 else ""
        message = f"{what} there more than once{where}: {listed(names, len(within), each=200)}"
        yield Finding("note", "duplicates", message, names, len(within))
