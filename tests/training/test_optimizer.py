"""The optimizers against those of torch: the same bits."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from hornbook.training.optimizer import Optimizer, make_optimizer


class Odd(nn.Module):
    """A network of which a part is used in every other step only."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.norm, self.dense = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2)
        self.fixed = nn.Parameter(torch.ones(2), requires_grad=False)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.dense(self.norm(self.conv(pictures)).mean((2, 3)))
        return out


def torch_optimizer(network: nn.Module, name: str, momentum: float) -> torch.optim.Optimizer:
    learned = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learned if p.dim() > 1], "weight_decay": 0.1},
        {"params": [p for p in learned if p.dim() <= 1], "weight_decay": 0.0},
    ]
    if name == "sgd":
        return torch.optim.SGD(groups, lr=0.1, momentum=momentum, nesterov=momentum > 0, fused=True)
    return torch.optim.AdamW(groups, lr=0.1, betas=(0.9, 0.99), fused=True)


def train(network: nn.Module, optimizer: Optimizer | torch.optim.Optimizer, first: int, steps: int) -> None:
    for step in range(first, first + steps):
        pictures = torch.rand((5, 3, 6, 6), generator=torch.Generator().manual_seed(step))
        for group in optimizer.param_groups:
            group["lr"] = 0.1 / (1 + step)
        optimizer.zero_grad()
        network(pictures).square().mean().backward()
        optimizer.step()


@pytest.mark.parametrize(("name", "momentum"), [("adamw", 0.0), ("sgd", 0.0), ("sgd", 0.9)])
def test_every_bit_is_that_of_torch_also_after_going_on(name: str, momentum: float) -> None:
    ours, theirs = Odd(), Odd()
    mine = make_optimizer(ours, name, 0.1, 0.1, momentum)
    train(ours, mine, 0, 4)
    again = make_optimizer(ours, name, 0.1, 0.1, momentum)
    again.load_state_dict(mine.state_dict())
    train(ours, again, 4, 3)
    train(theirs, torch_optimizer(theirs, name, momentum), 0, 7)
    for (key, one), other in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        assert torch.equal(one, other), key


def test_what_has_no_gradient_stays() -> None:
    network = Odd()
    optimizer = make_optimizer(network, "adamw", 0.1, 0.1, 0.0)
    before = {n: p.clone() for n, p in network.named_parameters()}
    network.dense(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    moved = {n for n, p in network.named_parameters() if not torch.equal(p, before[n])}
    assert moved == {"dense.weight", "dense.bias"}


def test_state_of_other_parameters_is_refused() -> None:
    other = make_optimizer(nn.Linear(3, 2), "adamw", 0.1, 0.1, 0.0)
    with pytest.raises((ValueError, RuntimeError)):
        make_optimizer(Odd(), "adamw", 0.1, 0.1, 0.0).load_state_dict(other.state_dict())


def test_training_does_not_load_the_compiler() -> None:
    code = (
        "import sys, tempfile, hornbook\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    hornbook.train('iris', run=folder + '/run', changes=['training.epochs=2'])\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"
