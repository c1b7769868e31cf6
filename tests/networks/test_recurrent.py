"""Recurrent networks and bags: padding changes nothing, states go on where they were, files answer as modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from hornbook.columns.text.column import TextColumn
from hornbook.columns.text.network import TextInput, lengths
from hornbook.errors import RecipeError
from hornbook.networks.bag import BagNet
from hornbook.networks.families import build_network
from hornbook.networks.recurrent import RecurrentNet
from hornbook.recipe.networks_sequence import Bag, Gru, Lstm, Recurrent, Rnn
from tests.networks.make import exported

KINDS: list[Callable[..., Recurrent]] = [Rnn, Lstm, Gru]
CASES = [
    pytest.param(kind(units=5, layers=2, bidirectional=both, pool=pool), id=f"{kind.__name__}-{both}-{pool}")
    for kind in KINDS
    for both in (False, True)
    for pool in ("last", "mean", "max")
]


def padded() -> tuple[Tensor, list[int]]:
    torch.manual_seed(1)
    steps = torch.randn(3, 7, 4)
    steps[1, 4:] = 0
    steps[2, 1:] = 0
    return steps, [7, 4, 1]


def test_a_step_of_zeros_inside_is_no_end() -> None:
    steps = torch.tensor([[[1.0], [0.0], [2.0], [0.0]]])
    assert lengths(steps).tolist() == [3]


@pytest.mark.parametrize("options", CASES)
@pytest.mark.parametrize("sequence", [False, True])
def test_a_row_is_the_same_alone_and_padded_in_a_batch(options: Recurrent, sequence: bool) -> None:
    torch.manual_seed(0)
    net = RecurrentNet((0, 4), options, sequence).eval()
    steps, real = padded()
    together = net(steps)
    for i, length in enumerate(real):
        alone = net(steps[i : i + 1, :length])
        mine = together[i : i + 1, :length] if sequence else together[i : i + 1]
        assert torch.allclose(alone, mine, atol=1e-6)
        if sequence:
            assert not together[i, length:].any()


@pytest.mark.parametrize("options", CASES[::3])
def test_the_file_answers_as_the_module_at_any_length_and_batch(options: Recurrent) -> None:
    torch.manual_seed(0)
    net = RecurrentNet((0, 4), options).eval()
    in_file = exported(net, [padded()[0]], {"x": [0, 1], "y": [0]})
    for shape in ((3, 7, 4), (1, 2, 4), (5, 11, 4), (2, 1, 4)):
        steps = torch.randn(shape)
        steps[0, shape[1] // 2 + 1 :] = 0
        assert np.abs(in_file(steps) - net(steps).detach().numpy()).max() < 1e-5


@pytest.mark.parametrize("kind", KINDS)
def test_states_go_on_where_they_were(kind: Callable[..., Recurrent]) -> None:
    net = RecurrentNet((0, 4), kind(units=5, layers=2), sequence=True).eval()
    steps = torch.randn(2, 6, 4)
    whole, _ = net.steps(steps, net.start(steps))
    first, states = net.steps(steps[:, :2], net.start(steps))
    rest, _ = net.steps(steps[:, 2:], states)
    assert torch.allclose(whole, torch.cat([first, rest], 1), atol=1e-6)


def test_parameters_are_counted_as_in_a_textbook() -> None:
    def count(net: nn.Module) -> int:
        return sum(p.numel() for p in net.parameters())

    assert count(RecurrentNet((0, 10), Lstm(units=20))) == 4 * (20 * (10 + 20) + 2 * 20)
    assert count(RecurrentNet((0, 10), Gru(units=20, bidirectional=True))) == 2 * 3 * (
        20 * (10 + 20) + 2 * 20
    )


def bag(**options: Any) -> tuple[TextInput, BagNet]:
    column = TextColumn(tokenizer="words").learn(["a b c d e f g", "b c d"])
    torch.manual_seed(0)
    reads = TextInput(column, 6, numbers=True)
    return reads, BagNet(
        reads.shape, Bag(buckets=512, features=3, windows=(2, 3), filters=4, **options)
    ).eval()


@pytest.mark.parametrize("prepared", [False, True])
def test_a_bag_is_the_same_alone_and_padded(prepared: bool) -> None:
    reads, net = bag(ngrams=3)
    numbers = torch.tensor([[2, 3, 4, 5, 6], [7, 0, 0, 0, 0], [4, 2, 0, 0, 0]])
    for conv in net.convs:
        nn.init.constant_(conv.bias, 9)  # type: ignore[arg-type]
        nn.init.constant_(conv.weight, -1)  # type: ignore[arg-type]
    if prepared:
        net.prepare(reads(numbers))
    together = net(reads(numbers))
    for i, length in enumerate((5, 1, 2)):
        assert torch.allclose(net(reads(numbers[i : i + 1, :length])), together[i : i + 1], atol=1e-6)


def test_dropped_tokens_are_unknown_ones_while_training() -> None:
    column = TextColumn(tokenizer="words", marks=True).learn(["a b c"])
    reads = TextInput(column, 3, numbers=True, dropout=0.5)
    numbers = torch.tensor([[2, 3, 4, 5, 2, 0, 0]] * 400)
    seen = reads(numbers)[..., 0]
    assert set(seen[:, 1:4].unique().tolist()) == {1, 3, 4, 5}
    assert float((seen[:, 1:4] == 1).float().mean()) == pytest.approx(0.5, abs=0.06)
    assert torch.equal(seen[:, [0, 4, 5, 6]], numbers[:, [0, 4, 5, 6]].float())
    assert torch.equal(reads.eval()(numbers)[..., 0], numbers.float())


def test_a_bag_knows_the_order_of_its_ngrams_only() -> None:
    reads, net = bag(ngrams=2)
    net.convs = nn.ModuleList()
    same = [net(reads(torch.tensor([row]))) for row in ([2, 3, 2, 4], [2, 4, 2, 3], [2, 2, 3, 4])]
    assert not torch.allclose(same[0], same[2])
    one, alike = BagNet(reads.shape, Bag(ngrams=1, buckets=512)).eval(), torch.tensor([[2, 3, 4], [4, 3, 2]])
    found = one(reads(alike))
    assert torch.allclose(found[0], found[1], atol=1e-6)


def test_rare_ngrams_weigh_more() -> None:
    reads, net = bag(ngrams=1)
    numbers = torch.tensor([[2, 3], [2, 0], [2, 0], [2, 4]])
    net.prepare(reads(numbers))
    often, once = (float(net.rarity[net._bucket(torch.tensor([n]), 1)]) for n in (2, 3))
    assert often == pytest.approx(1.0)
    assert once == pytest.approx(np.log(5 / 2) + 1)


def test_the_file_of_a_bag_has_the_same_buckets() -> None:
    class Whole(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.reads, self.net = bag(ngrams=5)

        def forward(self, numbers: Tensor) -> Tensor:
            found: Tensor = self.net(self.reads(numbers))
            return found

    whole = Whole().eval()
    in_file = exported(whole, [torch.ones(2, 4, dtype=torch.long)], {"x": [0, 1], "y": [0]})
    for shape in ((1, 1), (3, 9)):
        numbers = torch.randint(0, 8, shape)
        assert np.abs(in_file(numbers) - whole(numbers).detach().numpy()).max() < 1e-5


def test_what_a_family_is_not_for_is_said() -> None:
    with pytest.raises(RecipeError, match='"bag" knows no order'):
        build_network(Bag(), (0, 5), sequence=True)
