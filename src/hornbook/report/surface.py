"""What a model of two numbers says at every point of the plane, its decision surface, with the examples."""

from __future__ import annotations

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.charts import Plane
from hornbook.examples.prepare import Prepared
from hornbook.recognizer import Recognizer

SIDE = 120
"""Points of the plane across and down."""

MOST_POINTS = 400
"""Examples that are drawn, spread evenly over the training rows."""


def surfaces(recognizer: Recognizer, prepared: Prepared) -> tuple[Plane, ...]:
    """Return the surface of each target, where the inputs are two numbers; else none."""
    inputs = list(recognizer.inputs.items())
    if len(inputs) != 2 or not all(c.numeric for _, c in inputs):
        return ()
    train = prepared.splits["train"]
    columns = [prepared.arrays[n].take(train).astype(np.float64) for n, _ in inputs]
    kept = np.isfinite(columns[0]) & np.isfinite(columns[1])
    if not kept.any():
        return ()
    (left, right), (low, high) = (_room(values[kept]) for values in columns)
    x, y = np.meshgrid(np.linspace(left, right, SIDE), np.linspace(low, high, SIDE))
    encoded = {n: v.ravel().astype(c.dtype) for (n, c), v in zip(inputs, (x, y), strict=True)}
    outputs = recognizer.run_batches(SIDE * SIDE, lambda a, b: {n: v[a:b] for n, v in encoded.items()})
    rows = np.flatnonzero(kept)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(MOST_POINTS, len(rows))).astype(np.int64))]
    out = []
    for name, column in recognizer.targets.items():
        truth = prepared.arrays[name].take(train[rows]).astype(np.float64)
        points = np.stack([columns[0][rows], columns[1][rows], truth], 1)
        given = outputs[name]
        classes, sure = column.class_names() or (), None
        if classes:
            values, sure = given.argmax(1), given.max(1).reshape(SIDE, SIDE)
        elif column.numeric:
            values = given[:, 0]
        else:
            continue
        across, up = (n for n, _ in inputs)
        answered = values.reshape(SIDE, SIDE).astype(np.float64)
        out.append(Plane(name, across, up, (left, right, low, high), answered, sure, classes, points))
    return tuple(out)


def _room(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    gap = 0.15 * (high - low) or abs(high) * 0.1 or 1.0
    return low - gap, high + gap
