"""The input of a ``series`` column, a window, and its head: the values to come, as a difference to what is known.

What the network says is added to the last value, or to that of a season ago, inside the graph. The last layer begins
with zeros, so that a network that has learned nothing says just that value.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from hornbook.columns.base import Array, Column
from hornbook.columns.network import Head, Input, Solved
from hornbook.columns.series.column import LAST, SEASONAL, TRUE, SeriesColumn
from hornbook.columns.series.linear.fit import fit, residuals
from hornbook.columns.series.linear.fixed import known
from hornbook.columns.series.linear.ranges import ranges
from hornbook.common.plaintext import number_of
from hornbook.errors import RecipeError

FEW = 19
"""Windows that a range of 95 % needs."""

AHEAD = 24
"""Steps of which a range is learned, at least."""


class SeriesInput(Input):
    """A window, standardized. No step is ever padding, for all windows have the same length."""

    keeps: ClassVar[bool] = True

    mean: Tensor
    std: Tensor

    def __init__(self, column: SeriesColumn) -> None:
        super().__init__()
        steps, columns = column.shape
        self.log, self.relative = column.log, column.relative == "last"
        self.register_buffer("mean", torch.tensor(column.mean or [0.0] * columns))
        self.register_buffer("std", torch.tensor(column.std or [1.0] * columns))
        self.shape = (steps, columns)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return the window as it is, ``float32`` of shape (rows, steps, columns)."""
        return encoded.float()

    def forward(self, unit: Tensor) -> Tensor:
        """Return (rows, steps, columns)."""
        values = unit.log() if self.log else unit
        if self.relative:
            values = values - values[:, -1:]
        return (values - self.mean) / self.std


