"""The head of a ``sequence`` target: a recurrent decoder that looks at the steps of the input (attention).

Bahdanau, Cho and Bengio 2015 (arXiv:1409.0473): before each token is written, every step of the input is weighed by how
well it fits the state of the decoder (their equations 5 and 6, and appendix A.1.2), and the weighted mean is read
together with the token before. Features of the whole are one step.
"""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.calibration import temperature
from hornbook.columns.network import SoftmaxHead
from hornbook.columns.sequence.column import END, PADDING, SequenceColumn

__all__ = ["AttentionHead"]

FEWEST, MOST = 32, 256
"""Units of the decoder: as many as the features, within these bounds."""

EMBEDDING, KEY = 64, 64
"""Length of a token's vector, and of what a step of the input is compared by, at most."""

AT_ONCE = 256
"""Rows that are decoded at a time outside training."""

CALIBRATED_ON = 1000
"""Validation rows that the temperature is found on."""

NEVER = -1e9
"""Energy of a step that is padding."""


class Memory(NamedTuple):
    """What is looked at: features of the input's steps and their keys, and what is added to the energy of each step."""

    features: Tensor
    keys: Tensor
    off: Tensor


class AttentionHead(SoftmaxHead):
    """A recurrent decoder with attention; raw values are the features of the input's steps, (rows, steps, F)."""

    wants: ClassVar[Literal["vector", "sequence", "either"]] = "either"

    def __init__(self, column: SequenceColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.size, self.longest = column.outputs, column.shape[0]
        self.features, self.units = features[-1], min(max(features[-1], FEWEST), MOST)
        vector = min(EMBEDDING, self.units)
        self.embedding = nn.Embedding(self.size, vector, padding_idx=PADDING)
        self.begin = nn.Linear(self.features, self.units)
        self.key = min(KEY, self.units)
        self.keys = nn.Linear(self.features, self.key, bias=False)
        self.query = nn.Linear(self.units, self.key)
        self.energy = nn.Linear(self.key, 1, bias=False)
        self.cell = nn.GRU(vector + self.features, self.units, batch_first=True)
        self.mix = nn.Linear(self.units + self.features + vector, self.units)
        self.dense = nn.Linear(self.units, self.size - 1)  # padding is never written

    def forward(self, features: Tensor) -> Tensor:
        """Return the features of each step; those of the whole are one."""
        return features[:, None] if features.dim() == 2 else features

    # The parts of a step.

    def remember(self, raw: Tensor) -> Memory:
        """Return what is looked at; steps that are padding have features of zeros."""
        raw = raw.float()
        return Memory(raw, self.keys(raw), _off(raw))

    def packed(self, memory: Memory) -> Tensor:
        """Return a memory as the graph gives it, (rows, steps, F + key)."""
        return torch.cat([memory.features, memory.keys], -1)

    def unpacked(self, packed: Tensor) -> Memory:
        """Return the memory again."""
        features = packed[..., : self.features]
        return Memory(features, packed[..., self.features :], _off(features))

    def start(self, memory: Memory) -> Tensor:
        """Return the state before the first token, (rows, units), from the mean of all steps that are there."""
        there = (memory.off == 0).float().sum(1, keepdim=True)
        return torch.tanh(self.begin(memory.features.sum(1) / there.clamp_min(1)))

    def attend(self, state: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return the weighted mean of the features, (rows, F), and the weights, (rows, steps)."""
        fit = torch.tanh(memory.keys + self.query(state)[:, None])
        weights = torch.softmax(self.energy(fit)[..., 0] + memory.off, 1)
        return torch.bmm(weights[:, None], memory.features)[:, 0], weights

    def advance(self, embedded: Tensor, memory: Memory, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what is known before a token is written, the state, and the attention."""
        context, weights = self.attend(state, memory)
        _, after = self.cell(torch.cat([embedded, context], -1)[:, None], state[None])
        return torch.cat([after[0], context, embedded], -1), after[0], weights

    def logits(self, known: Tensor) -> Tensor:
        """Return logits of every token but padding."""
        out: Tensor = self.dense(torch.tanh(self.mix(known)))
        return out

    def step(self, previous: Tensor, memory: Memory, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the probabilities of the next token, (rows, tokens), the attention, and the state after it.

        ``previous``, (rows,), are the tokens before; `END` begins an answer, and then ``state`` is not looked at.
        """
        state = torch.where((previous == END)[:, None], self.start(memory), state)
        known, after, weights = self.advance(self.embedding(previous), memory, state)
        return self.probabilities(self.logits(known)), weights, after

    def probabilities(self, logits: Tensor) -> Tensor:
        """Return probabilities with a 0 for padding."""
        return F.pad(torch.softmax(logits / self.temperature, -1), (1, 0))

    # Learning: each token is foretold from the true ones before it.

    def taught(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return logits of each token given the true ones before it, (rows, tokens, size - 1)."""
        memory = self.remember(raw)
        before = F.pad(truth[:, :-1].long(), (1, 0), value=END)
        state, known = self.start(memory), []
        for embedded in self.embedding(before).unbind(1):
            found, state, _ = self.advance(embedded, memory, state)
            known.append(found)
        return self.logits(torch.stack(known, 1))

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean cross-entropy of all tokens, ends among them (nats a token)."""
        total, count = raw.new_zeros(()).float(), 0
        for some, wanted in self._parts(raw, truth):
            asked = wanted != PADDING
            logits = self.taught(some, wanted)[asked]
            total = total + F.cross_entropy(
                logits, wanted[asked] - 1, label_smoothing=smoothing, reduction="sum"
            )
            count += len(logits)
        return total / max(count, 1)

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return how many whole answers are right where the likeliest token is taken at each step.

        An answer is right so if and only if each token is the likeliest after the true ones before it.
        """
        right = raw.new_zeros((), dtype=torch.long)
        with torch.no_grad():
            for some, wanted in self._parts(raw, truth):
                best = self.taught(some, wanted).argmax(-1) + 1
                right = right + ((best == wanted) | (wanted == PADDING)).all(1).sum()
        return right

    def _parts(self, raw: Tensor, truth: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return rows and their truths without common padding; outside training some at a time."""
        step = len(raw) if torch.is_grad_enabled() else AT_ONCE
        parts = [
            (raw[at : at + step], truth[at : at + step].long()) for at in range(0, len(raw), max(step, 1))
        ]
        return [(some, w[:, : max(int((w != PADDING).sum(1).max()), 1)]) for some, w in parts]

    def scored(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the likeliest token after the true ones before it, with its probability, as the column scores it.

        Whole answers are right there if and only if they are so when they are written token by token.
        """
        out = torch.zeros((len(raw), 1, truth.shape[1], 2))
        at = 0
        for some, wanted in self._parts(raw, truth):
            sure, best = self.probabilities(self.taught(some, wanted)).max(-1)
            asked = wanted != PADDING
            here = out[at : at + len(some), 0, : wanted.shape[1]]
            here[..., 0], here[..., 1] = (best * asked).cpu(), (sure * asked).cpu()
            at += len(some)
        return out

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the answers that are written by the likeliest token at each step, (rows, 1, longest + 1, 2)."""
        memory = self.remember(raw)
        state = self.start(memory)
        previous = torch.full_like(memory.off[:, 0], END).long()
        going, out = torch.ones_like(previous), []
        for _ in range(self.longest):
            found, _, state = self.step(previous, memory, state)
            sure, previous = found.max(-1)
            out.append(torch.stack([(previous * going).float(), sure * going], -1))
            going = going * (previous != END).long()
        return torch.stack(out, 1)[:, None]

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Set the temperature, by the tokens of some validation rows."""
        rows = torch.from_numpy(np.ascontiguousarray(raw[:CALIBRATED_ON])).to(self.temperature.device)
        truths = torch.from_numpy(np.ascontiguousarray(truth[:CALIBRATED_ON])).to(rows.device)
        self.temperature.fill_(1.0)
        if not len(rows):
            return
        logits, wanted = [], []
        with torch.no_grad():
            for some, true in self._parts(rows, truths):
                asked = true != PADDING
                logits.append(self.taught(some, true)[asked].cpu().numpy())
                wanted.append(true[asked].cpu().numpy() - 1)
        self.temperature.fill_(temperature(np.concatenate(logits), np.concatenate(wanted)))


def _off(features: Tensor) -> Tensor:
    """Return 0 for each step that is there, and for padding what makes its weight 0, (rows, steps)."""
    return torch.where((features != 0).any(-1), 0.0, NEVER)
