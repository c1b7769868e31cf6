"""The families ``rnn``, ``lstm`` and ``gru``: recurrent layers over sequences of any length, padded at the end.

Only rows with lengths of their own (texts) are padded; windows of a series are all as long as each other. A padded
step is one of all zeros (`hornbook.networks.inputs`). What is at the end of a row changes nothing: going forward it is
not read before the last real step, going backward each row is turned round by its own length, so that the first step
that is read is its last real one. That is plain arithmetic, so that the graph keeps any number of rows and steps, and
it is faster than packed sequences on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hornbook.columns.text.network import lengths
from hornbook.networks.layers import Shape

if TYPE_CHECKING:
    from hornbook.recipe.networks_sequence import Recurrent

KINDS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def inside(length: Tensor, steps: int) -> Tensor:
    """Return which of so many steps of each row are no padding, (rows, steps)."""
    return torch.arange(steps, device=length.device) < length[:, None]


def turned(sequence: Tensor, length: Tensor | None) -> Tensor:
    """Return each row with its real steps in the other order, the padding (if there is any) where it was.

    >>> turned(torch.tensor([[[1.0], [2.0], [0.0]]]), torch.tensor([2])).ravel().tolist()
    [2.0, 1.0, 0.0]
    """
    if length is None:
        return sequence.flip(1)
    places = torch.arange(sequence.shape[1], device=sequence.device)[None]
    source = torch.where(inside(length, sequence.shape[1]), length[:, None] - 1 - places, places)
    return sequence.gather(1, source[..., None].expand(-1, -1, sequence.shape[2]))


class RecurrentNet(nn.Module):
    """Recurrent layers: from (rows, steps, F) to (rows, steps, units) or, of the whole, (rows, units).

    Parameters
    ----------
    shape
        Of one row, (steps, F); 0 steps where rows are of different lengths, and padded.
    options
        The section ``[network]``.
    sequence
        Whether each step's features are wanted; where a row is padded they are zeros.
    """

    def __init__(self, shape: tuple[int, ...], options: Recurrent, sequence: bool = False) -> None:
        super().__init__()
        self.options, self.sequence, self.free = options, sequence, not shape[0]
        kind = KINDS[options.kind]
        ways = 1 + options.bidirectional
        sizes = [shape[1], *[options.units * ways] * (options.layers - 1)]
        self.forwards = nn.ModuleList(kind(size, options.units, batch_first=True) for size in sizes)
        self.backwards = nn.ModuleList(
            kind(size, options.units, batch_first=True) for size in (sizes if options.bidirectional else ())
        )
        self.drop = nn.Dropout(options.dropout)
        self.units = options.units * ways
        self.features: tuple[int, ...] = (shape[0], self.units) if sequence else (self.units,)
        if options.kind == "lstm":
            self._remember()

    def _remember(self) -> None:
        """Let each cell keep what it holds at the start: a bias of 1 of the forget gate (Jozefowicz et al. 2015)."""
        for layer in [*self.forwards, *self.backwards]:
            n = self.options.units
            with torch.no_grad():
                layer.bias_ih_l0[n : 2 * n] = 1
                layer.bias_hh_l0[n : 2 * n] = 0

    def forward(self, sequence: Tensor) -> Tensor:
        """Return the features of each step or of the whole."""
        return self.steps(sequence, self.start(sequence))[0]

    @property
    def states(self) -> list[tuple[int, ...]]:
        """The shapes of what is carried from one step to the next, without rows."""
        kinds = 2 if self.options.kind == "lstm" else 1
        return [(self.options.layers, self.options.units)] * kinds

    def start(self, sequence: Tensor) -> list[Tensor]:
        """Return the states before the first step: zeros, (rows, layers, units)."""
        return [sequence.new_zeros((sequence.shape[0], *shape)) for shape in self.states]

    def steps(self, sequence: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Go on from states, and return features and the states after the last step that was given."""
        length = lengths(sequence) if self.free else None
        after: list[list[Tensor]] = []
        carried = [state.transpose(0, 1).contiguous() for state in states]
        for i, forwards in enumerate(self.forwards):
            sequence = self.drop(sequence)
            before = [state[i : i + 1] for state in carried]
            found, last = forwards(sequence, tuple(before) if len(before) > 1 else before[0])
            after.append(list(last) if isinstance(last, tuple) else [last])
            if len(self.backwards):
                zero = [torch.zeros_like(state) for state in before]
                back = turned(sequence, length)
                back, _ = self.backwards[i](back, tuple(zero) if len(zero) > 1 else zero[0])
                found = torch.cat([found, turned(back, length)], -1)
            sequence = found  # padded steps hold anything: no real one comes after them
        sequence = self.drop(sequence)
        states = [torch.cat(parts).transpose(0, 1) for parts in zip(*after, strict=True)]
        if not self.sequence:
            sequence = self._whole(sequence, length)
        elif length is not None:
            sequence = sequence * inside(length, sequence.shape[1])[..., None]
        return sequence, states

    def _whole(self, sequence: Tensor, length: Tensor | None) -> Tensor:
        """Return one vector for each row."""
        if length is not None:
            return self._padded(sequence, length) * (length > 0)[:, None]
        if self.options.pool == "last":
            parts = [sequence[:, -1, : self.options.units], sequence[:, 0, self.options.units :]]
            return torch.cat(parts, -1) if len(self.backwards) else parts[0]
        return sequence.mean(1) if self.options.pool == "mean" else sequence.amax(1)

    def _padded(self, sequence: Tensor, length: Tensor) -> Tensor:
        """Return the same where rows have lengths of their own: what is at their ends is left out."""
        there = inside(length, sequence.shape[1])[..., None]
        if self.options.pool == "mean":
            return (sequence * there).sum(1) / length.clamp_min(1)[:, None]
        if self.options.pool == "max":
            return sequence.masked_fill(~there, torch.finfo(sequence.dtype).min).amax(1)
        place = (length - 1).clamp_min(0)[:, None, None].expand(-1, -1, self.options.units)
        parts = [sequence[..., : self.options.units].gather(1, place)[:, 0]]
        if len(self.backwards):
            parts.append(sequence[:, 0, self.options.units :])
        return torch.cat(parts, -1)


def recurrent(shape: Shape, options: Recurrent, sequence: bool = False) -> tuple[nn.Module, Shape]:
    """Return recurrent layers and the shape of their features."""
    net = RecurrentNet(shape, options, sequence)
    return net, net.features
