"""``hornbook look --run``: what a trained run finds strange in the examples, and what its codes show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hornbook.cli.terminal import needs_torch, note
from hornbook.common.files import write_file
from hornbook.common.plaintext import clean, number_of, percent
from hornbook.common.safe_names import shown
from hornbook.errors import UsageError

if TYPE_CHECKING:
    from hornbook.checks.findings import Finding
    from hornbook.checks.wrong_labels import Doubt
    from hornbook.columns.base import Array
    from hornbook.common.blocks import Block
    from hornbook.examples.prepare import Prepared
    from hornbook.training.run import Run

FOLDS = 5

NAMED = 10
"""Rows that are named in a terminal."""

TABLE = "labels.csv"


def look_with(
    run: Run, prepared: Prepared, out: Path, way: str = "pca", like: Sequence[str] = ()
) -> tuple[list[Finding], list[Block]]:
    """Return what a run finds strange and what its codes show.

    Of classes: labels that are likely wrong, and rows nearly the same in two splits. Of codes: a map made in a ``way``,
    neighbours, those of ``like``, and the odd ones out. Prints what was found in some lines.
    """
    from hornbook.cli.look_codes import look_at_codes
    from hornbook.recipe.networks_memory import Memory

    names = prepared.targets.items()
    target = next((n for n, c in names if c.class_names() and not prepared.arrays[n].shape[1:]), None)
    shown_by_codes = look_at_codes(run.recognizer, prepared, way, like)
    if target is not None and not isinstance(run.recipe.network, Memory):  # it learns from one class alone
        findings, blocks = _labels(run, prepared, target, out)
        return findings, [*blocks, *(shown_by_codes or [])]
    if shown_by_codes is None:
        raise UsageError(
            f"--run {shown(run.path)}: labels are judged where a target is a class, codes are of networks, and this "
            "run has neither; leave it out"
        )
    return [], list(shown_by_codes)


def _labels(run: Run, prepared: Prepared, target: str, out: Path) -> tuple[list[Finding], list[Block]]:
    """Return labels that are likely wrong, and rows that are nearly the same in two splits.

    Prints the first labels, and writes all rows, the likeliest first, into a table.
    """
    needs_torch("look --run")
    from hornbook.checks.wrong_labels import doubts, nearly_the_same, out_of_fold
    from hornbook.examples.split import fold_of
    from hornbook.recipe.networks import Boosting
    from hornbook.report.wrong_labels import section
    from hornbook.training.kept_features import features_of_run, trees_out_of_fold

    recipe = run.recipe
    rows = np.sort(np.concatenate(list(prepared.splits.values())))
    if len(rows) < 2 * FOLDS:
        raise UsageError(
            f"--run: {number_of(len(rows), 'row')} are too few to judge labels by; {2 * FOLDS} are enough"
        )
    truth = prepared.arrays[target].take(rows).astype(np.int64)
    classes = prepared.targets[target].class_names() or ()
    by = prepared.targets[target].source or target
    folds = fold_of(prepared.examples, FOLDS, recipe.split, by if recipe.split.group is None else None)[rows]
    near: list[tuple[int, int]] = []
    if isinstance(recipe.network, Boosting):
        probabilities = trees_out_of_fold(run, prepared, target, rows, folds)
    else:
        features = features_of_run(run, prepared, rows)
        probabilities = out_of_fold(features, truth, folds)
        if any(column.shows for column in prepared.inputs.values()):
            near = nearly_the_same(features, _sides(prepared, rows))
    ordered = doubts(probabilities, truth, rows)
    found = [doubt for doubt in ordered if doubt.margin < 0]
    _write(out / TABLE, ordered, classes, prepared)
    _say(found, len(rows), classes, prepared, out / TABLE)
    return _near(near, rows, prepared), [section(found, len(rows), classes, target, prepared.examples.name)]


def _sides(prepared: Prepared, rows: Array) -> Array:
    """Return the split of each row, as a number."""
    sides = np.zeros(len(prepared.examples), np.uint8)
    for place, some in enumerate(prepared.splits.values()):
        sides[some] = place
    return sides[rows]


def _near(pairs: Sequence[tuple[int, int]], rows: Array, prepared: Prepared) -> list[Finding]:
    """Return a finding about rows that are nearly the same in two splits."""
    from hornbook.checks.findings import Finding
    from hornbook.columns.summary import FIRST
    from hornbook.common.plaintext import listed

    if not pairs:
        return []
    names = []
    for pair in pairs[:FIRST]:
        one, other = (shown(prepared.examples.name(int(rows[place]))) for place in pair)
        names.append(f"{one} ~ {other}")
    said = (
        f"{number_of(len(pairs), 'pair')} of rows in two splits are nearly the same to the network: "
        f"{listed(tuple(names), len(pairs), each=200)}; where they are of one thing, scores on them prove nothing: "
        "keep them together with split.group"
    )
    return [Finding("warning", "nearly-the-same", said, tuple(names), len(pairs))]


def _say(found: Sequence[Doubt], rows: int, classes: Sequence[str], prepared: Prepared, path: Path) -> None:
    """Print the labels that are likely wrong."""
    if not found:
        print(f"labels that are likely wrong: none of {number_of(rows, 'row')}")
        return
    print(f"labels that are likely wrong: {len(found):,} of {number_of(rows, 'row')}, the likeliest first")
    for doubt in found[:NAMED]:
        name = shown(prepared.examples.name(doubt.row))
        given, other = clean(classes[doubt.given]), clean(classes[doubt.other])
        print(f"  {name}  {given}, likelier {other} ({percent(doubt.confidence, 0)})")
    if len(found) > NAMED:
        print(f"  and {len(found) - NAMED:,} more")
    note(f"all rows, the likeliest first: {path}")


def _write(path: Path, ordered: Sequence[Doubt], classes: Sequence[str], prepared: Prepared) -> None:
    """Write all rows into a table."""
    import polars as pl

    table = pl.DataFrame(
        {
            "name": [prepared.examples.name(d.row) for d in ordered],
            "row": [d.row + 1 for d in ordered],
            "label": [classes[d.given] for d in ordered],
            "likelier": [classes[d.other] for d in ordered],
            "probability": [round(d.confidence, 4) for d in ordered],
            "margin": [round(d.margin, 4) for d in ordered],
            "doubted": [d.margin < 0 for d in ordered],
        }
    )
    write_file(path, table.write_csv().encode("utf-8", "surrogatepass"), do="name another folder with --out")
