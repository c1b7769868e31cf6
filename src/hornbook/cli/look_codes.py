"""``hornbook look --run``: what the codes of a trained run show: a map, neighbours, and the odd ones out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.common.plaintext import clean, number_of, percent, shorten
from hornbook.errors import DataError, UsageError

if TYPE_CHECKING:
    from hornbook.columns.base import Array
    from hornbook.common.blocks import Section
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer import Recognizer
    from hornbook.report.codes import Coded

MOST_ROWS = 20_000
"""Rows that have a code: 400 million pairs are compared in 3 s."""

ON_MAP = 2_000
ASKED = 24
NEAR = 8

SEED = 0
"""Rows are drawn by it, so that two looks at the same examples show the same."""

NAMED = 3
"""Odd ones that are named in a terminal."""

MOST_CLASSES = 200
"""A column of the examples that the recipe does not name is a class where it has at most so many different values."""


def look_at_codes(
    reader: Recognizer, prepared: Prepared, way: str, like: Sequence[str]
) -> list[Section] | None:
    """Return what the codes of examples show, and print it in two lines; None where the run has no codes.

    Parameters
    ----------
    way
        How the map is made.
    like
        Files, or texts where the input is one, of which the nearest examples are wanted.
    """
    from hornbook.recognizer.codes.encode import codes_of, numbers_of
    from hornbook.recognizer.codes.space import flat, nearest
    from hornbook.report import codes as report

    try:
        numbers_of(reader)
    except UsageError:
        if like:
            raise
        return None
    asked = _given(reader, like)
    coded, drawn = _coded(reader, prepared)
    if len(coded.rows) < 3:
        return []
    on_map = drawn[:ON_MAP]
    found = flat(coded.codes[on_map], way, SEED)
    near, _ = nearest(coded.codes, coded.codes[on_map], NEAR, on_map)
    same = (
        None if coded.labels is None else float((coded.labels[near] == coded.labels[on_map][:, None]).mean())
    )
    some = _of_each(coded, on_map)
    sections = [
        report.map_section(coded, on_map, found),
        report.neighbours_section(coded, on_map[some], near[some], same),
    ]
    kept = "" if found.kept is None else f" ({percent(found.kept, 0)} of the variance)"
    alike = (
        "" if same is None else f"; {percent(same, 0)} of the {NEAR} nearest have the same {clean(coded.by)}"
    )
    whole = number_of(coded.total, "row")
    part = f"{len(on_map):,} of {whole}" if len(on_map) < coded.total else whole
    print(f"map of the codes: {part} by {found.way}{kept}{alike}")
    sections.append(_odd(reader, prepared, coded))
    if asked:
        places, _ = nearest(coded.codes, codes_of(reader, [value for _, value, _ in asked]), NEAR)
        for (name, _, _), mine in zip(asked, places, strict=True):
            names = ", ".join(shorten(clean(coded.said(place)), 60) for place in mine[:NAMED].tolist())
            print(f"nearest to {shorten(clean(name), 40)}: {names}")
        sections.insert(0, report.like_section(coded, [(name, seen) for name, _, seen in asked], places))
    return sections


def _given(reader: Recognizer, like: Sequence[str]) -> list[tuple[str, Any, Array | None]]:
    """Return the names, values and pictures of what was given; UsageError where one argument is no input."""
    if not like:
        return []
    if len(reader.inputs) != 1 or (reader.reads_cells and not reader.reads_text) or reader.reads_series:
        raise UsageError(
            "--like is for a picture, a sound or a text, and this run answers from rows: leave it out"
        )
    ((name, column),) = reader.inputs.items()
    out: list[tuple[str, Any, Array | None]] = []
    for value in like:
        try:
            encoded = reader.encode(value, value)[name]
        except DataError as error:
            raise DataError(f"--like: {error}") from None
        out.append((value, value, column.picture(encoded) if column.shows else None))
    return out


def _coded(reader: Recognizer, prepared: Prepared) -> tuple[Coded, Array]:
    """Return rows with their codes, and their places in an order that was drawn."""
    from hornbook.recognizer.codes.encode import codes_of_rows
    from hornbook.recognizer.judge import called
    from hornbook.report.codes import Coded, coloured
    from hornbook.report.look import media

    every = np.sort(np.concatenate(list(prepared.splits.values())))
    random = np.random.default_rng(SEED)
    rows = np.sort(random.permutation(every)[:MOST_ROWS])
    by, classes = _class_of(prepared)
    labels = groups = None
    if by:
        labels, groups = coloured(prepared.examples.table[by].gather(rows), classes)
    codes = codes_of_rows(reader, prepared, rows)
    coded = Coded(rows, codes, len(every), by, labels, groups, called(reader, prepared), media(prepared).seen)
    return coded, random.permutation(len(rows))


def _class_of(prepared: Prepared) -> tuple[str, bool]:
    """Return the column that examples are coloured by, and whether it is a class: a target, or one beside them."""
    table = prepared.examples.table
    targets = {c.source or n: c for n, c in prepared.targets.items()}
    there = {n: c for n, c in targets.items() if n in table.columns and not table[n].dtype.is_nested()}
    for name, column in there.items():
        if column.class_names() and not column.is_string:
            return name, True
    for name, column in there.items():
        if column.numeric and table[name].dtype.is_numeric():
            return name, False
    used = {s for n, c in (*prepared.inputs.items(), *prepared.targets.items()) for s in c.sources(n)}
    others = [
        c
        for c in table
        if c.name not in {*used, "split"} and not c.dtype.is_nested() and not c.dtype.is_float()
    ]
    known = [c.name for c in others if 1 < c.n_unique() <= min(MOST_CLASSES, len(c) // 2)]
    return (known[0], True) if len(known) == 1 else ("", False)


def _of_each(coded: Coded, places: Array) -> Array:
    """Return which of some places are shown with their neighbours: as many as can be of each class."""
    if coded.labels is None:
        return np.arange(len(places))[:ASKED]
    labels = coded.labels[places]
    turn, counts = np.empty(len(places), np.int64), dict[str, int]()
    for i, label in enumerate(labels.tolist()):
        turn[i] = counts[label] = counts.get(label, -1) + 1
    chosen = np.argsort(turn, kind="stable")[:ASKED]
    found: Array = chosen[np.argsort(labels[chosen].astype(str), kind="stable")]
    return found


def _odd(reader: Recognizer, prepared: Prepared, coded: Coded) -> Section:
    """Return the rows that are rebuilt worst, or that are farthest from the rest, and print the first."""
    from hornbook.recognizer.codes.encode import rebuilt
    from hornbook.recognizer.codes.space import far
    from hornbook.report import codes as report

    def named(place: int) -> str:
        return shorten(clean(coded.named(int(coded.rows[place]))), 40)

    found = rebuilt(reader, prepared, coded.rows)
    if found is None:
        apart = far(coded.codes)
        times = apart / max(float(np.median(apart)), 1e-30)
        order = np.argsort(-times, kind="stable")[: report.SHOWN]
        said = ", ".join(f"{named(place)} ({times[place]:.1f} times)" for place in order[:NAMED].tolist())
        print(f"odd ones out, as far from the rest as is usual: {said}")
        return report.far_section(coded, order, times)
    target, errors = found
    column = reader.targets[target]
    order = np.argsort(-errors, kind="stable")[: report.SHOWN]
    outputs = reader.run(prepared.take(coded.rows[order], reader.inputs))[target]
    answers = [np.asarray(prediction.value) for prediction in column.decode(outputs)]
    answers = [answer if answer.ndim == 3 else answer[..., None] for answer in answers]
    worst = ", ".join(
        f"{named(place)} ({column.say_score(errors[place])})" for place in order[:NAMED].tolist()
    )
    print(
        f"odd ones out, rebuilt worst: {worst}; the middle one {column.say_score(float(np.median(errors)))}"
    )
    return report.rebuilt_section(coded, order, errors, answers, column.say_score)
