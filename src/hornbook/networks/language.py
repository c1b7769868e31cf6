"""The graph of a language model: besides what follows the text, how likely the text was, and the states to go on from.

Its inputs are the numbers of the tokens and the states before them (zeros at the start); its outputs the target's
probabilities, the log-probability of every token given those before it, and the states after the last one. So text
is judged in one run of the graph, and written a token at a time without reading what is there again.
"""

from __future__ import annotations

import copy

from torch import Tensor, nn

from hornbook.columns.text.network import TextHead
from hornbook.networks.model import Answering, Graph, Network, NovelGraph
from hornbook.networks.novelty import Novelty
from hornbook.networks.recurrent import RecurrentNet

__all__ = ["LanguageGraph", "is_language_model", "make_graph"]


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
        self.body, self.head = network.body, head
        self.states = self.body.states

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Return probabilities, log-probabilities and states; ``given`` are numbers and states."""
        numbers, *states = given
        ((_, reads),) = self.inputs.items()
        unit = reads.unit(numbers)
        features, after = self.body.steps(reads(unit), states)
        return self.head.outputs(features), self.head.followed(features, unit), *after


def is_language_model(network: Network) -> bool:
    """Return whether a network says what follows a text, step by step."""
    return isinstance(network.body, RecurrentNet) and any(
        isinstance(h, TextHead) for _, h in network.heads.items()
    )


def make_graph(network: Answering, novelty: Novelty | None = None) -> Graph:
    """Return what is exported of a network, or of trees: a copy in evaluation mode, on the processor.

    ``novelty`` says beside the answers how unlike the examples a row is.
    """
    copied = copy.deepcopy(network)
    if isinstance(copied, nn.Module):
        copied.cpu().eval()
    if isinstance(copied, Network) and is_language_model(copied):
        return LanguageGraph(copied)
    if isinstance(copied, Network) and novelty is not None:
        return NovelGraph(copied, novelty)
    return Graph(copied)
