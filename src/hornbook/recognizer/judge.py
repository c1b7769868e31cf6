"""Judging a recognizer on rows whose targets are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Attended, Judged, evaluate_on
from hornbook.columns.evaluations import Evaluations
from hornbook.columns.spoiled import JUDGED, read_spoiled
from hornbook.columns.summary import spread
from hornbook.columns.text.column import joined
from hornbook.examples.prepare import Prepared
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.signature import LOGS, together

MOST_QUOTED = 200
"""Characters of a text, or of the cells of a row, that are quoted."""

SHOWN = 8
"""Written answers of which it is shown where it looked."""

FEW = 16
"""Rows of a language model: the logits of every step are held at once."""


def judge(reader: Graph, prepared: Prepared, split: str, top: int) -> Evaluations:
    """Return an evaluation for each target, see `hornbook.Recognizer.evaluate`."""
    most = min((m for c in reader.targets.values() if (m := c.most_judged) is not None), default=None)
    judged, train = (
        rows if most is None else spread(rows, most)
        for rows in (prepared.splits[split], prepared.splits["train"])
    )
    more = {n: prepared.unanswerable_of(n, split) for n in reader.targets}
    rows = np.unique(np.concatenate([judged, *more.values()])) if any(map(len, more.values())) else judged
    if reader.states:  # of a language model: how likely each text is, not what follows it
        outputs = {n: _log_probabilities(reader, prepared, rows) for n in reader.targets}
    else:
        outputs = reader.run_batches(len(rows), lambda a, b: _given(reader, prepared, rows[a:b]))
    out, names = Evaluations(), called(reader, prepared)
    for name, column in reader.targets.items():
        known = prepared.arrays[name].take(judged)
        # Of texts nothing is counted in those that are judged: it would foresee them.
        training = prepared.arrays[name].take(train) if len(train) else known[: 0 if reader.states else None]
        truths: Array | list[str] = known
        found, mine = outputs[name], np.concatenate([judged, more[name]])
        if len(rows) > len(judged):
            found = found[np.searchsorted(rows, mine)]
            truths = column.with_unanswerable(known, prepared.values_of(name, more[name]))
        given = _pictures(reader, prepared, mine)
        out[name] = evaluate_on(column, found, truths, Judged(name, split, training, names, mine, top, given))
        if reader.writing is not None:
            out[name] = out[name].with_attention(_attended(reader, prepared, judged[:SHOWN], names))
    return out


def _attended(reader: Graph, prepared: Prepared, rows: Array, names: Callable[[int], str]) -> list[Attended]:
    """Return where it looked while it wrote the answers to some rows."""
    writing, out = reader.writing, []
    assert writing is not None
    for row in rows.tolist():
        encoded = prepared.take(np.array([row]), reader.inputs)
        trimmed = {n: reader.inputs[n].trim(v) for n, v in encoded.items()}
        tokens, weights = writing.attention(trimmed)
        steps = [s for n, c in reader.inputs.items() for s in c.step_names(trimmed[n][0])]
        if weights.shape[1] < 2:  # features of the whole
            continue
        known = tuple(steps) if len(steps) == weights.shape[1] else ()
        rounded = tuple(tuple(round(float(w), 3) for w in line) for line in weights)
        out.append(Attended(row, names(row), known, tuple(tokens), rounded))
    return out


def _pictures(reader: Graph, prepared: Prepared, rows: Array) -> Callable[[Array], Array] | None:
    """Return what gives the pictures that some rows were answered from, by their places; None where these are none."""
    if reader.shown is None:
        return None
    name = reader.shown
    return lambda places: _given(reader, prepared, rows[places])[name]


def _given(reader: Graph, prepared: Prepared, rows: Array) -> dict[str, Array]:
    """Return the encoded inputs of some rows; spoiled as while training, where the target is the same picture."""
    found = prepared.take(rows, reader.inputs)
    for name, how in read_spoiled(reader.about).items():
        if name in found:
            found[name] = how.spoiled(found[name], seed=JUDGED, epoch=JUDGED, rows=rows)
    return found


def called(reader: Graph, prepared: Prepared) -> Callable[[int], str]:
    """Return what names a row: its file, or its number and what it is answered from."""
    examples = prepared.examples
    cells = {n: c.source or n for n, c in reader.inputs.items() if c.in_cells}
    if examples.stores or not cells:
        return examples.name
    table = examples.table.select(list(dict.fromkeys(cells.values())))
    if reader.reads_text:
        texts = table.to_series()
        return lambda row: f"row {row + 1}: {joined(texts[row])[:MOST_QUOTED]}"

    def valued(row: int) -> str:
        known = ((name, value) for name, value in table.row(row, named=True).items() if value is not None)
        said = ", ".join(f"{n} {f'{v:.10g}' if isinstance(v, float) else v}" for n, v in known)
        return f"row {row + 1}: {said[:MOST_QUOTED]}"

    return valued


def _log_probabilities(reader: Graph, prepared: Prepared, rows: Array) -> Array:
    """Return how likely each token of some rows is, given all before it, ``(rows, steps)``."""
    parts = []
    for at in range(0, len(rows), FEW):
        encoded = prepared.take(rows[at : at + FEW], reader.inputs)
        trimmed = {n: reader.inputs[n].trim(v) for n, v in encoded.items()}
        parts.append(reader.run_graph(trimmed, [LOGS])[LOGS])
    ((_, column),) = reader.inputs.items()
    found = together(parts) if parts else np.zeros((0, 1), np.float32)
    return np.pad(found, [(0, 0), (0, column.shape[0] - found.shape[1])])