class SeriesHead(Head):
    """Raw is (rows, 2, horizon): what the network says, standardized, and what it is a difference to."""

    looks: ClassVar[bool] = True

    mean: Tensor
    std: Tensor
    margin: Tensor

    def __init__(self, column: SeriesColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.column = column
        steps = column.outputs
        self.dense = nn.Linear(math.prod(features), steps)
        nn.init.zeros_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)
        self.register_buffer("mean", torch.tensor(column.mean or [0.0] * steps))
        self.register_buffer("std", torch.tensor(column.std or [1.0] * steps))
        self.place = 0
        self.register_buffer("margin", torch.full((steps,), math.nan))
        self.further: tuple[float, ...] | None = None

    def look_at(self, name: str, inputs: Mapping[str, Column]) -> str | None:
        """Return the input with the last value; None where none is needed, RecipeError where none has it."""
        column = self.column
        if column.relative == "none":
            return None
        (wanted,) = column.sources(name)
        for other, window in inputs.items():
            if isinstance(window, SeriesColumn) and wanted in window.sources(other):
                if column.relative == "season" and window.window < (column.season or 0):
                    raise RecipeError(
                        f"inputs.{other}.length is {window.window}, and targets.{name} is relative to the value "
                        f"{column.season} rows ago: use a length of {column.season} or more"
                    )
                self.place = window.sources(other).index(wanted)
                return other
        raise RecipeError(
            f"targets.{name} is relative to the {column.relative} value of {wanted!r}, which is in no input: add it "
            'to the columns of one, or set relative = "none"'
        )

    def forward(self, features: Tensor, window: Tensor | None = None) -> Tensor:
        """Return raw, from the features and the window in the user's units, (rows, steps, columns)."""
        said = self.dense(features).float()
        if window is None:
            return torch.stack([said, torch.zeros_like(said)], 1)
        known = self._moved(window[..., self.place])
        steps = torch.arange(self.column.outputs, device=said.device)
        if self.column.relative == "season":
            season = self.column.season or 1
            known = known[:, known.shape[1] - season + steps % season]
        else:
            known = known[:, -1:].expand(-1, self.column.outputs)
        return torch.stack([said, known], 1)

    def _moved(self, values: Tensor) -> Tensor:
        return values.log() if self.column.log else values

    def solve(
        self, name: str, inputs: Mapping[str, Column], encoded: Mapping[str, Array], truth: Array
    ) -> Solved:
        """Set the weights of the dense layer, whose features are the window as the network sees it.

        Raises
        ------
        RecipeError
            There is no one window with the column that is foretold, or it is seen otherwise than the target is.
        """
        where, window = self._own_window(name, inputs)
        place = window.sources(where).index(self.column.sources(name)[0])
        values, true = (self._logs(v.astype(np.float64)) for v in (encoded[where], truth))
        found = fit(
            values[..., place],
            true[:, TRUE],
            self.column.season or 1,
            window.relative == "none",
            self.column.log,
        )
        base = {"none": 0 * true[:, TRUE], "last": true[:, LAST], "season": true[:, SEASONAL]}[
            self.column.relative
        ]
        mean, std = (np.asarray(m.cpu(), np.float64) for m in (self.mean, self.std))
        apart = self._base(window.window)
        middle, spread = np.asarray(window.mean, np.float64)[place], np.asarray(window.std, np.float64)[place]
        weights = found.weights - apart
        with torch.no_grad():
            each = torch.zeros(len(std), *window.shape, dtype=torch.float64)
            each[..., place] = torch.from_numpy((weights * spread / std).T)
            self.dense.weight.copy_(each.flatten(1))
            self.dense.bias.copy_(torch.from_numpy((found.bias + middle * weights.sum(0) - mean) / std))
        base = base[-len(found.foretold) :]
        raw = np.stack([(found.foretold - base - mean) / std, base], 1)
        ahead = residuals(found, values[..., place], true[:, TRUE], self._steps_ahead(len(raw)))
        self.further = ranges(ahead.T / std[-1])[len(std) :] or None
        counts = sorted(found.counts.items(), key=lambda item: -item[1])
        told = ", ".join(f"{100 * count:.0f} % {what}" for what, count in counts if count >= 0.005)
        if len(raw) < FEW:
            told += f"; its ranges are rough, as they are of {number_of(len(raw), 'window')}"
        return Solved(raw.astype(np.float32), told)

    def _steps_ahead(self, judged: int) -> int:
        """Return of how many steps a range is learned: two seasons, or as many as can be judged by some windows."""
        return min(max(2 * (self.column.season or 1), AHEAD), max(self.column.outputs, judged // 3))

    def _own_window(self, name: str, inputs: Mapping[str, Column]) -> tuple[str, SeriesColumn]:
        """Return the one input, which holds the column that is foretold."""
        windows = SeriesColumn.among(inputs)
        if len(inputs) != 1 or not windows:
            raise RecipeError(
                'network.name = "autoregression" reads one window of a series: leave the other inputs out, or use '
                '"lstm"'
            )
        ((where, window),) = windows.items()
        (wanted,) = self.column.sources(name)
        if wanted not in window.sources(where):
            raise RecipeError(
                f"targets.{name}: autoregression foretells a column from its own last rows, and {wanted!r} is not "
                f"among the columns of inputs.{where}: add it"
            )
        if window.relative == "last" and self.column.relative == "none":
            raise RecipeError(
                f'inputs.{where}.relative is "last", so how high the values are is not seen: set it to "none", or '
                f'targets.{name}.relative to "last"'
            )
        if window.log != self.column.log:
            raise RecipeError(
                f"targets.{name}.log is {str(self.column.log).lower()} and inputs.{where}.log is not: set both alike"
            )
        return where, window

    def _base(self, length: int) -> Array:
        """Return what the answer is a difference to, as weights of the window."""
        if self.column.relative == "none":
            return np.zeros((length, self.column.outputs))
        return known(self.column.relative, length, self.column.outputs, self.column.season or 1)

    def _logs(self, values: Array) -> Array:
        return np.log(values) if self.column.log else values

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Keep the range that the residuals of the validation rows ask for."""
        residuals = raw[:, 0] - self.wanted(torch.from_numpy(truth)).cpu().numpy()
        found = self.column.with_margin(residuals).margin
        self.margin.copy_(torch.tensor(found or [math.nan] * self.column.outputs))

    def calibrated(self, column: SeriesColumn) -> SeriesColumn:
        """Return the column with the range, for the recognizer's file."""
        found = self.margin.tolist()
        margin = None if math.isnan(found[0]) else tuple(found)
        return dataclasses.replace(column, margin=margin, further=self.further if margin else None)

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        state_dict.setdefault(f"{prefix}margin", self.margin)  # a run of before there were ranges
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def wanted(self, truth: Tensor) -> Tensor:
        """Return what the network is to say, standardized, (rows, steps)."""
        base = {"none": None, "last": LAST, "season": SEASONAL}[self.column.relative]
        wanted = self._moved(truth[:, TRUE].float())
        if base is not None:
            wanted = wanted - self._moved(truth[:, base].float())
        return (wanted - self.mean.to(wanted)) / self.std.to(wanted)

    def prepared(self, truth: Tensor) -> Tensor:
        """Return truths as `loss` and `metric_sum` take them."""
        return truth.float()

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean squared error, standardized."""
        return ((raw[:, 0] - self.wanted(truth)) ** 2).mean()

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the sum over the batch of the mean absolute error over the steps, in the user's units."""
        return (self.outputs(raw) - truth[:, TRUE]).abs().mean(1).sum()

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the values to come in the user's units, (rows, horizon)."""
        found = raw[:, 1] + raw[:, 0] * self.std.to(raw) + self.mean.to(raw)
        return found.exp() if self.column.log else found
