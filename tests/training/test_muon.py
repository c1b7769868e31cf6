"""Muon: against that of torch, for every kind of layer, and what it leaves to AdamW."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from hornbook.networks.ensemble import Several
from hornbook.training.muon import matrices, orthogonal
from hornbook.training.optimizer import make_optimizer

RATE, DECAY, MOMENTUM = 0.1, 0.2, 0.9


class Layered(nn.Module):
    """A network in the three parts of ours."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.inputs = nn.Embedding(9, 6)
        self.body = nn.Sequential(nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, 5))
        self.heads = nn.Linear(5, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        found: Tensor = self.heads(self.body(self.inputs(tokens)))
        return found


def moved(network: nn.Module, given: list[Tensor], name: str = "muon") -> nn.Module:
    """Take some steps on given inputs."""
    optimizer = make_optimizer(network, name, RATE, DECAY, MOMENTUM)
    for one in given:
        optimizer.zero_grad()
        network(one).square().mean().backward()
        optimizer.step()
    return network


def given(*shape: int, steps: int = 3) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(shape, generator=generator) for _ in range(steps)]


@pytest.mark.parametrize("shape", [(8, 6), (6, 8), (3, 40), (40, 3), (5, 5), (4, 1)], ids=str)
@pytest.mark.parametrize("low", [False, True])
def test_all_directions_of_an_orthogonal_one_are_about_equally_long(
    shape: tuple[int, int], low: bool
) -> None:
    with torch.autocast("cpu", torch.bfloat16, enabled=low):
        found = orthogonal(given(*shape)[0])
    assert found.dtype == torch.float32
    lengths = torch.linalg.svdvals(found)
    assert lengths.min() > 0.6 and lengths.max() < 1.3


def test_a_gradient_of_zeros_moves_nothing() -> None:
    assert torch.equal(orthogonal(torch.zeros(3, 4)), torch.zeros(3, 4))


@pytest.mark.parametrize("layer", [(6, 8), (8, 6)], ids=str)
def test_it_moves_as_the_one_of_torch_does(layer: tuple[int, int]) -> None:
    """That one computes in bfloat16: in the same direction and equally far, to some parts of a hundred."""
    torch.manual_seed(0)
    ours, theirs = nn.Linear(*layer, bias=False), nn.Linear(*layer, bias=False)
    before = ours.weight.detach().clone()
    theirs.load_state_dict(ours.state_dict())
    other = torch.optim.Muon(theirs.parameters(), RATE, DECAY, MOMENTUM, adjust_lr_fn="match_rms_adamw")
    for one in given(5, layer[0]):
        other.zero_grad()
        theirs(one).square().mean().backward()
        other.step()  # type: ignore[no-untyped-call]
    moved(ours, given(5, layer[0]))
    ways = [(net.weight.detach() - before).flatten() for net in (ours, theirs)]
    assert torch.nn.functional.cosine_similarity(ways[0], ways[1], dim=0) > 0.99
    assert float(ways[0].norm()) == pytest.approx(float(ways[1].norm()), rel=0.03)


def test_a_convolution_is_one_matrix() -> None:
    torch.manual_seed(0)
    conv, dense = nn.Conv2d(2, 5, 3, bias=False), nn.Linear(18, 5, bias=False)
    conv.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    dense.weight.data.copy_(conv.weight.data.flatten(1))
    moved(conv, given(4, 2, 3, 3))
    moved(dense, [one.flatten(1) for one in given(4, 2, 3, 3)])
    assert torch.allclose(conv.weight.flatten(1), dense.weight, atol=1e-5)


def test_layers_side_by_side_are_a_matrix_each() -> None:
    torch.manual_seed(0)
    layers = [nn.Linear(3, 4, bias=False) for _ in range(2)]
    together = moved(Several(layers), given(6, 3))
    for number, layer in enumerate(layers):
        moved(layer, given(6, 3))
        assert torch.allclose(together.weight[number].T, layer.weight, atol=1e-5)  # type: ignore[index]


def test_embeddings_heads_biases_and_norms_are_moved_by_adamw() -> None:
    tokens = [torch.arange(9)]
    muon, adamw = moved(Layered(), tokens), moved(Layered(), tokens, "adamw")
    same = {
        n for (n, p), q in zip(muon.named_parameters(), adamw.parameters(), strict=True) if torch.equal(p, q)
    }
    assert {n for n, _ in muon.named_parameters()} - same == {"body.0.weight", "body.2.weight"}
    assert [p.shape for p in matrices(Layered())[0]] == [(8, 6), (5, 8)]
