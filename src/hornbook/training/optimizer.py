"""The optimizers: AdamW and SGD, one fused kernel of PyTorch a step for all parameters of a group, and Muon.

The first two give the bits of `torch.optim.AdamW` and `torch.optim.SGD` with ``fused=True`` (a test compares them).
Those cost more than the arithmetic where networks are small: the first one made in a process loads the compiler
`torch._dynamo`, 1.5 s of every training, and each step sorts the parameters by device and type again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from hornbook.training import muon

BETAS = (0.9, 0.99)
"""What is kept of the moments from one step of AdamW to the next; the second one is that of short trainings."""


class Optimizer:
    """Parameters in groups, each with a learning rate ``lr`` and a ``weight_decay``, and what is remembered of each.

    Parameters
    ----------
    groups
        Each with ``params``, ``weight_decay``, the ``kernel`` that moves them, and how many ``moments`` of the shape
        of a parameter that keeps. It is called with parameters, their gradients, their moments and the count of steps,
        and with ``lr`` and ``weight_decay``.
    learning_rate
        To begin with; set ``param_groups[i]["lr"]`` before a step.
    """

    def __init__(self, groups: Iterable[Mapping[str, Any]], learning_rate: float) -> None:
        self.param_groups: list[dict[str, Any]] = [{**g, "lr": learning_rate} for g in groups]
        self.set_learning_rate(learning_rate)
        first = next((p for g in self.param_groups for p in g["params"]), torch.zeros(()))
        self.steps = torch.zeros((), device=first.device)
        self.moments = [
            [[torch.zeros_like(p) for p in g["params"]] for _ in range(g["moments"])]
            for g in self.param_groups
        ]

    def set_learning_rate(self, learning_rate: float) -> None:
        """Take a learning rate from the next step on."""
        for group in self.param_groups:
            group["lr"] = learning_rate * group.get("factor", 1.0)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
        self.steps += 1
        for group, moments in zip(self.param_groups, self.moments, strict=True):
            parameters: list[Tensor] = group["params"]
            gradients = [p.grad for p in parameters if p.grad is not None]
            if len(gradients) < len(parameters):  # a part of the network that this batch did not use
                used = [i for i, p in enumerate(parameters) if p.grad is not None]
                parameters = [parameters[i] for i in used]
                moments = [[moment[i] for i in used] for moment in moments]
            if parameters:
                rates = {"lr": group["lr"], "weight_decay": group["weight_decay"]}
                group["kernel"](parameters, gradients, moments, self.steps, **rates)

    def state_dict(self) -> dict[str, Any]:
        """Return all that is remembered, as tensors and numbers in lists."""
        rates = [group["lr"] for group in self.param_groups]
        return {"steps": self.steps, "moments": self.moments, "rates": rates}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state_dict` gave.

        Raises
        ------
        ValueError, RuntimeError, KeyError
            It is of other parameters.
        """
        self.steps.copy_(state["steps"])
        for group, rate in zip(self.param_groups, state["rates"], strict=True):
            group["lr"] = rate
        for mine, theirs in zip(self.moments, state["moments"], strict=True):
            for some, others in zip(mine, theirs, strict=True):
                for tensor, other in zip(some, others, strict=True):
                    tensor.copy_(other)


def _adamw(
    parameters: list[Tensor],
    gradients: list[Tensor],
    moments: list[list[Tensor]],
    steps: Tensor,
    **rates: float,
) -> None:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101)."""
    first, second = moments
    known = {"beta1": BETAS[0], "beta2": BETAS[1], "eps": 1e-8, "amsgrad": False, "maximize": False}
    each = [steps] * len(parameters)
    torch._fused_adamw_(parameters, gradients, first, second, [], each, **known, **rates)  # type: ignore[call-overload]


def _sgd(
    parameters: list[Tensor],
    gradients: list[Tensor],
    moments: list[list[Tensor]],
    steps: Tensor,
    momentum: float,
    **rates: float,
) -> None:
    """Gradient descent, with Nesterov momentum where there is any (Sutskever et al. 2013)."""
    known = {"momentum": momentum, "nesterov": momentum > 0, "dampening": 0.0}
    known |= {"maximize": False, "is_first_step": False}
    torch._fused_sgd_(parameters, gradients, *(moments or [[]]), **known, **rates)  # type: ignore[call-overload]


def make_optimizer(
    network: nn.Module,
    name: str,
    learning_rate: float,
    decay: float,
    momentum: float,
    factors: Mapping[nn.Parameter, float] = MappingProxyType({}),
) -> Optimizer:
    """Return the optimizer, ``adamw``, ``sgd`` or ``muon``, of a network's weights that learn.

    Weights of two and more dimensions decay; biases and norms have nothing to gain from it. Muon is for what turns
    features into features; the heads, embeddings, recurrent layers, biases and norms are moved as by AdamW.

    Examples
    --------
    >>> layer = nn.Linear(2, 1)
    >>> optimizer = make_optimizer(layer, "sgd", learning_rate=0.1, decay=0.0, momentum=0.0)
    >>> before = layer.bias.item()
    >>> layer(torch.ones(1, 2)).sum().backward()
    >>> optimizer.step()
    >>> round(before - layer.bias.item(), 4)
    0.1
    """
    learned = [p for p in network.parameters() if p.requires_grad]
    left = {id(p): p for p in learned if p.dim() > 1}
    groups: list[dict[str, Any]] = []
    if name == "muon":
        for weights, side_by_side in zip(muon.matrices(network), (False, True), strict=True):
            params = [left.pop(id(w)) for w in weights if id(w) in left]
            kernel = partial(muon.move, momentum=momentum, side_by_side=side_by_side)
            groups.append({"params": params, "weight_decay": decay, "kernel": kernel, "moments": 1})
    rule: dict[str, Any] = {"kernel": _adamw, "moments": 2}
    if name == "sgd":
        rule = {"kernel": partial(_sgd, momentum=momentum), "moments": int(momentum > 0)}
    for factor in sorted({factors.get(p, 1.0) for p in learned}, reverse=True):
        some = [p for p in learned if factors.get(p, 1.0) == factor]
        params = [p for p in some if id(p) in left]
        groups.append({"params": params, "weight_decay": decay, "factor": factor, **rule})
        params = [p for p in some if p.dim() <= 1]
        groups.append({"params": params, "weight_decay": 0.0, "factor": factor, **rule})
    return Optimizer([g for g in groups if g["params"]], learning_rate)
