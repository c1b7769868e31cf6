"""Checks of the examples, before anything is learned from them.

Everything is counted from what encoding has left behind: the problems by name, a hash, size and mode of each
picture, and the encoded arrays, read once, a chunk at a time. Nothing here stops a training; what cannot be
learned from at all is refused by `hornbook.examples.prepare.prepare`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hornbook.columns.image.duplicates.find import (
    alikeness,
    look_the_same,
    near_pairs,
    perceptual_hashes,
    same_content,
)
from hornbook.checks.findings import ClassCounts, Finding, Findings, Level, Sizes
from hornbook.checks.kinds import kind_of
from hornbook.columns.audio.checks import lengths, sounds
from hornbook.columns.characters.checks import check_strings, strings_of
from hornbook.checks.table import TYPES, check_table
from hornbook.columns.base import Array, Column
from hornbook.columns.kinds import column_types
from hornbook.common.plaintext import clean, listed, number_of, shorten
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.rows import Rows
from hornbook.examples.split import SPLITS

__all__ = ["Finding", "Findings", "check", "check_prepared"]

FEWEST = 5
"""Examples below which a class can hardly be learned or judged."""

UNBALANCED = 10
"""From this ratio of the largest class to the smallest on, the small ones are worth a word."""

SAID = ("category", "characters", "number")
"""Types of targets of which the same picture can have only one value."""

FIRST = 10
"""How many names a finding keeps."""

MOST_SIZES = 500


def check(examples: Examples) -> Findings:
    """Check examples, guessing which column is the class, and what the others are.

    Raises
    ------
    DataError
        There is no column ``label`` and more than one that could be it, or nothing can be learned from the
        examples.
    """
    from hornbook.columns.audio.column import AudioColumn
    from hornbook.columns.category.column import CategoryColumn
    from hornbook.columns.image.column import ImageColumn

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
        name: AudioColumn() if name == "audio" else ImageColumn(size=(32, 32))
        for name in list(examples.stores)[:1]
    }
    if not inputs:
        types = column_types()
        kinds = {name: kind_of(examples.table[name]).kind for name in others if name != target}
        inputs = {name: types[kind]() for name, kind in kinds.items() if kind in TYPES}
    return check_prepared(prepare(examples, inputs, {target: CategoryColumn()}))


def check_prepared(prepared: Prepared) -> Findings:
    """Check examples that are split and encoded.

    Looks for examples left out, classes with few examples or missing from a split, unbalanced classes, the
    same picture twice (to the byte, or saved again) within and across splits and under two labels, and
    pictures of one colour; for tables see `hornbook.checks.table`. 70,000 MNIST pictures take about
    a second; memory beyond a chunk is some 50 bytes a row.
    """
    found = list(_left_out(prepared))
    counts = tuple(_class_counts(prepared))
    for count in counts:
        found += _classes(count)
    sizes, heard = [], []
    for name, column in prepared.inputs.items():
        if name not in prepared.facts:
            continue
        found += _repeated(prepared, name)
        if column.type == "image":
            found += _alike(prepared, name)
            sizes.append(_sizes(prepared, name))
        elif column.type == "audio":
            rows, _ = _used(prepared)
            found += sounds(prepared, name, rows)
            heard.append(lengths(prepared, name, rows))
    found += check_table(prepared)
    strings = tuple(strings_of(prepared, n) for n, c in prepared.targets.items() if c.type == "characters")
    for target in strings:
        found += check_strings(prepared, target)
    found += [Finding("note", "reading", note) for note in prepared.examples.notes]
    order: list[Level] = ["error", "warning", "note"]
    return Findings(
        origin=prepared.examples.origin,
        splits={split: len(prepared.splits[split]) for split in SPLITS},
        counts=counts,
        sizes=tuple(sizes),
        lengths=tuple(heard),
        findings=tuple(sorted(found, key=lambda finding: order.index(finding.level))),
        problems=prepared.problems,
        strings=strings,
    )


def _left_out(prepared: Prepared) -> Iterator[Finding]:
    problems = prepared.problems
    if problems:
        names = tuple(shown(p.name) for p in problems[:FIRST])
        what = "cannot be used and is left out" if len(problems) == 1 else "cannot be used and are left out"
        count = number_of(len(problems), "file or row", "files or rows")
        message = f"{count} {what}: {listed(names, len(problems))}"
        yield Finding("warning", "left-out", message, names, len(problems))
    if not len(prepared.splits["test"]):
        rows = "that chose the best epoch" if len(prepared.splits["validation"]) else "that it learned from"
        message = f"there is no test split, so scores are those of rows {rows}; set split.test"
        yield Finding("note", "no-test", message)
    if not len(prepared.splits["validation"]):
        message = (
            "there is no validation split, so the last epoch is kept and its confidence is not calibrated; set "
            "split.validation, or where split.group is set, bring more groups"
        )
        yield Finding("note", "no-validation", message)


def _class_counts(prepared: Prepared) -> Iterator[ClassCounts]:
    for name, column in prepared.targets.items():
        classes: Sequence[str] | None = getattr(column, "classes", None)
        if column.type != "category" or classes is None:
            continue
        columns = [
            np.bincount(prepared.arrays[name].take(prepared.splits[split]), minlength=len(classes))
            for split in SPLITS
        ]
        yield ClassCounts(name, tuple(classes), tuple(map(tuple, np.stack(columns, axis=1).tolist())))


def _classes(counts: ClassCounts) -> Iterator[Finding]:
    """Classes that are small, unbalanced or missing from a split."""
    rows = np.array(counts.rows)
    total, train = rows.sum(axis=1), rows[:, 0]
    target = clean(counts.target)

    def finding(level: Level, code: str, which: Array, said: str, number: Array | None = None) -> Finding:
        places = np.flatnonzero(which).tolist()
        names = [shorten(clean(counts.classes[i]), 40) for i in places]
        numbered = (
            names if number is None else [f"{n} ({number[i]:,})" for n, i in zip(names, places, strict=True)]
        )
        return Finding(
            level, code, said.replace("{}", listed(numbered, limit=5)), tuple(names[:FIRST]), len(names)
        )

    def classes_of(which: Array) -> str:
        return number_of(int(which.sum()), "class", "classes")

    if (none := train == 0).any():
        said = f"{classes_of(none)} of {target} without a training example: {{}}; add some"
        yield finding("error", "no-training-example", none, said)
    if (few := (total < FEWEST) & ~none).any():
        what = "has" if few.sum() == 1 else "have"
        said = f"{classes_of(few)} of {target} {what} fewer than {FEWEST} examples: {{}}; "
        yield finding(
            "warning", "few-examples", few, said + "add examples, or remove what cannot be learned", total
        )
    for i, split in enumerate(SPLITS):
        if i and rows[:, i].any() and (missing := (rows[:, i] == 0) & ~none).any():
            said = f"the {split} split has no example of {classes_of(missing)}: {{}}; "
            said += "its score says nothing about them"
            yield finding("warning", "missing-from-split", missing, said)
    kept = np.flatnonzero(~none)
    if len(kept) > 1:
        most, least = kept[train[kept].argmax()], kept[train[kept].argmin()]
        if train[most] >= UNBALANCED * train[least]:
            names = tuple(shorten(clean(counts.classes[i]), 40) for i in (most, least))
            message = (
                f"{target} is unbalanced: {names[0]} has {train[most]:,} training examples and {names[1]} "
                f'{train[least]:,}; if the rare ones matter as much, set training.class_weights = "balanced"'
            )
            yield Finding("note", "unbalanced", message, names, int(train[most] // max(train[least], 1)))


def _used(prepared: Prepared) -> tuple[Array, Array]:
    """Return the row numbers in use, ascending, and for all rows the place of their split (3: in none)."""
    side = np.full(len(prepared.examples), len(SPLITS), np.uint8)
    for i, split in enumerate(SPLITS):
        side[prepared.splits[split]] = i
    return np.flatnonzero(side < len(SPLITS)), side


def _repeated(prepared: Prepared, name: str) -> Iterator[Finding]:
    """The same content more than once: within a split, across splits, under two labels."""
    rows, side = _used(prepared)
    groups = same_content(prepared.facts[name]["content"], rows)
    if not groups:
        return
    labels = [prepared.arrays[n] for n, c in prepared.targets.items() if c.type in SAID]
    within, across, two = [], [], []
    for group in groups:
        sides = side[group]
        if any(_other(label, group).any() for label in labels):
            two.append(group)
        if (sides != sides[0]).any():
            across.append(group[np.argsort(sides, kind="stable")])
        for i in np.unique(sides):
            if (sides == i).sum() > 1:
                within.append(group[sides == i])
    what = clean(name)
    if two:
        cases = number_of(len(two), "case")
        said = f"the same {what} has two labels in {cases}: {{}}; correct or remove one of each"
        yield _pairs(prepared, "warning", "two-labels", two, said, count=len(two), labelled=True)
    if across:
        count = sum(len(group) - int((side[group] == side[group].min()).sum()) for group in across)
        said = (
            f"{number_of(count, f'{what} is', f'{what}s are')} in two splits: {{}}; scores on them prove "
            "nothing, so remove the copies"
        )
        yield _pairs(prepared, "warning", "duplicates-across", across, said, count=count)
    if within:
        count = sum(len(group) - 1 for group in within)
        said = (
            f"{number_of(count, f'{what} is', f'{what}s are')} there more than once in the same split: {{}}"
        )
        yield _pairs(prepared, "note", "duplicates", within, said, count=count)


def _alike(prepared: Prepared, name: str) -> Iterator[Finding]:
    """Pictures of one colour, and near-duplicates across splits."""
    used, side = _used(prepared)
    pictures = prepared.arrays[name]
    hashes, blank = perceptual_hashes(pictures, used)
    if blank.any():
        names = tuple(shown(prepared.examples.name(int(row))) for row in used[blank][:FIRST])
        count = int(blank.sum())
        what = number_of(count, "picture")
        if getattr(prepared.inputs[name], "fit", "") == "ink":
            message = (
                f"no ink was found in {what}: {listed(names, count)}; look at them, or choose another fit"
            )
        else:
            message = f"{what} of a single colour: {listed(names, count)}; look at them, and remove them"
        yield Finding("warning", "blank", message, names, count)
    seen = ~blank
    rows, hashes = used[seen], hashes[seen]
    if len(np.unique(side[rows])) < 2:
        return
    pairs = rows[near_pairs(hashes, side[rows])]
    content = prepared.facts[name]["content"]
    pairs = pairs[content[pairs[:, 0]] != content[pairs[:, 1]]]
    pairs = pairs[look_the_same(pictures, pairs, alikeness(pictures, rows, hashes))]
    if len(pairs):
        first = np.take_along_axis(pairs, np.argsort(side[pairs], axis=1, kind="stable"), axis=1)
        count = len(np.unique(first[:, 1]))
        said = (
            f"{number_of(count, 'picture looks', 'pictures look')} the same as one of another split, as if "
            "saved again: {}; look at them, and remove the copies"
        )
        yield _pairs(prepared, "warning", "near-duplicates", list(first), said, count=count)


def _other(values: Rows, group: Array) -> Array:
    """Return which rows of a group have another value than its first one."""
    found = values.take(group).reshape(len(group), -1)
    other: Array = (found != found[0]).any(axis=1)
    return other


def _pairs(
    prepared: Prepared,
    level: Level,
    code: str,
    groups: list[Array],
    said: str,
    *,
    count: int,
    labelled: bool = False,
) -> Finding:
    """Return a finding about groups of rows; of the first groups, two rows that say why are named."""
    said_of = [n for n, c in prepared.targets.items() if c.type in SAID]

    def called(row: int, target: str | None) -> str:
        name = shorten(shown(prepared.examples.name(row)), 60)
        if target is not None:
            column = prepared.targets[target]
            classes = getattr(column, "classes", None)
            if classes:
                label = classes[int(prepared.arrays[target].take(np.array([row]))[0])]
            else:
                label = prepared.examples.table[column.source or target][row]
            name += f" ({shorten(clean(label), 30)})"
        return name

    names = []
    for group in groups[:FIRST]:
        one, other, differing = int(group[0]), int(group[-1]), None
        for target in said_of if labelled else ():
            differs = _other(prepared.arrays[target], group)
            if differs.any():
                other, differing = int(group[int(differs.argmax())]), target
                break
        names.append(f"{called(one, differing)} = {called(other, differing)}")
    return Finding(level, code, said.replace("{}", listed(names, len(groups), each=200)), tuple(names), count)


def _sizes(prepared: Prepared, name: str) -> Sizes:
    rows, _ = _used(prepared)
    facts = prepared.facts[name]
    width, height = facts["width"][rows].astype(np.int64), facts["height"][rows].astype(np.int64)
    sizes, counts = np.unique((width << 32) | height, return_counts=True)
    modes, each = np.unique(facts["mode"][rows], return_counts=True)
    pairs = np.stack([sizes >> 32, sizes & 0xFFFFFFFF], axis=1)
    by_area = np.argsort(pairs.prod(axis=1), kind="stable")
    middle = by_area[np.searchsorted(np.cumsum(counts[by_area]), (len(rows) + 1) // 2)]
    common = np.argsort(-counts, kind="stable")[:MOST_SIZES]
    order = np.argsort(-each, kind="stable")

    def size(i: int) -> tuple[int, int]:
        return int(pairs[i, 0]), int(pairs[i, 1])

    return Sizes(
        column=name,
        common=tuple((*size(i), int(counts[i])) for i in common.tolist()),
        different=len(sizes),
        smallest=size(int(by_area[0])),
        middle=size(int(middle)),
        largest=size(int(by_area[-1])),
        modes={modes[i].decode("ascii", "replace") or "?": int(each[i]) for i in order.tolist()},
    )
