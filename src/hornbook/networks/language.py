"""The graphs of what is read or written step by step: language models, and answers of free length.

A language model: besides what follows the text, how likely the text was, and the states to go on from.

Its inputs are the numbers of the tokens and the states before them (zeros at the start); its outputs the target's
probabilities, the log-probability of every token given those before it, and the states after the last one. So text
is judged in one run of the graph, and written a token at a time without reading what is there again.

An answer of free length (a ``sequence`` target): the graph has two halves. One reads the inputs, and gives a memory of
them. The other writes: given the memory, the token before and the state, it says what token comes next, where it looked
and the state after it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hornbook.columns.sequence.column import END
from hornbook.columns.sequence.network import AttentionHead
from hornbook.columns.text.network import TextHead
from hornbook.networks.model import Answering, Graph, Network, NovelGraph
from hornbook.networks.novelty import AnyNovelty
from hornbook.networks.recurrent import RecurrentNet

__all__ = ["DecodingGraph", "LanguageGraph", "is_language_model", "make_graph", "writes"]


class LanguageGraph(Graph):
    """What is exported of a language model.

    Attributes
    ----------
    states
        The shapes of the states, without rows.
    """

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.inputs = network.inputs
        ((_, head),) = network.heads.items()
        assert isinstance(network.body, RecurrentNet)
        assert isinstance(head, TextHead)
        self.body, self.head, self.has_code = network.body, head, False
        self.states = self.body.states

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Return probabilities, log-probabilities and states; ``given`` are numbers and states."""
        numbers, *states = given
        ((_, reads),) = self.inputs.items()
        unit = reads.unit(numbers)
        features, after = self.body.steps(reads(unit), states)
        return self.head.outputs(features), self.head.followed(features, unit), *after


class DecodingGraph(Graph):
    """What is exported of a network that writes answers of free length.

    Attributes
    ----------
    decoder
        How many numbers a step of the memory has, and the units of the state.
    """

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.net, self.has_code = network, False
        ((_, head),) = network.heads.items()
        assert isinstance(head, AttentionHead)
        self.head = head
        self.decoder = (head.features + head.key, head.units)

    def start(self, rows: int) -> tuple[Tensor, ...]:
        """Return the token before the first, a memory of three steps, and the state before it."""
        assert self.decoder is not None
        width, units = self.decoder
        return torch.full((rows, 1), END), torch.ones((rows, 3, width)), torch.zeros((rows, 1, units))

    def read(self, *encoded: Tensor) -> Tensor:
        """Return the memory of encoded inputs, (rows, steps, features and keys)."""
        unit = self.net.unit(dict(zip(self.net.columns, encoded, strict=True)))
        return self.head.packed(self.head.remember(self.head(self.net.body_of(unit))))

    def write(self, previous: Tensor, memory: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what comes next, where it looked, and the state; shapes of `hornbook.columns.sequence.write.Step`."""
        found, attention, after = self.head.step(previous[:, 0], self.head.unpacked(memory), state[:, 0])
        return found, attention, after[:, None]

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Return probabilities, the memory, the attention and the state, of inputs and what `start` has."""
        *encoded, previous, memory, state = given
        found, attention, after = self.write(previous, memory, state)
        return found, self.read(*encoded), attention, after


def writes(network: Network) -> bool:
    """Return whether a network writes answers of free length."""
    return any(isinstance(h, AttentionHead) for _, h in network.heads.items())


def is_language_model(network: Network) -> bool:
    """Return whether a network says what follows a text, step by step."""
    return isinstance(network.body, RecurrentNet) and any(
        isinstance(h, TextHead) for _, h in network.heads.items()
    )


def make_graph(network: Answering, novelty: AnyNovelty | None = None, block: Sequence[str] = ()) -> Graph:
    """Return what is exported of a network, or of trees: a copy in evaluation mode, on the processor.

    ``novelty`` says beside the answers how unlike the examples a row is; ``block`` are numbers that it takes as one.
    """
    copied = copy.deepcopy(network)
    if isinstance(copied, nn.Module):
        copied.cpu().eval()
    if isinstance(copied, Network) and is_language_model(copied):
        return LanguageGraph(copied)
    if isinstance(copied, Network) and writes(copied):
        return DecodingGraph(copied)
    if isinstance(copied, Network) and novelty is not None:
        return NovelGraph(copied, novelty, block)
    return Graph(copied, block)
